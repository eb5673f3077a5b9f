"""Sending a channel from where its cursor stands, and moving the cursor behind what is acknowledged."""

from time import monotonic

from services.projection.publish import kafka
from services.projection.publish.acknowledging import sent_whole
from services.projection.publish.cursors import Place, move, place
from services.projection.publish.topics import TopicReplaced
from services.projection.publish.way import Way, gone

EVERY = 0.25
"""Seconds between two moves of the cursor while there is always more to send: each is a write to the disk."""

QUIET = 30.0
"""Seconds without anything to send after which the broker is asked whether the topic is still there."""


def publish(way: Way) -> None:
    """Publishes until told to stop, or until something fails."""
    at = reached = _ready(way)
    outlet = kafka.Outlet(way.settings, way.channel.topic)
    try:
        moved = quiet_since = monotonic()
        for step in way.channel.steps(way.engine, way.settings, at, way.stop, way.clock):
            sent, reached = sent_whole(way, outlet, step), step.place
            if reached != at and (not sent or monotonic() - moved > EVERY):
                at, moved = _moved(way, reached), monotonic()
            quiet_since = monotonic() if sent else _still_there(way, quiet_since)
        _moved(way, reached)
    except TopicReplaced:
        _from_the_start(way)
        raise
    finally:
        outlet.close()


def _still_there(way: Way, quiet_since: float) -> float:
    """Asks, where nothing was sent for long, whether the topic is there; since when there was nothing to ask."""
    if monotonic() - quiet_since < QUIET:
        return quiet_since
    if not kafka.exists(way.settings, way.channel.topic):
        raise gone(way)
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
