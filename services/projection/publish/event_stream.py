"""One open stream: the frames that its reader wants, comments that keep it alive, until the reader leaves or all ends."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from events.errors import Unavailable
from services.projection.publish.frames import Frame
from services.projection.publish.open_streams import Streams
from services.projection.publish.wanted import Wanted
from services.projection.publish.window import Tail

MEDIA_TYPE = "text/event-stream"
HEADERS = {"Content-Type": MEDIA_TYPE, "Cache-Control": "no-cache", "X-Accel-Buffering": "no"}

COMMENT = b":\n"
"""Without an empty line after it: some readers take that one for an event."""

RETRY = 1.0
"""Seconds until a stream reads again from a database that is away."""


class EventStream(StreamingResponse):
    """The answer with the wanted events after a position, which goes on until its reader leaves or the service stops."""

    def __init__(self, streams: Streams, tail: Tail, position: int, wanted: Wanted) -> None:
        self._streams, self._chunks = streams, _chunks(streams, tail, position, wanted)
        super().__init__(self._chunks, headers=HEADERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Streams; what the stream holds is free when this returns."""
        try:
            async with aclosing(self._chunks):
                await super().__call__(scope, receive, send)
        except asyncio.CancelledError:
            # The service stops, and the reader took nothing any more, not even the end.
            if not self._streams.ended:
                raise


async def _chunks(streams: Streams, tail: Tail, position: int, wanted: Wanted) -> AsyncGenerator[bytes]:
    now, heartbeat = asyncio.get_running_loop().time, streams.limits.heartbeat
    told, due = position, now() + heartbeat
    with streams.wakings() as woken:
        yield COMMENT
        while not (streams.ended or tail.over):
            woken.clear()
            frames, reached = await _next(streams, tail, position, wanted)
            if frames:
                told = frames[-1].position
                yield b"".join(each.text for each in frames)
            if now() >= due:
                # An event without data is not dispatched: it only moves the place from which a reader resumes.
                yield COMMENT if told == reached else b"%sid: %d\n\n" % (COMMENT, reached)
                told, due = reached, now() + heartbeat
            if reached == position:
                await _set_within(woken, RETRY if position < tail.window.last else due - now())
            else:
                await asyncio.sleep(0)  # others have their turn
            position = reached


async def _next(streams: Streams, tail: Tail, position: int, wanted: Wanted) -> tuple[list[Frame], int]:
    try:
        return await streams.after(tail, position, wanted)
    except Unavailable:
        return [], position


async def _set_within(woken: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await woken.wait()
