"""Who does replays: a service in its background, a command in its foreground; one of them at a time."""

import threading
from contextlib import suppress
from time import monotonic, sleep

import sqlalchemy as sa

from events.driver_errors import translated
from events.errors import Unavailable
from services.audit import replay, replays
from services.audit.replay import CHANNEL, Moved
from services.audit.replays import UnderWay, Wish
from services.projection.publish.cursors import turn

PAUSE, LONGEST_PAUSE = 0.2, 5.0
"""Seconds between two looks whether a replay was asked for; and at most, while the database is away."""

PATIENCE = 3.0
"""Seconds that a command waits for its turn."""

CLEARED_EVERY = 60.0
"""Seconds between two looks whether a generation is no longer needed."""


class Stopped(Unavailable):
    """The service ends; whoever comes next goes on with the replay."""


def run(engine: sa.Engine, stop: threading.Event) -> None:
    """Does what is asked for until told to stop, going on with what another process left unfinished."""
    pause, cleared = PAUSE, float("-inf")

    def moved(*_: object) -> None:
        if stop.is_set():
            raise Stopped("the service was told to stop")

    while not stop.is_set():
        due = monotonic() - cleared >= CLEARED_EVERY
        try:
            if _turned(engine, moved, due) and due:
                cleared = monotonic()
            pause = PAUSE
        except replay.Failed:  # its row says why
            pause = PAUSE
        except Unavailable:
            pause = min(pause * 2, LONGEST_PAUSE)
        stop.wait(pause)


def _turned(engine: sa.Engine, moved: Moved, due: bool) -> bool:
    """Does the replay that is asked for, else clears up where it is time to; false where another process has the right to."""
    with translated(), engine.connect() as connection:
        asked = replays.unfinished(connection)
    if asked is None and not due:
        return True
    with turn(engine, CHANNEL) as held:
        if held is None:
            return False
        with translated(), engine.connect() as connection:
            asked = replays.unfinished(connection)
        if asked:
            replay.work(engine, asked.id, _holding(held, moved))
        elif due:
            replay.clear(engine)
    return True


def now(engine: sa.Engine, wish: Wish, by: str, moved: Moved) -> object:
    """Does a replay at once, once one left unfinished is done; UnderWay while another process does one."""
    end = monotonic() + PATIENCE
    while True:
        with turn(engine, CHANNEL) as held:
            if held is not None:
                return _now(engine, wish, by, _holding(held, moved))
        # Whoever only clears up has done so in a moment.
        if monotonic() >= end:
            raise UnderWay("another process is doing a replay; one at a time")
        sleep(PAUSE)


def _now(engine: sa.Engine, wish: Wish, by: str, moved: Moved) -> object:
    with translated(), engine.connect() as connection:
        left = replays.unfinished(connection)
    if left:
        with suppress(replay.Failed):
            row: object = replay.work(engine, left.id, moved)
            if Wish(left.until, left.switch, left.unless_unlike) == wish:
                return row
    with translated(), engine.begin() as connection:
        own = replays.ask(connection, wish, by)
    return replay.work(engine, own, moved)


def _holding(held: sa.Connection, moved: Moved) -> Moved:
    """Makes sure, before each step, that the right to replay is still held."""

    def checked(state: str, done: int, total: int) -> None:
        moved(state, done, total)
        held.execute(sa.select(1))
        if held.in_transaction():
            held.commit()

    return checked
