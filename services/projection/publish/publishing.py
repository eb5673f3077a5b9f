"""Publishing to Kafka in the background of a process that does something else as well."""

import threading
from collections.abc import Callable

import sqlalchemy as sa

from services.settings import Settings

PATIENCE = 10.0
"""Seconds for what is under way when told to stop."""


class Publishing:
    """A thread a channel that publishes, or waits for its turn, from start to stop; none where no broker is set."""

    def __init__(self, engine: sa.Engine, settings: Settings, tell: Callable[[str], None] = lambda _: None) -> None:
        self._engine, self._settings, self._tell = engine, settings, tell
        self._stop, self._threads = threading.Event(), list[threading.Thread]()

    def start(self) -> None:
        """Starts publishing."""
        if not self._settings.kafka_bootstrap:
            return
        # Kafka's client is loaded by those who publish alone.
        from services.projection.publish.channels import CHANNELS
        from services.projection.publish.publisher import run

        for each in CHANNELS:
            given = (self._engine, self._settings, each, self._stop, self._tell)
            self._threads.append(threading.Thread(target=run, args=given, name=each.name, daemon=True))
            self._threads[-1].start()

    def stop(self) -> None:
        """Stops; what is not acknowledged is sent again another time."""
        self._stop.set()
        for each in self._threads:
            each.join(PATIENCE)
