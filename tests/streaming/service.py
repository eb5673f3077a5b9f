"""A service that does nothing but stream, with limits of the test's own; a reader of streams as the SSE specification has it."""

import json
import threading
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import islice
from typing import Any, NamedTuple

import httpx
import sqlalchemy as sa
import uvicorn
from fastapi import FastAPI

from events.catalogue import Event
from events.envelope import own_stream
from events.store import append, stream_versions
from services.problems import speak_problems
from services.projection.publish import stream
from services.projection.publish.open_streams import Streams
from services.projection.publish.stream_limits import USUAL, Limits
from services.settings import Settings
from services.terminal import serving
from tests.factories import pending
from tests.waiting import wait_for

STREAM = "/v1/events/stream"


class Service(NamedTuple):
    """A running service: its URL, a client of it, and how many connections it has."""

    url: str
    client: httpx.Client
    server: serving.Server

    def connections(self) -> int:
        return len(self.server.server_state.connections)


class Told(NamedTuple):
    """An event as a reader of the stream was told it."""

    position: int
    name: str
    data: dict[str, Any]


@contextmanager
def streaming(engine: sa.Engine, limits: Limits = USUAL, patience: float = serving.PATIENCE) -> Iterator[Service]:
    settings, listening = serving.listen(Settings(), "127.0.0.1", 0, patience)
    streams = Streams(engine, settings.links_url(), limits)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        streams.stop()

    app = FastAPI(lifespan=lifespan)
    speak_problems(app)
    app.include_router(stream.router(streams))
    server = serving.Server(uvicorn.Config(app, log_level="error"), streams.end)
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    wait_for(lambda: server.started)
    with httpx.Client(base_url=settings.links_url(), timeout=30) as client:
        yield Service(settings.links_url(), client, server)
    server.should_exit = True
    thread.join()


def record(engine: sa.Engine, *events: Event) -> None:
    """Appends the events in one transaction."""
    ready = [pending(each) for each in events]
    with engine.begin() as connection:
        append(connection, ready, stream_versions(connection, {own_stream(each) for each in events}))


def first(lines: Iterable[str], number: int) -> list[Told]:
    """The first events of a stream."""
    return list(islice(dispatched(lines), number))


def dispatched(lines: Iterable[str]) -> Iterator[Told]:
    """The events of a stream; an event without data is none, a comment is nothing."""
    identity, name, data = "", "", list[str]()
    for line in lines:
        field, _, value = line.partition(": ")
        if field == "id":
            identity = value
        elif field == "event":
            name = value
        elif field == "data":
            data.append(value)
        elif not line:
            if data:
                yield Told(int(identity), name, json.loads("\n".join(data)))
            name, data = "", []


def told(client: httpx.Client, number: int, last: int | None = None, **query: Any) -> list[Told]:
    """The first events of a stream opened for them."""
    headers = {} if last is None else {"Last-Event-ID": str(last)}
    with client.stream("GET", STREAM, params=query, headers=headers) as answer:
        assert answer.status_code == 200, answer.read()
        return first(answer.iter_lines(), number)
