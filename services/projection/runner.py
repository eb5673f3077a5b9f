"""From the log to the read models: rows and checkpoint move in one transaction; a poison event stops its code alone."""

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import sqlalchemy as sa

from events import store
from events.driver_errors import translated
from events.envelope import Recorded
from events.errors import Unavailable
from services.projection.apply import apply
from services.projection.earlier import Batch
from services.projection.generations import live
from services.projection.tables import checkpoint
from services.projection.writer import writing

BATCH = 20_000
"""How many events are projected in a transaction."""

BATCH_BYTES = 32 * 1024 * 1024
"""And so many bytes of entries: long ones come fewer at a time."""

PAUSE = 0.05
"""Seconds between two looks at a log that has not grown."""

WHOLE_LOG = ""
"""The checkpoint's name for how far the log is read, whatever the code."""

Progress = Callable[[int, int], None]

c = checkpoint.c


class Poisoned(Exception):  # noqa: N818 - what happened to the projection
    """An event that the projection of its code cannot take: the code, the position, why."""

    def __init__(self, code: str, position: int, why: str) -> None:
        super().__init__(f"the projection of {code} stops at position {position}: {why}")
        self.code, self.position, self.why = code, position, why


class Turned(NamedTuple):
    """How far the log is read, where that is to end, and which generation of the read models it is read into."""

    reached: int
    end: int
    generation: int


def catch_up(engine: sa.Engine, progress: Progress | None = None, until: int | None = None) -> int:
    """Projects all that is recorded, or at least up to a position; returns the position reached."""
    _retry_stopped_codes(engine)
    while True:
        now = turn(engine)
        if progress:
            progress(now.reached, now.end)
        if now.reached >= (now.end if until is None else min(until, now.end)):
            return now.reached


def run(
    engine: sa.Engine,
    stop: threading.Event,
    moved: Callable[[int], None] | None = None,
    awake: threading.Event | None = None,
) -> None:
    """Follows the log until told to stop, tells of each position reached or switched to; a database that is away is waited for.

    Who sets `awake` has it look at once.
    """
    pause, before = PAUSE, None
    awake = awake or stop
    while not stop.is_set():
        try:
            if before is None:
                _retry_stopped_codes(engine)
            now = turn(engine)
        except Unavailable:
            pause = min(pause * 2, 5.0)
        else:
            pause = PAUSE if now.reached >= now.end else 0
            place = (now.reached, now.generation)
            if place != before and moved:
                moved(now.reached)
            before = place
        if awake.wait(pause) and awake is not stop:
            awake.clear()


def turn(engine: sa.Engine, beside: int | None = None, until: int | None = None) -> Turned:
    """Projects the next batch, if there is one, into the live generation or the one `beside` it, at most up to a position."""
    with translated(), engine.connect() as connection:
        generation = live(connection) if beside is None else beside
        now = Turned(_seen(connection, generation), _end(connection, until), generation)
    if now.reached >= now.end:
        return now
    try:
        with translated(), engine.begin() as connection:
            generation, seen = claim_live(connection) if beside is None else (beside, claim(connection, beside))
            return Turned(project_batch(connection, generation, seen, until), now.end, generation)
    except Poisoned as poison:
        stop_code(engine, generation, poison)
        return now


def _seen(connection: sa.Connection, generation: int) -> int:
    found = connection.scalar(sa.select(c.position).where(c.generation == generation, c.code == WHOLE_LOG))
    return int(found or 0)


def _end(connection: sa.Connection, until: int | None) -> int:
    last = store.last_position(connection)
    return last if until is None else min(until, last)


def project_batch(
    connection: sa.Connection, generation: int, seen: int, until: int | None = None, most: int = BATCH_BYTES
) -> int:
    """Projects what follows `seen` in the claimed generation; the position reached, Poisoned where an event cannot be taken."""
    failed_at = stopped(connection, generation)
    end = max(seen, min(seen + BATCH, _end(connection, until)))
    # All are read before any is projected: while rows are on their way in, the connection cannot be asked.
    events = list(_weighing(store.stream(connection, seen, until=end), most))
    project(connection, generation, [e for e in events if e.position < failed_at.get(e.code, e.position + 1)])
    reached = events[-1].position if events else end
    _move(connection, generation, {WHOLE_LOG: reached})
    return reached


def _weighing(events: Iterable[Recorded], most: int) -> Iterator[Recorded]:
    for recorded in events:
        yield recorded
        most -= len(recorded.entry)
        if most < 0:
            return


def project(connection: sa.Connection, generation: int, events: Iterable[Recorded]) -> None:
    """Adds the rows of these events and moves their codes' checkpoints; Poisoned where one cannot be taken."""
    reached: dict[str, int] = {}
    with writing(connection, generation) as rows:
        batch = Batch(connection, generation, rows)
        for recorded in events:
            try:
                for placed in apply(recorded, batch):
                    batch.add(placed)
            except (LookupError, ValueError) as error:
                raise Poisoned(recorded.code, recorded.position, str(error)) from error
            reached[recorded.code] = recorded.position
    _move(connection, generation, reached)


def claim_live(connection: sa.Connection) -> tuple[int, int]:
    """The live generation and where it has read the log up to; nobody else goes on with it until the transaction ends."""
    while True:
        generation = live(connection)
        seen = claim(connection, generation)
        # Who waited for the claim may have waited for a switch.
        if live(connection) == generation:
            return generation, seen


def claim(connection: sa.Connection, generation: int) -> int:
    """Where the log is read up to; holds the only right to go on until the transaction ends."""
    own = (c.generation == generation, c.code == WHOLE_LOG)
    taken = sa.update(checkpoint).where(*own).values(position=c.position).returning(c.position)
    position = connection.scalar(taken)
    if position is None:
        # Two that begin at once both come here; the second waits for the first, and goes on from where that one ended.
        _move(connection, generation, {WHOLE_LOG: 0})
        position = connection.scalar(taken)
    return int(position or 0)


def _move(connection: sa.Connection, generation: int, positions: dict[str, int]) -> None:
    moves = [{"generation": generation, "code": code, "position": position} for code, position in positions.items()]
    if moves:
        connection.execute(_MOVE, moves)


_MOVE = sa.text(
    "INSERT INTO checkpoint (generation, code, position) VALUES (:generation, :code, :position)"
    " ON CONFLICT (generation, code)"
    " DO UPDATE SET position = excluded.position WHERE checkpoint.position <= excluded.position"
)


def stopped(connection: sa.Connection, generation: int) -> dict[str, int]:
    """The codes that stand still, each with the position of the event that it cannot take."""
    rows = connection.execute(sa.select(checkpoint).where(c.generation == generation, c.failed_at.is_not(None)))
    return {row.code: row.failed_at for row in rows}


def stop_code(engine: sa.Engine, generation: int, poison: Poisoned) -> None:
    """Keeps, durably, that a code stands still, where, and why."""
    failed = {"failed_at": poison.position, "failure": poison.why}
    with engine.begin() as connection:
        own = (c.generation == generation, c.code == poison.code)
        if connection.execute(sa.update(checkpoint).where(*own).values(**failed)).rowcount == 0:
            first = {"generation": generation, "code": poison.code, "position": 0}
            connection.execute(sa.insert(checkpoint).values(**first, **failed))


def _retry_stopped_codes(engine: sa.Engine) -> None:
    """A newer release may take what stopped an older one: each stopped code is read again from where it stands."""
    with translated(), engine.connect() as connection:
        generation = live(connection)
        codes = list(stopped(connection, generation))
    for code in codes:
        try:
            _resume(engine, generation, code)
        except Poisoned as poison:
            stop_code(engine, generation, poison)


def _resume(engine: sa.Engine, generation: int, code: str) -> None:
    while True:
        with engine.begin() as connection:
            seen = claim(connection, generation)
            own = (c.generation == generation, c.code == code)
            place = connection.scalar(sa.select(c.position).where(*own))
            events = store.read(connection, int(place or 0), BATCH, code=code)
            takes = [recorded for recorded in events if recorded.position <= seen]
            project(connection, generation, takes)
            if len(takes) < BATCH:
                done = sa.update(checkpoint).where(*own)
                connection.execute(done.values(failed_at=None, failure=None))
                return
