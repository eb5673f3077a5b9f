"""All in one process: documents in, the projection following the log, answers out."""

import threading
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

import sqlalchemy as sa
from fastapi import FastAPI

from services.database import open_ledger
from services.ingest import api as ingest_api
from services.problems import speak_problems
from services.projection import api as projection_api
from services.projection import queries, runner
from services.projection.answers import AskedAgain, Memory
from services.projection.web import page
from services.settings import Settings

ALL = frozenset({"ingest", "projection"})
CATCH_UP = 5.0
"""Seconds that a recording waits for its own projection before it is answered."""


def build(settings: Settings, parts: Collection[str] = ALL) -> FastAPI:
    """The service with its parts; the ledger is opened, and an embedded one migrated, at once."""
    engine = open_ledger(settings.ledger_url())
    memory, stop, following = Memory(), threading.Event(), _Following(engine)

    def moved(position: int) -> None:
        memory.positions.update(_positions(engine))
        following.reached(position)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        worker = threading.Thread(target=runner.run, args=(engine, stop, moved), name="projection", daemon=True)
        if "projection" in parts:
            worker.start()
        yield
        stop.set()
        if worker.ident:
            worker.join(CATCH_UP)
        engine.dispose()

    app = FastAPI(title="inforce", version="1", lifespan=lifespan, docs_url=None, redoc_url=None)
    speak_problems(app)
    if "ingest" in parts:
        app.include_router(ingest_api.router(engine, settings, following.wait if "projection" in parts else _at_once))
    if "projection" in parts:
        app.add_middleware(AskedAgain, memory=memory)
        app.include_router(projection_api.router(engine, memory, settings.links_url()))
        app.include_router(page.router(engine))
    return app


class _Following:
    """How far the projection has come, for those who wait for it."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine, self._position, self._moved = engine, 0, threading.Condition()

    def reached(self, position: int) -> None:
        """Wakes those who wait."""
        with self._moved:
            self._position = position
            self._moved.notify_all()

    def wait(self, position: int) -> None:
        """Returns when the projection has come as far, or after a while all the same."""
        with self._moved:
            self._moved.wait_for(lambda: self._position >= position, CATCH_UP)


def _at_once(_: int) -> None:
    """Another process projects."""


def _positions(engine: sa.Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {each["code"]: each["position"] for each in queries.codes(connection)}
