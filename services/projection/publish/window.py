"""The newest events of the log in memory, written by one thread that follows it, read by every stream of the process."""

import threading
from collections.abc import Callable

import sqlalchemy as sa

from services.projection.publish.frames import CHUNK, Frame, frame
from services.projection.publish.tail import follow

EVENTS = 10_000
BYTES = 16 * 1024 * 1024


class Window:
    """The newest frames, the oldest dropped beyond a number of events or of bytes; one thread adds, any reads."""

    def __init__(self, start: int, events: int = EVENTS, size: int = BYTES) -> None:
        self.last = start
        self._first, self._size = start + 1, 0
        self._frames: dict[int, Frame] = {}
        self._most, self._most_bytes = events, size
        self._lock = threading.Lock()

    def add(self, frames: list[Frame]) -> None:
        """Adds the frames that come next."""
        with self._lock:
            for each in frames:
                self._frames[each.position] = each
                self._size += len(each.text)
                self.last = each.position
            while len(self._frames) > self._most or self._size > self._most_bytes:
                self._size -= len(self._frames.pop(self._first).text)
                self._first += 1

    def after(self, position: int) -> list[Frame] | None:
        """The next frames after a position, some tens of kilobytes of them; None where the first is dropped already."""
        taken: list[Frame] = []
        size = 0
        with self._lock:
            if position + 1 < self._first:
                return None
            for at in range(position + 1, self.last + 1):
                taken.append(self._frames[at])
                size += len(taken[-1].text)
                if size > CHUNK:
                    break
        return taken


class Tail:
    """Follows the log in a thread and fills a window; `over` when it does so no longer."""

    def __init__(self, engine: sa.Engine, public_url: str, window: Window, grown: Callable[[], None]) -> None:
        self.window, self.over = window, False
        self._engine, self._public_url, self._grown = engine, public_url, grown
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="stream", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stops following and waits until it has."""
        self._stop.set()
        self._thread.join(5)

    def _run(self) -> None:
        try:
            for events in follow(self._engine, self.window.last, self._stop):
                if events:
                    self.window.add([frame(each, self._public_url) for each in events])
                    self._grown()
        finally:
            self.over = True
            self._grown()
