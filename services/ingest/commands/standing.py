"""What is recorded that a command meets: the acts on a family of provisions, a fact by its event, where the code began."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa

from events.changes import DocumentLettered, ProvisionChange
from events.envelope import Recorded
from events.errors import Conflict, NotFound
from events.knowing_better import Correctable, FactCorrected, FactRetracted, LaterKnowledge
from events.store import event_by_id, events_by_ids, events_of
from services.ingest.knowledge import KnownChange, KnownFact, as_it_stands
from services.ingest.tables import known_change, known_fact
from services.law.fold import Act

Family = tuple[str, str]
"""A kind and an outermost reference: the provisions that can bear on one another."""

c, f = known_change.c, known_fact.c


class UnknownEvent(NotFound):
    """The code has no such event, instrument or version."""

    problem = "unknown-event"


class NotCorrectable(Conflict):
    """The event tells no fact that stands and can turn out otherwise; the message says which event to name instead."""


class Standing(NamedTuple):
    """A fact as it stands: its key, what is known of it, and the fact itself."""

    key: str
    known: KnownFact
    fact: Correctable


def began(connection: sa.Connection, code: str) -> date | None:
    """The first legal day of the code, null while nothing dated is recorded of it."""
    days = [
        connection.scalar(sa.select(sa.func.min(f.since)).where(f.code == code)),
        connection.scalar(sa.select(sa.func.min(c.effective)).where(c.code == code)),
    ]
    return min((day for day in days if day is not None), default=None)


def changes(connection: sa.Connection, code: str, *where: sa.ColumnElement[bool]) -> list[KnownChange]:
    """The changes recorded of a code that fit, as they stand, in the order recorded."""
    rows = connection.execute(sa.select(known_change).where(c.code == code, *where).order_by(c.event_id))
    return [KnownChange._make(getattr(row, name) for name in KnownChange._fields) for row in rows]


def acts(connection: sa.Connection, code: str, families: Iterable[Family]) -> dict[Family, list[Act]]:
    """Every act on each of the families, as it stands: on ranges of families too, and on what got that letter since."""
    lettered, found = letters(connection, code), {}
    for family in families:
        kind, root = lettered.get(family[1], family) if family[0] == "document" else family
        own = _acts(connection, code, kind, [root, ""])
        for slug, letter in lettered.items():
            if letter == (kind, root):
                own += [replace(each, ref=root) for each in _acts(connection, code, "document", [slug])]
        found[family] = own
    return found


def letters(connection: sa.Connection, code: str) -> dict[str, Family]:
    """The letter or number that each document by title has got, by its slug."""
    own = sa.select(f.told_by).where(f.code == code, f.key.startswith("lettering/", autoescape=True))
    told = [fact_in(each) for each in events_by_ids(connection, connection.scalars(own).all()).values()]
    return {fact.document: (fact.kind, fact.ref) for fact in told if isinstance(fact, DocumentLettered)}


def _acts(connection: sa.Connection, code: str, kind: str, roots: list[str]) -> list[Act]:
    rows = changes(connection, code, c.kind == kind, c.root.in_(roots))
    told = events_by_ids(connection, {each.event_id for each in rows} | {each.told_by for each in rows})
    return [act(each, fact_in(told[each.told_by]), told[each.event_id].position) for each in rows]


def act(known: KnownChange, fact: Any, position: int) -> Act:  # noqa: ANN401 - a change, or the code's designation
    """A recorded change as an act of law."""
    change = fact if isinstance(fact, ProvisionChange) else None
    placed = change.provision.partition("/")[2] if change and change.provision else fact.ref
    return Act(
        id=known.event_id,
        position=position,
        effective=known.effective,
        action=fact.action,
        ref=placed,
        version=fact.version,
        spec=change.spec if change else None,
        spec_version=change.spec_version if change else None,
        alongside=change.alongside if change else False,
        exclusions=change.exclusions if change else (),
        cancelled=known.cancelled,
    )


def fact_in(recorded: Recorded) -> Correctable:
    """The fact that an event tells: its own, or the one it corrects another to."""
    event = recorded.event
    return event.fact if isinstance(event, FactCorrected) else event  # type: ignore[return-value]


def standing(connection: sa.Connection, code: str, event_id: str) -> Standing:
    """The fact of that event as it stands; NotCorrectable where it is later knowledge, was withdrawn, or is no fact."""
    row = connection.execute(sa.select(known_fact).where(f.code == code, f.event_id == event_id)).first()
    recorded = event_by_id(connection, event_id)
    if recorded.code != code:
        raise UnknownEvent(f"event {event_id} is one of {recorded.code}, not of {code}")
    if row is None or row.key.startswith(("conflict/", "source/")):
        raise NotCorrectable(_why_not(connection, recorded))
    known = KnownFact._make(getattr(row, name) for name in KnownFact._fields)
    fact = as_it_stands(events_of(connection, recorded.stream), event_id)
    if fact is None:
        raise NotCorrectable(_why_not(connection, recorded))
    return Standing(row.key, known, fact)


def _why_not(connection: sa.Connection, recorded: Recorded) -> str:
    event = recorded.event
    if isinstance(event, LaterKnowledge):
        about = getattr(event, "supersedes", None) or getattr(event, "change", None)
        instead = f": name the fact it is about, event {about}" if about else ""
        return f"event {recorded.id} is a {event.type}, no fact of its own{instead}"
    for later in events_of(connection, recorded.stream):
        if isinstance(later.event, FactRetracted) and later.event.supersedes == recorded.id:
            return f"the fact of event {recorded.id} was withdrawn by event {later.id}, at position {later.position}"
    return f"event {recorded.id} is a {event.type}, which cannot turn out otherwise"


def named(connection: sa.Connection, code: str, key: str) -> Standing:
    """The fact that is known under a key; UnknownEvent where there is none."""
    event_id = connection.scalar(sa.select(f.event_id).where(f.code == code, f.key == key))
    if event_id is None:
        kind, _, name = key.partition("/")
        raise UnknownEvent(f"{code} has no {kind} {name[:80]!r}")
    return standing(connection, code, event_id)
