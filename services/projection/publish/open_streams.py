"""The open streams of a process: let in, woken when the log grows, fed from one tail, ended together."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import sqlalchemy as sa
from fastapi.concurrency import run_in_threadpool

from events import store
from events.driver_errors import translated
from services.doors.parameters import BadParameter
from services.projection.publish.frames import Frame, page, wanted_of
from services.projection.publish.stream_limits import USUAL, Limits, TooManyStreams
from services.projection.publish.wanted import Wanted
from services.projection.publish.window import Tail, Window

READERS = 4
"""How many streams at a time read pages from the log, of all those that are further back than the window."""


class Streams:
    """The open streams and the tail that feeds them, which begins with the first of them; used in one event loop."""

    def __init__(self, engine: sa.Engine, public_url: str, limits: Limits = USUAL) -> None:
        self.limits, self.ended = limits, False
        self._engine, self._public_url = engine, public_url
        self._tail: Tail | None = None
        self._woken: set[asyncio.Event] = set()
        self._readers = ThreadPoolExecutor(READERS, "stream-pages")

    def end(self) -> None:
        """Ends every stream, and lets no other in."""
        self.ended = True
        self._wake()

    def stop(self) -> None:
        """Ends every stream, and what feeds them."""
        self.end()
        if self._tail:
            self._tail.stop()
        self._readers.shutdown(cancel_futures=True)

    async def admitted(self, position: int, name: str) -> Tail:
        """What feeds a new stream after a position, of that parameter; refused beyond the log's end, or when it is one too many."""
        if self.ended or len(self._woken) >= self.limits.streams:
            raise TooManyStreams(f"{len(self._woken)} streams are open, at most {self.limits.streams} can be")
        if self._tail is None or self._tail.over or position > self._tail.window.last:
            end = await run_in_threadpool(self._last_position)
            if position > end:
                raise BadParameter(f"{name}: position {position} lies beyond the log's last one, {end}")
            if self._tail is None or self._tail.over:
                self._tail = self._begun(end)
        return self._tail

    @contextmanager
    def wakings(self) -> Iterator[asyncio.Event]:
        """An event that is set whenever there is more, or there will be no more, for as long as a stream is open."""
        woken = asyncio.Event()
        self._woken.add(woken)
        try:
            yield woken
        finally:
            self._woken.discard(woken)

    async def after(self, tail: Tail, position: int, wanted: Wanted) -> tuple[list[Frame], int]:
        """The next wanted frames after a position, and up to where there are no others: from the window, else from the log."""
        frames = tail.window.after(position)
        if frames is not None:
            return wanted_of(frames, wanted), frames[-1].position if frames else position
        asked = (self._engine, position, tail.window.last, wanted, self._public_url)
        return await asyncio.get_running_loop().run_in_executor(self._readers, page, *asked)

    def _last_position(self) -> int:
        with translated(), self._engine.connect() as connection:
            return store.last_position(connection)

    def _begun(self, end: int) -> Tail:
        loop = asyncio.get_running_loop()

        def grown() -> None:
            loop.call_soon_threadsafe(self._wake)

        # Those who come back after a restart of the service are a little behind: the window holds what they lack.
        held = Window(max(0, end - self.limits.events), self.limits.events, self.limits.size)
        return Tail(self._engine, self._public_url, held, grown)

    def _wake(self) -> None:
        for woken in self._woken:
            woken.set()
