"""The log for all subscriptions of a process: each page read once, the least used forgotten, the memory bounded."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from functools import cached_property
from typing import NamedTuple

import orjson

from events.envelope import Recorded, cloud_event
from services.projection.log_answers import About, about, touches

PAGE = 256
MOST_BYTES = 64 * 1024 * 1024
OVERHEAD, COPIES = 4_000, 3
"""Bytes that an event takes in memory beside its entry; how often it holds the entry's: as it is, decoded, as a body."""

ReadPage = Callable[[int, int], Awaitable[list[Recorded]]]
"""The events after a position, so many at most."""


class Post(NamedTuple):
    """An event as it is delivered."""

    position: int
    id: str
    body: bytes


class Letter:
    """An event of the log; what several subscriptions need of it is made once."""

    def __init__(self, recorded: Recorded, public_url: str) -> None:
        self.recorded, self.position = recorded, recorded.position
        self._public_url = public_url

    @cached_property
    def about(self) -> About:
        """What it is about."""
        return about(self.recorded)

    @cached_property
    def body(self) -> bytes:
        """The CloudEvent in JSON."""
        return orjson.dumps(cloud_event(self.recorded, self._public_url))


class Wanted(NamedTuple):
    """What a subscription asks for: classes of event, codes, provisions; null and none: all."""

    types: frozenset[str] | None
    codes: frozenset[str]
    affected: tuple[str, ...]

    def takes(self, letter: Letter) -> bool:
        """Whether it asks for the event."""
        recorded = letter.recorded
        return (
            (self.types is None or recorded.type in self.types)
            and (not self.codes or recorded.code in self.codes)
            and (not self.affected or any(touches(recorded.code, letter.about, each) for each in self.affected))
        )


class Letters:
    """Pages of the log, for the one event loop that it is made in."""

    def __init__(self, read: ReadPage, public_url: str) -> None:
        self.end = 0
        self._read, self._public_url = read, public_url
        self._pages: OrderedDict[int, asyncio.Task[list[Letter]]] = OrderedDict()
        self._sizes: dict[int, int] = {}
        self._grown = asyncio.Event()

    def reaches(self, end: int) -> None:
        """Tells those who wait that the log has grown."""
        if end > self.end:
            self.end = end
            self._grown.set()
            self._grown = asyncio.Event()

    async def after(self, position: int) -> Sequence[Letter]:
        """The letters after a position, some; waits until there is one."""
        while True:
            while position >= self.end:
                await self._grown.wait()
            found = [each for each in await self._page(position // PAGE) if each.position > position]
            if found:
                return found

    async def _page(self, number: int) -> list[Letter]:
        task = self._pages.get(number)
        if task is None or (task.done() and not self._holds(number, task)):
            task = self._pages[number] = asyncio.ensure_future(self._load(number))
        self._pages.move_to_end(number)
        return await asyncio.shield(task)

    def _holds(self, number: int, task: asyncio.Task[list[Letter]]) -> bool:
        if task.cancelled() or task.exception() or not task.result():
            return False
        return task.result()[-1].position >= min(self.end, (number + 1) * PAGE)

    async def _load(self, number: int) -> list[Letter]:
        found = [Letter(each, self._public_url) for each in await self._read(number * PAGE, PAGE)]
        if number in self._pages:
            self._sizes[number] = weight(found)
        while len(self._pages) > 1 and sum(self._sizes.values()) > MOST_BYTES:
            dropped, _ = self._pages.popitem(last=False)
            self._sizes.pop(dropped, None)
        return found


def weight(letters: Sequence[Letter]) -> int:
    """About how many bytes the letters take in memory."""
    return sum(OVERHEAD + COPIES * len(each.recorded.entry) for each in letters)
