"""The legal clock: on the London day of a change that was recorded ahead, the log is told that it took effect; once."""

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from events.driver_errors import translated
from events.envelope import Pending
from events.errors import Unavailable
from events.identifiers import new_id
from events.knowing_better import TookEffect
from events.receipt import VersionConflict
from events.store import append, events_by_ids, stream_versions
from services.ingest import known
from services.ingest.mirrored import followed
from services.ingest.tables import known_change
from services.law.days import london_day

ACTOR = "clock"
PAUSE = 1.0
BATCH = 500

c = known_change.c


def run(engine: sa.Engine, stop: threading.Event, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
    """Tells what takes effect, each on its day, until told to stop; days missed are told at the start, in their order."""
    while not stop.is_set():
        try:
            told = take_effect(engine, london_day(now()))
        except Unavailable:
            told = 0
        stop.wait(0 if told else PAUSE)


def take_effect(engine: sa.Engine, today: date) -> int:
    """Appends `TookEffect` for the first changes whose day has come, at most a batch; how many these were."""
    while True:
        try:
            with translated(), engine.begin() as connection:
                looked, told = _take_effect(connection, today)
            if told or not looked:
                return told
        except VersionConflict:
            continue  # somebody told more about one of them meanwhile


def _take_effect(connection: sa.Connection, today: date) -> tuple[int, int]:
    """How many were looked at, and told."""
    due = sa.select(known_change).where(c.awaited, c.effective <= today).order_by(c.effective, c.event_id)
    rows = connection.execute(due.limit(BATCH)).all()
    if not rows or followed(connection):
        return 0, 0
    for code in sorted({row.code for row in rows}):
        # Before the changes are: who holds the code may have the log's lock too, and want one of them next.
        known.hold(connection, code)
    # Whoever else tells them at the same time waits here, and then finds them told.
    ours = sa.tuple_(c.code, c.event_id).in_([(row.code, row.event_id) for row in rows])
    mine = sa.update(known_change).where(ours, c.awaited, c.effective <= today).values(awaited=False)
    taken = {(row.code, row.event_id) for row in connection.execute(mine.returning(c.code, c.event_id))}
    ours_now = [row for row in rows if (row.code, row.event_id) in taken]
    late = _late(connection, ours_now)
    pending = [_told(row) for row in ours_now if row.event_id not in late]
    if pending:
        append(connection, pending, stream_versions(connection, {each.stream for each in pending}))
    return len(rows), len(pending)


def _late(connection: sa.Connection, rows: Sequence[sa.Row[Any]]) -> set[str]:
    """The changes that the log had not before their day, whatever the index says: they came as it began."""
    told = events_by_ids(connection, {name for row in rows for name in (row.event_id, row.told_by)})
    days = {name: london_day(each.recorded_at) for name, each in told.items()}
    return {row.event_id for row in rows if max(days[row.event_id], days[row.told_by]) >= row.effective}


def _told(row: sa.Row[tuple[object, ...]]) -> Pending:
    event = TookEffect(
        code=row.code, actor=ACTOR, causation_id=row.event_id, effective=row.effective, change=row.event_id
    )
    return Pending(new_id(), row.stream, event)
