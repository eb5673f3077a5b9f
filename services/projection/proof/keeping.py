"""Keeping the tree in the background of a process that does something else as well."""

import threading

import sqlalchemy as sa

from services.projection.proof import upkeep
from services.settings import Settings

PATIENCE = 5.0
"""Seconds for the page under way when told to stop."""


class Keeping:
    """A thread that keeps the tree, or waits for the turn, from start to stop."""

    def __init__(self, engine: sa.Engine, settings: Settings) -> None:
        self._stop = threading.Event()
        given = (engine, settings.key_file(), self._stop)
        self._thread = threading.Thread(target=upkeep.run, args=given, name=upkeep.CHANNEL, daemon=True)

    def start(self) -> None:
        """Starts keeping the tree."""
        self._thread.start()

    def stop(self) -> None:
        """Stops at the end of the page under way."""
        self._stop.set()
        if self._thread.ident:
            self._thread.join(PATIENCE)
