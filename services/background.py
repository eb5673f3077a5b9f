"""What runs in the background of a process that does something else as well: loops that end when told to."""

import sys
import threading
import traceback
from collections.abc import Callable

PAUSE = 5.0
"""Seconds until a loop that failed is begun again."""

PATIENCE = 10.0
"""Seconds for what is under way when told to stop."""


class Loops:
    """Threads, each running one loop until told to stop."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self, name: str, loop: Callable[[threading.Event], None]) -> None:
        """Starts a loop; it ends soon after the event that it is given is set, and is begun again whatever ends it before."""
        self._threads.append(threading.Thread(target=self._run, args=(name, loop), name=name, daemon=True))
        self._threads[-1].start()

    def stop(self) -> None:
        """Tells all to stop and waits for what is under way."""
        self._stop.set()
        for each in self._threads:
            each.join(PATIENCE)

    def _run(self, name: str, loop: Callable[[threading.Event], None]) -> None:
        while not self._stop.is_set():
            try:
                loop(self._stop)
            except Exception:  # a thread that ends unseen would leave its work undone for good
                sys.stderr.write(f"{name}: begun again in {PAUSE:g} s after\n{traceback.format_exc()}")
                self._stop.wait(PAUSE)
            else:
                return
