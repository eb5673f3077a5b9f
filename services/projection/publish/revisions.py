"""How often the day or the life of each change has been revised, as the calendar has to say it."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from itertools import groupby, pairwise
from typing import Any, NamedTuple

import sqlalchemy as sa

from events.tables import event_log
from services.projection.point import Point
from services.projection.tables import change_row


class Revised(NamedTuple):
    """A change as last known: its latest row, the last day it had, how often its day or its life changed, when last revised."""

    row: Any
    day: date
    stands: bool
    sequence: int
    revised_at: datetime


def revised(connection: sa.Connection, point: Point) -> list[Revised]:
    """Each change that has or had a day, by that day, then in the order recorded."""
    c = change_row.c
    known_then = sa.and_(c.generation == point.generation, c.code == point.code, c.known_from <= point.bound)
    rows = connection.execute(
        sa.select(change_row, event_log.c.recorded_at.label("known_at"))
        .join(event_log, event_log.c.position == c.known_from)
        .where(known_then)
        .order_by(c.position, c.id, c.known_from, c.alive)
    )
    found = [change for _, own in groupby(rows, key=lambda row: row.id) if (change := _revised(own))]
    return sorted(found, key=lambda change: (change.day, change.row.position))


def _revised(rows: Iterable[Any]) -> Revised | None:
    """What the rows of one change come to: of several known from one position, the last says how it stood."""
    steps = [list(same)[-1] for _, same in groupby(rows, key=lambda row: row.known_from)]
    days = [row.effective for row in steps if row.effective]
    if not days:
        return None
    told = [(row.effective, row.alive and not row.cancelled) for row in steps]
    moved = sum(before != after for before, after in pairwise(told))
    last = steps[-1]
    return Revised(last, days[-1], told[-1][1] and last.effective is not None, moved, last.known_at.astimezone(UTC))
