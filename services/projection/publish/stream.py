"""Server-sent events: the log as a stream, from any position on, that its readers resume without a gap."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.datastructures import QueryParams
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from events.errors import Unavailable
from services.projection.asked import check_names, provision_named, whole
from services.projection.documented import TEXT, WHOLE, described
from services.projection.publish.frames import Frame
from services.projection.publish.open_streams import Streams
from services.projection.publish.wanted import Wanted, of_type
from services.projection.publish.window import Tail

PARAMETERS = ("after", "type", "code", "affected")
LAST = "Last-Event-ID"
MEDIA_TYPE = "text/event-stream"
HEADERS = {"Content-Type": MEDIA_TYPE, "Cache-Control": "no-cache", "X-Accel-Buffering": "no"}

COMMENT = b":\n"
# Without an empty line after it: some readers take that one for an event.

RETRY = 1.0
"""Seconds until a stream reads again from a database that is away."""


class EventStream(StreamingResponse):
    """The answer that goes on until its reader leaves or the service stops."""

    def __init__(self, chunks: AsyncGenerator[bytes]) -> None:
        super().__init__(chunks, headers=HEADERS)
        self._chunks = chunks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Streams; what the stream holds is free when this returns."""
        async with aclosing(self._chunks):
            await super().__call__(scope, receive, send)


def router(streams: Streams) -> APIRouter:
    """The stream's endpoint; it has to come before the one that gives an event by its id."""
    routes = APIRouter(tags=["subscribers"])

    @routes.get("/v1/events/stream", response_class=Response, **_described())
    async def stream(request: Request) -> Response:
        """The events after a position, then each one as it is recorded, as server-sent events."""
        query = request.query_params
        check_names(request, PARAMETERS)
        wanted = Wanted(of_type(query.get("type")), query.get("code"), provision_named(query, "affected"))
        name, position = _start(request)
        tail = await streams.admitted(position, name)
        return EventStream(_chunks(streams, tail, position, wanted))

    return routes


def _start(request: Request) -> tuple[str, int]:
    """The position that the stream comes after, and what names it."""
    after = whole(request.query_params, "after", 0, 10**18) or 0
    given = request.headers.get(LAST)
    if not given:
        return "after", after
    return LAST, whole(QueryParams({LAST: given}), LAST, 0, 10**18) or 0


async def _chunks(streams: Streams, tail: Tail, position: int, wanted: Wanted) -> AsyncGenerator[bytes]:
    now, heartbeat = asyncio.get_running_loop().time, streams.limits.heartbeat
    told, due = position, now() + heartbeat
    with streams.wakings() as woken:
        yield COMMENT
        while streams.goes_on(tail):
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


def _described() -> dict[str, Any]:
    told = described(PARAMETERS)
    content = {MEDIA_TYPE: {"schema": TEXT}}
    told["responses"]["200"] = {
        "description": "The stream: `id` the position, `data` a CloudEvent.",
        "content": content,
    }
    resumed = "After this position, whatever `after` says: the `id` of the last event that was received."
    told["openapi_extra"]["parameters"].append(
        {"name": LAST, "in": "header", "required": False, "schema": WHOLE, "description": resumed}
    )
    return told
