"""Resolutions of contradictions over HTTP: who decides says which claim is used, why, and where that is said."""

from collections.abc import Callable
from typing import Annotated, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response
from pydantic import BeforeValidator
from starlette.concurrency import run_in_threadpool

from events.identifiers import new_id
from services.doors.bodies import body
from services.doors.entry import BEARER, admit
from services.doors.tokens import Scope
from services.ingest.commands.answered import Outcome
from services.ingest.commands.api import MOST, _dry_run, _if_match, _key
from services.ingest.commands.around import acts
from services.ingest.commands.bodies import SaidIn, _Body, read_body
from services.ingest.commands.contested import contested
from services.ingest.commands.correcting import judged
from services.ingest.commands.fields import Words
from services.ingest.commands.recording import Asking, Work, record
from services.ingest.commands.resolving import decide_resolution
from services.ingest.commands.saying import Decided, Said, said_in
from services.ingest.commands.working import described
from services.law.codes import Code
from services.settings import Settings


def _index(value: object) -> object:
    if value is True or value is False:
        raise ValueError("expected 0 or 1")
    return value


class ResolutionAsked(_Body):
    """The claim that is used from now on, by its index, why, and where that is said."""

    used: Annotated[Literal[0, 1], BeforeValidator(_index)]
    reason: Words
    source: SaidIn


def router(engine: sa.Engine, settings: Settings, on_recorded: Callable[[int], None]) -> APIRouter:
    """The endpoint of resolutions; `on_recorded` hears the last position of each before it is answered."""
    routes = APIRouter(tags=["commands"])

    @routes.post("/v1/codes/{code}/conflicts/{name}/resolutions", status_code=201, dependencies=[BEARER])
    async def resolutions(request: Request, code: str, name: str) -> Response:
        """Decides a contradiction; with `dry_run=true` tells what that would come to."""
        actor = await run_in_threadpool(admit, request, engine, settings, Scope.command)
        dry_run = _dry_run(request)
        data = await body(request, MOST)

        def run() -> Outcome:
            said, work = resolution(described(code), name, data, actor)
            return record(engine, Asking(code, said, _key(request, data), _if_match(request), dry_run), work)

        outcome = await run_in_threadpool(run)
        if outcome.position is not None:
            await run_in_threadpool(on_recorded, outcome.position)
        headers = {"ETag": f'"{outcome.version}"'} if outcome.version is not None else {}
        return Response(outcome.body, 200 if dry_run else 201, headers, media_type="application/json")

    return routes


def resolution(code: Code, name: str, data: bytes, actor: str) -> tuple[Said, Work]:
    """Who says how a contradiction is decided, and the work that it asks for."""
    asked = read_body(data, ResolutionAsked)
    said = said_in(asked.source, actor)

    def work(connection: sa.Connection) -> Decided:
        conflict = contested(connection, code.id, name)
        decided = decide_resolution(code, asked.used, asked.reason, conflict, said, new_id)
        decided.before = acts(connection, code.id, decided.acts)
        decided.seen_as(code.id, _instrument(conflict.noted.about), conflict.stream)
        return judged(code, decided)

    return said, work


def _instrument(about: str) -> str | None:
    kind, _, name = about.partition("/")
    return name if kind == "instrument" else None
