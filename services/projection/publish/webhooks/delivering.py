"""Delivering in the background of a process that does something else as well."""

import threading

import sqlalchemy as sa

from services.projection.publish.webhooks import dispatcher
from services.settings import Settings

PATIENCE = 5.0
"""Seconds for what is under way when told to stop."""


class Delivering:
    """A thread that delivers, or waits for the turn, from start to stop."""

    def __init__(self, engine: sa.Engine, settings: Settings, world: dispatcher.World = dispatcher.NOW) -> None:
        self._stop = threading.Event()
        given = (engine, settings, self._stop, world)
        self._thread = threading.Thread(target=dispatcher.run, args=given, name=dispatcher.CHANNEL, daemon=True)

    def start(self) -> None:
        """Starts delivering."""
        self._thread.start()

    def stop(self) -> None:
        """Stops; what is under way is ended or delivered again another time."""
        self._stop.set()
        if self._thread.ident:
            self._thread.join(PATIENCE)
