"""The channels to Kafka: every event, the current state of every provision, and every signed checkpoint."""

import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from time import monotonic
from typing import NamedTuple

import sqlalchemy as sa

from events.driver_errors import translated
from events.errors import Unavailable
from services.projection.asked import today
from services.projection.generations import LIVE
from services.projection.kept import Clock
from services.projection.proof.checkpoints import number_at, signed_after
from services.projection.publish import checkpoints as signed
from services.projection.publish.cursors import CHECKPOINTS as OF_CHECKPOINTS
from services.projection.publish.cursors import Place
from services.projection.publish.messages import Message, of_event, of_state
from services.projection.publish.state import changed
from services.projection.publish.tail import follow
from services.projection.publish.topics import CHECKPOINTS, EVENTS, PROVISIONS, Topic
from services.projection.tables import checkpoint
from services.settings import Settings

PAGE = 2_000
"""Events whose provisions are told at once, each provision once."""

PAUSE = 0.05
"""Seconds between two looks whether the projection has moved."""

IDLE = 0.1
"""Seconds after which a channel says that nothing has come."""


class Step(NamedTuple):
    """What is to be sent before the channel stands at `place`; idle: nothing has come for a while."""

    messages: Iterable[Message]
    place: Place
    idle: bool = False


Steps = Callable[[sa.Engine, Settings, Place, threading.Event, Clock], Iterator[Step]]


def _itself(_: sa.Connection, position: int) -> int:
    return position


class Channel(NamedTuple):
    """A cursor, the topic it feeds, the steps from a place on, until told to stop, and which place a position of the log is."""

    name: str
    topic: Topic
    steps: Steps
    after: Callable[[sa.Connection, int], int] = _itself


class ProjectionStopped(Unavailable):
    """The state of a code is not known beyond the event that its projection cannot take."""


def events(engine: sa.Engine, settings: Settings, at: Place, stop: threading.Event, _: Clock) -> Iterator[Step]:
    """Every event after the place, in order."""
    url = settings.links_url()
    for page in follow(engine, at.position, stop, idle=IDLE):
        if page:
            at = Place(page[-1].position, None)
        yield Step([of_event(each, url) for each in page], at, idle=not page)


def provisions(engine: sa.Engine, settings: Settings, at: Place, stop: threading.Event, clock: Clock) -> Iterator[Step]:
    """The provisions that events after the place, or days after its day, have changed; as far as the log is projected."""
    looking = engine.execution_options(isolation_level="AUTOCOMMIT")
    quiet_since = monotonic()
    while not stop.is_set():
        then = _then(looking, at, today(clock()))
        if then != at:
            yield Step(_states(looking, settings, at, then, clock), then)
            at, quiet_since = then, monotonic()
        elif monotonic() - quiet_since >= IDLE:
            yield Step((), at, idle=True)
            quiet_since = monotonic()
        else:
            stop.wait(PAUSE)


def _then(engine: sa.Engine, at: Place, day: date) -> Place:
    """Where the next step leads."""
    until = min(_projected(engine, at.position), at.position + PAGE)
    if at.day is None and until == at.position:
        return at
    return Place(max(until, at.position), max(day, at.day or day))


def _projected(engine: sa.Engine, after: int) -> int:
    """How far every code is projected."""
    with translated(), engine.connect() as connection:
        rows = connection.execute(sa.select(checkpoint).where(checkpoint.c.generation == LIVE)).all()
    for row in rows:
        if row.failed_at is not None and row.failed_at <= after + 1:
            raise ProjectionStopped(f"the projection of {row.code} stands still at {row.failed_at}: {row.failure}")
    ends = [row.failed_at - 1 if row.failed_at else row.position for row in rows if row.failed_at or not row.code]
    return min(ends, default=0)


def _states(engine: sa.Engine, settings: Settings, at: Place, then: Place, clock: Clock) -> Iterator[Message]:
    url = settings.links_url()
    with translated(), engine.connect() as connection:
        for each in changed(connection, at, then.position, then.day or today(clock()), clock()):
            yield of_state(each.cause, url, each.name, each.state)


def checkpoints(engine: sa.Engine, _: Settings, at: Place, stop: threading.Event, __: Clock) -> Iterator[Step]:
    """Every checkpoint after the place, which counts them, in the order signed."""
    looking = engine.execution_options(isolation_level="AUTOCOMMIT")
    while not stop.is_set():
        with translated(), looking.connect() as connection:
            found = signed_after(connection, at.position, PAGE)
        at = Place(found[-1].number, None) if found else at
        yield Step([signed.message(each) for each in found], at, idle=not found)
        if not found:
            stop.wait(IDLE)


CHANNELS = (
    Channel("kafka.events", EVENTS, events),
    Channel("kafka.provisions", PROVISIONS, provisions),
    Channel(OF_CHECKPOINTS, CHECKPOINTS, checkpoints, number_at),
)
