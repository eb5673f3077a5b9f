"""What is told of an instrument's changes, and of its version, in streams that are not its own.

A caller who decides on an instrument has seen these too: the version of an instrument that `If-Match` names counts them.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa

from events.envelope import Sealed
from events.knowing_better import ChangeCancelled, ChangeRescheduled, FactCorrected, FactRetracted
from events.store import events_by_ids
from services.ingest.tables import known_fact, known_touch

LATER = frozenset(cls.__name__ for cls in (FactCorrected, FactRetracted, ChangeRescheduled, ChangeCancelled))
"""The events that tell more of a fact."""

PART = 500
c, f = known_touch.c, known_fact.c

_COUNT = sa.select(sa.func.count()).where(c.code == sa.bindparam("of_code"), c.instrument == sa.bindparam("named"))


class Touch(NamedTuple):
    """An instrument, and an event in another stream than its own that tells more of what it did."""

    instrument: str
    event_id: str


def count(connection: sa.Connection, code: str, instrument: str) -> int:
    """How often more was told of what the instrument did, in other streams than its own."""
    return connection.scalar(_COUNT, {"of_code": code, "named": instrument}) or 0


def touches(connection: sa.Connection, code: str, ready: Collection[Sealed]) -> list[Touch]:
    """What these events, which are about to be appended, tell of instruments whose own streams they leave as they are.

    The index still has to say what was known before them.
    """
    moved = {each.stream for each in ready}
    later = [(each, orjson.loads(each.entry)["event"]) for each in ready if each.type in LATER]
    firsts = [about(said) for _, said in later]
    before = {
        first: carried(fact)
        for start in range(0, len(firsts), PART)
        for first, fact in _stood(connection, code, firsts[start : start + PART])
    }
    found = {
        Touch(name, event.id)
        for event, said in later
        for name in (*before[about(said)], *carried(said.get("fact", {})))
        if f"{code}/instrument/{name}" not in moved
    }
    return sorted(found)


def keep(connection: sa.Connection, code: str, found: Sequence[Touch]) -> None:
    """Keeps what is told of instruments, in the append's transaction."""
    for start in range(0, len(found), PART):
        rows = [{"code": code, **each._asdict()} for each in found[start : start + PART]]
        connection.execute(sa.insert(known_touch), rows)


def about(said: Mapping[str, Any]) -> str:
    """The first event of the fact that later knowledge is about."""
    return str(said.get("supersedes") or said["change"])


def carried(fact: Mapping[str, Any]) -> tuple[str, ...]:
    """The instrument that a fact comes from, or those that a version carries."""
    return (fact["instrument"],) if fact.get("instrument") else tuple(fact.get("instruments", ()))


def _stood(connection: sa.Connection, code: str, firsts: list[str]) -> list[tuple[str, dict[str, Any]]]:
    """Each fact as its last correction, else its first event, says it."""
    own = sa.select(f.event_id, f.told_by).where(f.code == code, f.event_id.in_(firsts))
    told_by: dict[str, str] = {row.event_id: row.told_by for row in connection.execute(own)}
    told = events_by_ids(connection, {*firsts, *told_by.values()})
    said = {name: orjson.loads(each.entry)["event"] for name, each in told.items()}
    return [(first, said[told_by.get(first, first)].get("fact") or said[first]) for first in firsts]
