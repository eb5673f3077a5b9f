"""Resolutions of contradictions over HTTP: who decides says which claim is used, why, and where that is said."""

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from services.doors.bodies import body
from services.doors.entry import BEARER, Entry
from services.doors.tokens import Scope
from services.ingest.commands.answered import Outcome
from services.ingest.commands.api import MOST, Recorded, _dry_run, _if_match, _key
from services.ingest.commands.asking import Asking
from services.ingest.commands.recording import record
from services.ingest.commands.resolution import resolution
from services.ingest.commands.working import described
from services.settings import Settings


def router(engine: sa.Engine, settings: Settings, recorded: Recorded) -> APIRouter:
    """The endpoint of resolutions; `recorded` is awaited with the last position of each before it is answered."""
    routes, entry = APIRouter(tags=["commands"]), Entry(engine, settings)

    @routes.post("/v1/codes/{code}/conflicts/{name}/resolutions", status_code=201, dependencies=[BEARER])
    async def resolutions(request: Request, code: str, name: str) -> Response:
        """Decides a contradiction; with `dry_run=true` tells what that would come to."""
        actor = await entry.admit(request, Scope.command)
        dry_run = _dry_run(request)
        data = await body(request, MOST)

        def run() -> Outcome:
            said, work = resolution(described(code), name, data, actor)
            return record(engine, Asking(code, said, _key(request, data), _if_match(request), dry_run), work)

        outcome = await run_in_threadpool(run)
        if outcome.position is not None:
            await recorded(outcome.position)
        headers = {"ETag": f'"{outcome.version}"'} if outcome.version is not None else {}
        return Response(outcome.body, 200 if dry_run else 201, headers, media_type="application/json")

    return routes
