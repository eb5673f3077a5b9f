"""The legal clock: on the London day of a change that was recorded ahead, the log is told that it took effect; once."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime

import sqlalchemy as sa

from events.driver_errors import translated
from events.envelope import Pending
from events.errors import Unavailable
from events.identifiers import new_id
from events.knowing_better import TookEffect
from events.receipt import VersionConflict
from events.store import append, stream_versions
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
                return _take_effect(connection, today)
        except VersionConflict:
            continue  # somebody told more about one of them meanwhile


def _take_effect(connection: sa.Connection, today: date) -> int:
    due = sa.select(known_change).where(c.awaited, c.effective <= today).order_by(c.effective, c.event_id)
    rows = connection.execute(due.limit(BATCH)).all()
    if not rows or followed(connection):
        return 0
    # Whoever else tells them at the same time waits here, and then finds them told.
    ours = sa.tuple_(c.code, c.event_id).in_([(row.code, row.event_id) for row in rows])
    mine = sa.update(known_change).where(ours, c.awaited, c.effective <= today).values(awaited=False)
    taken = {(row.code, row.event_id) for row in connection.execute(mine.returning(c.code, c.event_id))}
    pending = [_told(row) for row in rows if (row.code, row.event_id) in taken]
    if pending:
        append(connection, pending, stream_versions(connection, {each.stream for each in pending}))
    return len(pending)


def _told(row: sa.Row[tuple[object, ...]]) -> Pending:
    event = TookEffect(
        code=row.code, actor=ACTOR, causation_id=row.event_id, effective=row.effective, change=row.event_id
    )
    return Pending(new_id(), row.stream, event)
