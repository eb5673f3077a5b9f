"""Following the log: its events page by page from a position on, for as long as somebody listens."""

import threading
from collections.abc import Iterator
from time import monotonic

import sqlalchemy as sa

from events import store
from events.driver_errors import translated
from events.envelope import Recorded
from events.errors import Unavailable

SHORTEST, LONGEST, SHARE = 0.002, 0.01, 20
"""Seconds between two looks at a log that has not grown: a twentieth of the time since it grew, within these."""

LONGEST_PAUSE = 5.0
"""Seconds between two looks at a database that is away."""

PAGE = 1_000


def follow(
    engine: sa.Engine, after: int, stop: threading.Event, page: int = PAGE, idle: float = 1.0
) -> Iterator[list[Recorded]]:
    """Pages of events in order, each event once, until told to stop; an empty page when for `idle` seconds nothing came."""
    pause = LONGEST
    while not stop.is_set():
        try:
            for events in _connected(engine, after, stop, page, idle):
                yield events
                after, pause = (events[-1].position if events else after), LONGEST
        except Unavailable:
            yield []
            pause = min(pause * 2, LONGEST_PAUSE)
            stop.wait(pause)


def _connected(
    engine: sa.Engine, after: int, stop: threading.Event, page: int, idle: float
) -> Iterator[list[Recorded]]:
    with translated(), engine.connect() as connection:
        # Each look is one statement and one round trip, and no transaction stays open between two.
        looking = connection.execution_options(isolation_level="AUTOCOMMIT")
        grown = quiet_since = monotonic()
        while not stop.is_set():
            events = store.read(looking, after, page)
            if events:
                after, grown = events[-1].position, monotonic()
            if events or monotonic() - quiet_since >= idle:
                yield events
                quiet_since = monotonic()
            if len(events) < page:
                stop.wait(min(max((monotonic() - grown) / SHARE, SHORTEST), LONGEST))
