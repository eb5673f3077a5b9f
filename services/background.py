"""What runs in the background of a process that does something else as well: loops that end when told to."""

import threading
from collections.abc import Callable

PATIENCE = 10.0
"""Seconds for what is under way when told to stop."""


class Loops:
    """Threads, each running one loop until told to stop."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self, name: str, loop: Callable[[threading.Event], None]) -> None:
        """Starts a loop; it ends soon after the event that it is given is set."""
        self._threads.append(threading.Thread(target=loop, args=(self._stop,), name=name, daemon=True))
        self._threads[-1].start()

    def stop(self) -> None:
        """Tells all to stop and waits for what is under way."""
        self._stop.set()
        for each in self._threads:
            each.join(PATIENCE)
