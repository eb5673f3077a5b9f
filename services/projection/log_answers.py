"""Answers about the log itself: its events, and how far each code is projected."""

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa

from events import store
from events.envelope import Recorded
from events.knowing_better import LaterKnowledge
from services.projection import followed
from services.projection.changes import names_it
from services.projection.generations import LIVE
from services.projection.known_rows import Body
from services.projection.publish.cursors import told
from services.projection.tables import checkpoint


def events(
    connection: sa.Connection,
    after: int,
    limit: int,
    types: Collection[str] | None,
    code: str | None,
    affected: str | None,
) -> list[Recorded]:
    """The first events after a position: of some classes, of one code, about one provision (null: all)."""
    found: list[Recorded] = []
    while len(found) < limit:
        page = store.read(connection, after, max(limit, 100), code=code, types=types)
        found += [recorded for recorded in page if affected is None or affects(recorded, affected)]
        if len(page) < max(limit, 100):
            break
        after = page[-1].position
    return found[:limit]


def event(connection: sa.Connection, event_id: str) -> Recorded:
    """One event by its id."""
    return store.event_by_id(connection, event_id)


class About(NamedTuple):
    """What an event is about: the provisions it names, as kind and reference, and what it leaves out of them."""

    provisions: tuple[tuple[str, str], ...]
    exclusions: tuple[str, ...]


def about(recorded: Recorded) -> About:
    """The provisions that an event is about; none for an event about a source, a version or an instrument."""
    happened = recorded.event
    fact: Any = getattr(happened, "fact", happened)
    return About(tuple(_named(recorded, fact)), tuple(getattr(fact, "exclusions", ())))


def touches(code: str, named: About, affected: str) -> bool:
    """Whether what an event of the code is about is a provision (`section/H`) or a part of it."""
    kind, _, ref = affected.partition("/")
    return any(
        own_kind == kind and names_it(code, kind, ref, own_ref, named.exclusions)
        for own_kind, own_ref in named.provisions
    )


def affects(recorded: Recorded, affected: str) -> bool:
    """Whether an event is about a provision (`section/H`) or a part of it."""
    return touches(recorded.code, about(recorded), affected)


def _named(recorded: Recorded, fact: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any event's class
    """The provision as written, the one it belongs to; later knowledge that names none is about its stream's."""
    if hasattr(fact, "kind") and hasattr(fact, "ref"):  # a source has a kind of its own
        yield fact.kind, fact.ref
    if getattr(fact, "provision", None):
        kind, _, ref = fact.provision.partition("/")
        yield kind, ref
    if isinstance(fact, LaterKnowledge):
        kind, _, ref = recorded.stream.removeprefix(f"{recorded.code}/").partition("/")
        yield kind, ref


def status(connection: sa.Connection) -> Body:
    """How far the log reaches, each code is projected and each channel has published; what stands still says why."""
    end = store.last_position(connection)
    rows = connection.execute(
        sa.select(checkpoint).where(checkpoint.c.generation == LIVE).order_by(checkpoint.c.code)
    ).all()
    read_to = next((row.position for row in rows if row.code == ""), 0)
    stopped = [row for row in rows if row.failed_at is not None]
    channels, mirrored = told(connection, end), followed.told(connection)
    failing = [each for each in channels if each["error"]]
    return {
        "log": {"position": end},
        "projection": {
            "position": read_to,
            "lag": end - read_to,
            "codes": [{"code": row.code, "position": row.position, "error": _failure(row)} for row in rows if row.code],
        },
        "channels": channels,
        "follow": mirrored,
        "healthy": not (stopped or failing or (mirrored and mirrored["alarm"])),
    }


def _failure(row: Any) -> Body | None:  # noqa: ANN401 - a row of checkpoint
    return {"position": row.failed_at, "why": row.failure} if row.failed_at is not None else None
