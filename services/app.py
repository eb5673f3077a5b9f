"""All in one process: documents in, the projection following the log, answers out."""

import asyncio
import threading
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from typing import Any

import sqlalchemy as sa
from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.audit import replaying
from services.audit import routes as audit_routes
from services.background import Loops
from services.database import open_ledger
from services.doors import limits
from services.ingest import api as ingest_api
from services.ingest import clock as legal_clock
from services.ingest import health
from services.ingest.commands import api as commands_api
from services.ingest.commands import resolutions
from services.problems import speak_problems
from services.projection import api as projection_api
from services.projection import queries, runner
from services.projection.answering import Answering
from services.projection.documented import SCHEMAS
from services.projection.generations import live
from services.projection.kept import AskedAgain, Clock, Memory, now
from services.projection.proof import api as proof_api
from services.projection.proof import upkeep
from services.projection.publish import asyncapi, calendar, feeds, schemas, stream
from services.projection.publish.open_streams import Streams
from services.projection.publish.publishing import loops as channels
from services.projection.publish.webhooks import routes
from services.projection.web import page
from services.settings import Settings

ALL = frozenset({"ingest", "projection"})
CATCH_UP = 5.0
"""Seconds that a recording waits for its own projection before it is answered."""


def build(settings: Settings, parts: Collection[str] = ALL, clock: Clock = now) -> FastAPI:
    """The service with its parts; the ledger is opened, and an embedded one migrated, at once."""
    engine = open_ledger(settings.ledger_url())
    memory = Memory(clock=clock)
    following = _Following(engine, memory)
    streams = Streams(engine, settings.links_url())
    loops = Loops()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if "projection" in parts:
            following.start()
            loops.start("tree", lambda stop: upkeep.run(engine, settings.key_file(), stop))
            loops.start("replay", lambda stop: replaying.run(engine, stop))
        if set(parts) >= ALL:
            for name, loop in channels(engine, settings):
                loops.start(name, loop)
            loops.start("clock", lambda stop: legal_clock.run(engine, stop, clock))
        yield
        loops.stop()
        following.stop()
        streams.stop()
        engine.dispose()

    app = FastAPI(
        title="inforce", version="1", lifespan=lifespan, docs_url=None, redoc_url=None, redirect_slashes=False
    )
    app.state.end_streams = streams.end
    speak_problems(app)
    if "ingest" in parts:
        recorded = following.wait if "projection" in parts else _at_once
        app.include_router(ingest_api.router(engine, settings, recorded))
        app.include_router(commands_api.router(engine, settings, recorded))
        app.include_router(resolutions.router(engine, settings, recorded))
    if "projection" in parts:
        app.add_middleware(AskedAgain, memory=memory)
        app.include_router(stream.router(streams))
        app.include_router(projection_api.router(engine, memory, settings.links_url(), following.alive))
        app.include_router(routes.router(engine, settings))
        app.include_router(proof_api.router(engine))
        app.include_router(audit_routes.router(engine, settings, clock))
        app.include_router(feeds.router(engine, settings.links_url()))
        app.include_router(calendar.router(Answering(engine, memory), settings.links_url()))
        app.include_router(schemas.router(settings.links_url()))
        app.include_router(
            asyncapi.router(settings.links_url(), settings.kafka_bootstrap, settings.kafka_security_protocol)
        )
        app.include_router(page.router(engine, clock))
        _describe(app)
    else:
        app.include_router(health.router(engine))
    app.add_middleware(HeadAsGet)
    if (per_second := limits.allowed(settings)) is not None:
        app.add_middleware(limits.Limits, per_second=per_second)
    return app


class _Following:
    """Runs the projection in a thread; tells the memory of answers, and those who wait, how far it has come."""

    def __init__(self, engine: sa.Engine, memory: Memory) -> None:
        self._engine, self._memory = engine, memory
        self._position = 0
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop, self._awake = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="projection", daemon=True)

    def start(self) -> None:
        """Starts following the log; those who wait do so in the loop that runs now."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    def stop(self) -> None:
        """Stops at the end of the batch under way."""
        self._stop.set()
        self._awake.set()
        if self._thread.ident:
            self._thread.join(CATCH_UP)

    def alive(self) -> bool:
        """Whether the log is being followed."""
        return self._thread.is_alive()

    async def wait(self, position: int) -> None:
        """Returns when the projection has come as far, or after a while all the same."""
        self._awake.set()
        if self._position < position:
            reached = asyncio.get_running_loop().create_future()
            self._waiting.append((position, reached))
            with suppress(TimeoutError):
                await asyncio.wait_for(reached, CATCH_UP)

    def _run(self) -> None:
        runner.run(self._engine, self._stop, self._reached, self._awake)

    def _reached(self, position: int) -> None:
        with self._engine.connect() as connection:
            self._memory.generation = live(connection)
            self._memory.positions.update({each["code"]: each["position"] for each in queries.codes(connection)})
        self._position = position
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop has ended: nobody waits any more
                self._loop.call_soon_threadsafe(self._tell, position)

    def _tell(self, position: int) -> None:
        waiting, self._waiting = self._waiting, []
        for needed, reached in waiting:
            if reached.done():
                continue  # it waited long enough
            if needed > position:
                self._waiting.append((needed, reached))
            else:
                reached.set_result(None)


class HeadAsGet:
    """ASGI middleware: HEAD is answered as GET is, without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a HEAD on as a GET and keeps its body back."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        over = False

        async def headers_only(message: Message) -> None:
            nonlocal over
            if message["type"] == "http.response.body":
                # The end at once: a stream would have none.
                message = {**message, "body": b"", "more_body": False}
            if not over:
                over = message["type"] == "http.response.body"
                await send(message)

        await self._app({**scope, "method": "GET"}, receive, headers_only)


def _describe(app: FastAPI) -> None:
    """Adds the shapes that the answers' descriptions name to `/openapi.json`."""
    told = app.openapi

    def complete() -> dict[str, Any]:
        description = told()
        description.setdefault("components", {}).setdefault("schemas", {}).update(SCHEMAS)
        return description

    setattr(app, "openapi", complete)  # noqa: B010 - FastAPI's own way to extend it; mypy takes no assignment


async def _at_once(_: int) -> None:
    """Another process projects."""
