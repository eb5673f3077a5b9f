"""A contradiction that a command decides, as it stands: both claims, what is recorded now, and all else of its version."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from events.envelope import Recorded
from events.errors import NotFound
from events.facts import ModificationApproved, ModificationDirected
from events.knowing_better import Claim, ConflictNoted
from events.store import event_by_id, events_of
from services.ingest.commands.standing import Standing, named, standing
from services.ingest.documents import Titles
from services.ingest.knowledge import Known
from services.ingest.known import load_titles, recall
from services.ingest.tables import known_fact, source_document
from services.law.precedence import AS_WRITTEN

f = known_fact.c


class UnknownConflict(NotFound):
    """The code has no contradiction of that id."""

    problem = "unknown-conflict"


@dataclass(frozen=True, slots=True)
class Contested:
    """A contradiction: its id and stream, how it was noted or decided last, the fact that stands (null: none), the version
    that it belongs to and the facts of that, the titles of the code."""

    id: str
    stream: str
    noted: ConflictNoted
    stands: Standing | None
    version: Standing | None
    around: Sequence[Standing]
    titles: Titles


def contested(connection: sa.Connection, code: str, name: str) -> Contested:
    """The contradiction of that id as it stands; UnknownConflict where there is none, or where a decision of one is named."""
    try:
        first = event_by_id(connection, name)
    except NotFound:
        raise UnknownConflict(f"{code} has no conflict {name[:80]!r}") from None
    noted = _noted(connection, code, first)
    others = (~f.key.startswith(kind) for kind in ("conflict/", "source/", "proposal/"))
    keys = [f.version == (noted.version or ""), *others]
    ids = connection.execute(sa.select(f.key, f.event_id).where(f.code == code, *keys).order_by(f.event_id)).all()
    around = {key: standing(connection, code, event_id) for key, event_id in ids}
    # A correction may have given it another name since.
    about = next((key for key, event_id in ids if event_id == noted.recorded), noted.about)
    titles = Known(lambda event_id: recall(connection, event_id))
    load_titles(connection, code, titles)
    version = around.get(f"version/{noted.version}")
    rest = [each for key, each in around.items() if key != about]
    return Contested(first.id, first.stream, noted, around.get(about), version, rest, titles.titles)


def _noted(connection: sa.Connection, code: str, first: Recorded) -> ConflictNoted:
    event: Any = first.event
    if first.code != code or not isinstance(event, ConflictNoted | ModificationDirected | ModificationApproved):
        raise UnknownConflict(f"{code} has no conflict {first.id!r}: that is a {event.type} of {first.code}")
    if isinstance(event, ConflictNoted) and event.conflict is not None:
        raise UnknownConflict(f"event {first.id} decides conflict {event.conflict}: name that one")
    told = [each.event for each in events_of(connection, first.stream)]
    decided = [each for each in told if isinstance(each, ConflictNoted) and each.conflict == first.id]
    if decided:
        return decided[-1]
    return event if isinstance(event, ConflictNoted) else _as_written(connection, code, first)


def _as_written(connection: sa.Connection, code: str, first: Recorded) -> ConflictNoted:
    """An instrument whose base, as its source writes it, is not the version before its own."""
    stands = standing(connection, code, first.id)
    act: Any = stands.fact
    version: Any = named(connection, code, f"version/{act.version}").fact if act.version else None
    before = version.previous if version else None
    if not before or not act.base_version or act.base_inferred or act.base_version == before:
        raise UnknownConflict(
            f"{code} has no conflict {first.id!r}: the base of instrument {act.instrument} is undisputed"
        )
    chain = act.model_copy(update={"base_version": before, "base_inferred": True})
    source = named(connection, code, f"version/{before}").fact.source
    c = source_document.c
    kind = connection.scalar(sa.select(c.kind).where(c.sha256 == act.source.sha256)) if act.source else None
    common = {"code": code, "actor": act.actor, "effective": version.effective, "source": act.source}
    claims = (Claim(source=act.source, fact=act), Claim(source=source, fact=chain))
    kinds = (kind or "instrument", "chain")
    return ConflictNoted(
        **common,
        about=stands.key,
        recorded=first.id,
        version=act.version,
        claims=claims,
        used=0,
        rule=AS_WRITTEN,
        kinds=kinds,
    )
