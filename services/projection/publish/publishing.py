"""What is pushed: a loop for each channel, for a process of its own or for one that answers as well."""

import threading
from collections.abc import Callable, Iterator

import sqlalchemy as sa

from services.settings import Settings

Loop = Callable[[threading.Event], None]
Tell = Callable[[str], None]


def loops(engine: sa.Engine, settings: Settings, tell: Tell = lambda _: None) -> Iterator[tuple[str, Loop]]:
    """Each channel's name and its loop: webhooks always, Kafka's where brokers are set."""
    # Their clients are loaded by those who publish alone.
    from services.projection.publish.webhooks import dispatcher

    yield dispatcher.CHANNEL, lambda stop: dispatcher.run(engine, settings, stop)
    if settings.kafka_bootstrap:
        yield from _kafka(engine, settings, tell)


def _kafka(engine: sa.Engine, settings: Settings, tell: Tell) -> Iterator[tuple[str, Loop]]:
    from services.projection.publish.channels import CHANNELS
    from services.projection.publish.publisher import run

    for channel in CHANNELS:
        yield channel.name, lambda stop, own=channel: run(engine, settings, own, stop, tell)  # type: ignore[misc]
