"""Many readers of a stream at once, in one thread: each keeps the ids it was told, and resumes where it was cut off."""

import asyncio
import random
import re
from collections.abc import Callable, Sequence
from contextlib import suppress

_ID = re.compile(rb"^id: (\d+)$", re.MULTILINE)

Url = Callable[[], tuple[str, int]]
"""Where the service is at the moment: it may have moved since."""


async def read_on(where: Url, after: int, end: int, told: list[int]) -> None:
    """Adds the ids told from a position on until the last one; it connects again, as often as needed, after the last one told."""
    while not told or told[-1] < end:
        with suppress(OSError, asyncio.IncompleteReadError):
            await _connected(where, told, told[-1] if told else after, end)
        await asyncio.sleep(0.02)


async def _connected(where: Url, told: list[int], after: int, end: int) -> None:
    reader, writer = await asyncio.open_connection(*where(), limit=1 << 20)
    try:
        request = f"GET /v1/events/stream HTTP/1.1\r\nHost: tests\r\nLast-Event-ID: {after}\r\n\r\n"
        writer.write(request.encode())
        assert b" 200 " in await reader.readuntil(b"\r\n")
        while not told or told[-1] < end:
            # Only an event that came whole was told.
            event = await reader.readuntil(b"\n\n")
            told += map(int, _ID.findall(event))
    finally:
        writer.close()


def crowd(
    where: Url, starts: Sequence[int], end: int, seconds: float = 0, told: list[list[int]] | None = None
) -> list[list[int]]:
    """What readers were told that begin after those positions, each at some moment within so many seconds."""
    told = told if told is not None else []
    told += [[] for _ in starts]

    async def one(after: int, own: list[int]) -> None:
        await asyncio.sleep(random.uniform(0, seconds))
        await read_on(where, after, end, own)

    async def everyone() -> None:
        await asyncio.wait_for(asyncio.gather(*map(one, starts, told)), 100)

    asyncio.run(everyone())
    return told
