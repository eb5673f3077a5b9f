"""What a publisher works with, and how it says what goes wrong."""

import threading
from collections.abc import Callable, Iterator
from random import uniform
from typing import NamedTuple

import sqlalchemy as sa

from events.errors import Unavailable
from services.projection.kept import Clock
from services.projection.publish.channels import Channel
from services.projection.publish.cursors import note_failure
from services.projection.publish.topics import BrokerAway, WrongTopic
from services.settings import Settings

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


def gone(way: Way) -> BrokerAway:
    """What is said of a topic that is not there."""
    return BrokerAway(f"the topic {way.channel.topic.name} is no longer there")


def failed(way: Way, failure: Exception) -> None:
    """Notes a failure for the status, and tells it."""
    why = str(failure) if isinstance(failure, Unavailable | WrongTopic) else f"{type(failure).__name__}: {failure}"
    note_failure(way.held, way.channel.name, why)
    way.tell(f"{way.channel.name}: {why}")


def pauses_of_growing_length() -> Iterator[float]:
    """Seconds to wait before each next try."""
    pause = SHORTEST
    while True:
        yield pause * uniform(0.8, 1.2)  # noqa: S311 - spreads the tries of many publishers
        pause = min(2 * pause, LONGEST)
