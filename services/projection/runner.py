"""From the log to the read models: rows and checkpoint move in one transaction; a poison event stops its code alone."""

import threading
from collections.abc import Callable, Iterable

import sqlalchemy as sa

from events import store
from events.driver_errors import translated
from events.envelope import Recorded
from events.errors import Unavailable
from services.projection.apply import apply
from services.projection.earlier import Batch
from services.projection.tables import checkpoint
from services.projection.writer import write

BATCH = 5_000
PAUSE = 0.05
"""Seconds between two looks at a log that has not grown."""

WHOLE_LOG = ""
"""The checkpoint's name for how far the log is read, whatever the code."""

Progress = Callable[[int, int], None]


class Poisoned(Exception):  # noqa: N818 - what happened to the projection
    """An event that the projection of its code cannot take: the code, the position, why."""

    def __init__(self, code: str, position: int, why: str) -> None:
        super().__init__(f"the projection of {code} stops at position {position}: {why}")
        self.code, self.position, self.why = code, position, why


def catch_up(engine: sa.Engine, progress: Progress | None = None, until: int | None = None) -> int:
    """Projects all that is recorded, or at least up to a position; returns the position reached."""
    _retry_stopped_codes(engine)
    while True:
        reached, end = turn(engine)
        if progress:
            progress(reached, end)
        if reached >= (end if until is None else min(until, end)):
            return reached


def run(engine: sa.Engine, stop: threading.Event, moved: Callable[[int], None] | None = None) -> None:
    """Follows the log until told to stop, tells of each position reached; a database that is away is waited for."""
    pause, before = PAUSE, -1
    while not stop.is_set():
        try:
            if before < 0:
                _retry_stopped_codes(engine)
            reached, end = turn(engine)
        except Unavailable:
            pause = min(pause * 2, 5.0)
        else:
            pause = PAUSE if reached >= end else 0
            if reached != before and moved:
                moved(reached)
            before = reached
        stop.wait(pause)


def turn(engine: sa.Engine) -> tuple[int, int]:
    """Projects the next batch, if there is one; returns how far the log is read and where it ends."""
    with translated(), engine.connect() as connection:
        seen, end = _seen(connection), store.last_position(connection)
    if seen >= end:
        return seen, end
    try:
        with translated(), engine.begin() as connection:
            return _project_batch(connection), end
    except Poisoned as poison:
        _stop_code(engine, poison)
        return seen, end


def _seen(connection: sa.Connection) -> int:
    found = connection.scalar(sa.select(checkpoint.c.position).where(checkpoint.c.code == WHOLE_LOG))
    return int(found or 0)


def _project_batch(connection: sa.Connection) -> int:
    seen = _claim(connection)
    failed_at = _stopped(connection)
    end = min(seen + BATCH, store.last_position(connection))
    events = store.stream(connection, seen, until=end)
    project(connection, (e for e in events if e.position < failed_at.get(e.code, e.position + 1)))
    _move(connection, {WHOLE_LOG: end})
    return end


def project(connection: sa.Connection, events: Iterable[Recorded]) -> None:
    """Adds the rows of these events and moves their codes' checkpoints; Poisoned where one cannot be taken."""
    batch = Batch(connection)
    reached: dict[str, int] = {}
    for recorded in events:
        try:
            for placed in apply(recorded, batch):
                batch.add(placed)
        except (LookupError, ValueError) as error:
            raise Poisoned(recorded.code, recorded.position, str(error)) from error
        reached[recorded.code] = recorded.position
    write(connection, batch.rows_by_table)
    _move(connection, reached)


def _claim(connection: sa.Connection) -> int:
    """Where the log is read up to; holds the only right to go on until the transaction ends."""
    own = checkpoint.c.code == WHOLE_LOG
    taken = sa.update(checkpoint).where(own).values(position=checkpoint.c.position).returning(checkpoint.c.position)
    position = connection.scalar(taken)
    if position is None:
        # Two that begin at once both come here; the second waits for the first, and goes on from where that one ended.
        _move(connection, {WHOLE_LOG: 0})
        position = connection.scalar(taken)
    return int(position or 0)


def _move(connection: sa.Connection, positions: dict[str, int]) -> None:
    moves = [{"code": code, "position": position} for code, position in positions.items()]
    if moves:
        connection.execute(_MOVE, moves)


_MOVE = sa.text(
    "INSERT INTO checkpoint (code, position) VALUES (:code, :position) ON CONFLICT (code)"
    " DO UPDATE SET position = excluded.position WHERE checkpoint.position <= excluded.position"
)


def _stopped(connection: sa.Connection) -> dict[str, int]:
    rows = connection.execute(sa.select(checkpoint).where(checkpoint.c.failed_at.is_not(None)))
    return {row.code: row.failed_at for row in rows}


def _stop_code(engine: sa.Engine, poison: Poisoned) -> None:
    failed = {"failed_at": poison.position, "failure": poison.why}
    with engine.begin() as connection:
        own = checkpoint.c.code == poison.code
        if connection.execute(sa.update(checkpoint).where(own).values(**failed)).rowcount == 0:
            connection.execute(sa.insert(checkpoint).values(code=poison.code, position=0, **failed))


def _retry_stopped_codes(engine: sa.Engine) -> None:
    """A newer release may take what stopped an older one: each stopped code is read again from where it stands."""
    with translated(), engine.connect() as connection:
        codes = list(_stopped(connection))
    for code in codes:
        try:
            _resume(engine, code)
        except Poisoned as poison:
            _stop_code(engine, poison)


def _resume(engine: sa.Engine, code: str) -> None:
    while True:
        with engine.begin() as connection:
            seen = _claim(connection)
            own = sa.select(checkpoint.c.position).where(checkpoint.c.code == code)
            events = store.read(connection, int(connection.scalar(own) or 0), BATCH, code=code)
            takes = [recorded for recorded in events if recorded.position <= seen]
            project(connection, takes)
            if len(takes) < BATCH:
                done = sa.update(checkpoint).where(checkpoint.c.code == code)
                connection.execute(done.values(failed_at=None, failure=None))
                return
