"""Publishing a channel to Kafka: one process at a time, everything in order, the cursor moved by acknowledgement alone."""

import threading

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from events.errors import Unavailable
from services.projection.kept import Clock, now
from services.projection.publish.channels import Channel
from services.projection.publish.cursors import place, turn
from services.projection.publish.sending import publish
from services.projection.publish.way import Stopped, Tell, Way, failed, pauses_of_growing_length
from services.settings import Settings

LOOK = 1.0
"""Seconds between two looks whether the channel's publisher is gone."""


def run(
    engine: sa.Engine,
    settings: Settings,
    channel: Channel,
    stop: threading.Event,
    tell: Tell = lambda _: None,
    clock: Clock = now,
) -> None:
    """Publishes the channel until told to stop, whenever no other process does; outlives a broker and a database that are away."""
    pauses = pauses_of_growing_length()
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
    pauses = pauses_of_growing_length()
    while not way.stop.is_set():
        start = place(way.held, way.channel.name)
        try:
            publish(way)
        except Stopped:
            return
        except DBAPIError:
            raise  # the right may be lost with it
        except Exception as failure:  # whatever it is, it is told, and tried again
            failed(way, failure)
            pauses = pauses_of_growing_length() if place(way.held, way.channel.name) != start else pauses
            way.stop.wait(next(pauses))
