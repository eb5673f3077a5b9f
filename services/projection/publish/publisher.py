"""Publishing a channel to Kafka: one process at a time, everything in order, the cursor moved by acknowledgement alone."""

import threading
from collections.abc import Callable, Iterator
from random import uniform
from time import monotonic
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from events.errors import Unavailable
from services.projection.kept import Clock, now
from services.projection.publish import kafka
from services.projection.publish.channels import Channel, Step
from services.projection.publish.cursors import Place, move, note_failure, place, turn
from services.projection.publish.messages import Message, chunks
from services.settings import Settings

LOOK = 1.0
"""Seconds between two looks whether the channel's publisher is gone."""

EVERY = 0.25
"""Seconds between two moves of the cursor while there is always more to send: each is a write to the disk."""

PATIENCE = 5.0
"""Seconds without an acknowledgement after which the broker is asked what is wrong."""

QUIET = 30.0
"""Seconds without anything to send after which the broker is asked whether the topic is still there."""

STUCK = 60.0
"""Seconds for which a client may have nothing acknowledged by a broker that answers, before a new client is made."""

SHORTEST, LONGEST = 1.0, 30.0
"""Seconds between two tries, growing from the one to the other."""

Tell = Callable[[str], None]


class Stopped(Exception):  # noqa: N818 - what happened
    """Told to stop before everything was acknowledged."""


class Way(NamedTuple):
    """What a publisher works with: the connection that holds the right, and where what happens is told."""

    held: sa.Connection
    engine: sa.Engine
    settings: Settings
    channel: Channel
    stop: threading.Event
    tell: Tell
    clock: Clock


def run(
    engine: sa.Engine,
    settings: Settings,
    channel: Channel,
    stop: threading.Event,
    tell: Tell = lambda _: None,
    clock: Clock = now,
) -> None:
    """Publishes the channel until told to stop, whenever no other process does; outlives a broker and a database that are away."""
    pauses = _pauses()
    while not stop.is_set():
        try:
            with turn(engine, channel.name) as held:
                if held is None:
                    stop.wait(LOOK)
                    continue
                _hold(Way(held, engine, settings, channel, stop, tell, clock))
        except Unavailable as away:
            tell(f"{channel.name}: {away}")
            stop.wait(next(pauses))


def _hold(way: Way) -> None:
    """Publishes for as long as the right is held; after a failure again from where the cursor stands."""
    pauses = _pauses()
    while not way.stop.is_set():
        start = place(way.held, way.channel.name)
        try:
            _publish(way)
        except Stopped:
            return
        except DBAPIError:
            raise  # the right may be lost with it
        except Exception as failure:  # whatever it is, it is told, and tried again
            _failed(way, failure)
            pauses = _pauses() if place(way.held, way.channel.name) != start else pauses
            way.stop.wait(next(pauses))


def _publish(way: Way) -> None:
    at = reached = _ready(way)
    outlet = kafka.Outlet(way.settings, way.channel.topic)
    try:
        moved = quiet_since = monotonic()
        for step in way.channel.steps(way.engine, way.settings, at, way.stop, way.clock):
            sent, reached = _sent(way, outlet, step), step.place
            if reached != at and (not sent or monotonic() - moved > EVERY):
                at, moved = _moved(way, reached), monotonic()
            quiet_since = monotonic() if sent else _still_there(way, quiet_since)
        _moved(way, reached)
    except kafka.TopicReplaced:
        _from_the_start(way)
        raise
    finally:
        outlet.close()


def _still_there(way: Way, quiet_since: float) -> float:
    """Asks, where nothing was sent for long, whether the topic is there; since when there was nothing to ask."""
    if monotonic() - quiet_since < QUIET:
        return quiet_since
    if not kafka.exists(way.settings, way.channel.topic):
        raise _gone(way)
    return monotonic()


def _ready(way: Way) -> Place:
    """The place to go on from: the beginning, where the topic has lost what was sent."""
    empty = kafka.prepare(way.settings, way.channel.topic)
    at = place(way.held, way.channel.name)
    if empty and at.position:
        _from_the_start(way)
        return Place(0, None)
    return _moved(way, at)


def _from_the_start(way: Way) -> None:
    way.tell(f"{way.channel.name}: {way.channel.topic.name} has lost what was sent, all of it is sent again")
    move(way.held, way.channel.name, 0)


def _moved(way: Way, reached: Place) -> Place:
    move(way.held, way.channel.name, reached.position, reached.day)
    return reached


def _sent(way: Way, outlet: kafka.Outlet, step: Step) -> bool:
    """Sends what the step brings and has it acknowledged; whether there was anything to send."""
    sent = False
    for lot in chunks(step.messages):
        outlet.send(lot)
        _wait(way, outlet, lot)
        sent = True
    return sent


def _wait(way: Way, outlet: kafka.Outlet, lot: list[Message]) -> None:
    """Returns when the lot is acknowledged; meanwhile says what holds it up, and keeps nothing but the lot."""
    begun, look, answered, pauses = monotonic(), PATIENCE, 0.0, _pauses()
    noted = False
    while not outlet.acknowledged(LOOK / 2):
        if way.stop.is_set():
            raise Stopped
        waited = monotonic() - begun
        if waited < look:
            continue
        answers = _look(way, f"position {lot[0].position} is not acknowledged after {waited:.0f} s")
        noted = True
        answered = (answered or waited) if answers else 0.0
        if answers and waited - answered > STUCK:
            raise kafka.BrokerAway(f"nothing is acknowledged for {waited:.0f} s by a broker that answers")
        look = monotonic() - begun + next(pauses)
    if noted:
        way.tell(f"{way.channel.name}: goes on after {monotonic() - begun:.0f} s")


def _look(way: Way, waiting: str) -> bool:
    """Asks the broker what is wrong and notes it; whether it answers."""
    try:
        if not kafka.exists(way.settings, way.channel.topic):
            raise _gone(way)
    except kafka.TopicReplaced:
        raise
    except kafka.BrokerAway as away:
        _failed(way, away)
        return False
    note_failure(way.held, way.channel.name, waiting)
    return True


def _gone(way: Way) -> kafka.TopicReplaced:
    return kafka.TopicReplaced(f"the topic {way.channel.topic.name} is no longer there")


def _failed(way: Way, failure: Exception) -> None:
    why = (
        str(failure) if isinstance(failure, Unavailable | kafka.WrongTopic) else f"{type(failure).__name__}: {failure}"
    )
    note_failure(way.held, way.channel.name, why)
    way.tell(f"{way.channel.name}: {why}")


def _pauses() -> Iterator[float]:
    """Seconds to wait before each next try."""
    pause = SHORTEST
    while True:
        yield pause * uniform(0.8, 1.2)  # noqa: S311 - spreads the tries of many publishers
        pause = min(2 * pause, LONGEST)
