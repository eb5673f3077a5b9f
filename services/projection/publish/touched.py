"""Which provisions of a code the events and the days since a place touch: too many rather than one too few."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from events.envelope import Recorded
from events.errors import NotFound
from events.knowing_better import TookEffect
from services.projection.known_rows import changes_where
from services.projection.point import Point, point_at
from services.projection.publish.cursors import Place
from services.projection.publish.neighbours import Name, Reason, known_names, spread
from services.projection.tables import change_row, instrument_row

c = change_row.c


def touched(
    connection: sa.Connection,
    code: str,
    since: Place,
    until: int,
    day: date,
    now: datetime,
    events: Iterable[Recorded],
) -> dict[Name, Reason]:
    """The provisions that events after the place and up to `until`, or days after its day and up to `day`, touch."""
    before = _point(connection, code, since.day or day, since.position, now)
    after = _point(connection, code, day, until, now)
    either = after or before
    if either is None:
        return {}
    facts = _facts(connection, either, since.position, until, events)
    if after and since.day and day > since.day:
        for row in _coming_into_effect(connection, after, since.day, day):
            facts[row.id] = max(facts.get(row.id, 0), row.known_from)
    direct = _named_by(connection, either, until, facts)
    if before and after:
        known = known_names(connection, after, direct)
        return spread(code, direct, known)
    # The code's first day, or the first page of it; or all of it was withdrawn.
    known = known_names(connection, either, None)
    all_of_it = {name: Reason(either.position, known=after is not None) for name in known}
    return all_of_it | spread(code, direct, known if after else set())


def _point(connection: sa.Connection, code: str, day: date, position: int, now: datetime) -> Point | None:
    try:
        return point_at(connection, code, day, position, now)
    except NotFound:
        return None


def _facts(
    connection: sa.Connection, point: Point, after: int, until: int, events: Iterable[Recorded]
) -> dict[str, int]:
    """The changes that the events record, correct, move, or whose instrument they record or correct, by the event's position."""
    facts = {
        each.event.change: each.position
        for each in events
        if each.code == point.code and isinstance(each.event, TookEffect)
    }
    act = instrument_row.c
    own = (c.generation == point.generation, c.code == point.code)
    recorded = sa.select(c.id, c.known_from).where(*own, c.known_from > after, c.known_from <= until)
    through = (
        sa.select(c.id, act.known_from)
        .join(
            instrument_row,
            (act.generation == c.generation) & (act.code == c.code) & (act.instrument == c.instrument),
        )
        .where(*own, act.known_from > after, act.known_from <= until, c.known_from <= until)
    )
    for statement in (recorded, through):
        for fact, position in connection.execute(statement):
            facts[fact] = max(facts.get(fact, 0), position)
    return facts


def _coming_into_effect(connection: sa.Connection, point: Point, after: date, until: date) -> list[Any]:
    """The changes, as known at the point, whose day lies between the two."""
    ids = sa.select(c.id).where(
        c.generation == point.generation, c.code == point.code, c.effective > after, c.effective <= until
    )
    rows = changes_where(connection, point, c.id.in_(ids))
    return [row for row in rows if row.effective and after < row.effective <= until]


def _named_by(connection: sa.Connection, point: Point, until: int, facts: Mapping[str, int]) -> dict[Name, int]:
    """What the changes name, or ever named, as target or as exclusion, each with the position of its last fact."""
    found: dict[Name, int] = {}
    columns = (c.id, c.home_kind, c.home_ref, c.exclusions)
    ids = sorted(facts)
    for start in range(0, len(ids), 1_000):
        own = (
            c.generation == point.generation,
            c.code == point.code,
            c.id.in_(ids[start : start + 1_000]),
            c.known_from <= until,
        )
        for fact, kind, ref, exclusions in connection.execute(sa.select(*columns).where(*own)):
            for each in (ref, *exclusions.split("\n")) if exclusions else (ref,):
                found[Name(kind, each)] = max(found.get(Name(kind, each), 0), facts[fact])
    return found
