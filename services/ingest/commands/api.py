"""Commands over HTTP: what somebody knows, recorded; with `dry_run=true` only what that would come to."""

import hashlib
import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, NamedTuple

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from events.receipt import Key
from services.doors.bodies import body
from services.doors.entry import BEARER, Entry
from services.doors.parameters import check_names, one_of
from services.doors.tokens import Scope
from services.ingest.commands.answered import Outcome
from services.ingest.commands.asking import ANY, Asking, Command, PreconditionFailed
from services.ingest.commands.kinds import COMMANDS, Made
from services.ingest.commands.recording import AT_ONCE, Turn, record, record_together
from services.ingest.commands.working import described
from services.ingest.recorder import UnusableKey
from services.settings import Settings
from services.turns import Turns

MOST = 256 * 1024
"""Bytes of a command's body."""

KEY_LIMIT = 255

Recorded = Callable[[int], Awaitable[None]]


def router(engine: sa.Engine, settings: Settings, recorded: Recorded) -> APIRouter:
    """The commands' endpoints; `recorded` is awaited with the last position of each command before it is answered."""
    routes = APIRouter(tags=["commands"])
    # One builds on the other: those that come while others are being recorded wait, and are then recorded together.
    turns = Turns(partial(record_together, engine), AT_ONCE, lambda turn: turn.code)
    shared = _Shared(engine, Entry(engine, settings), turns, recorded)
    for path, made in COMMANDS.items():
        routes.add_api_route(
            f"/v1/codes/{{code}}/{path}",
            _endpoint(shared, made),
            methods=["POST"],
            status_code=201,
            name=path,
            summary=f"Records {path}; with `dry_run=true` tells what that would come to.",
            dependencies=[BEARER],
        )
    return routes


class _Shared(NamedTuple):
    """What the endpoints share."""

    engine: sa.Engine
    entry: Entry
    turns: Turns[Turn, Outcome]
    recorded: Recorded


def _endpoint(shared: _Shared, made: Made) -> Callable[..., Any]:
    async def endpoint(request: Request, code: str) -> Response:
        actor = await shared.entry.admit(request, Scope.command)
        known = described(code)
        dry_run = _dry_run(request)
        data = await body(request, MOST)

        def command() -> Command:
            said, work = made(known, data, actor)
            return Command(Asking(code, said, _key(request, data), _if_match(request), dry_run), work)

        if dry_run:
            outcome = await run_in_threadpool(lambda: record(shared.engine, *command()))
        else:
            outcome = await shared.turns.take(Turn(code, command))
        if outcome.position is not None:
            await shared.recorded(outcome.position)
        headers = {"ETag": f'"{outcome.version}"'} if outcome.version is not None else {}
        status = 200 if dry_run else 201
        return Response(outcome.body, status, headers, media_type="application/json")

    return endpoint


def _dry_run(request: Request) -> bool:
    check_names(request, ("dry_run",))
    return one_of(request.query_params, "dry_run", ("true", "false")) == "true"


def _key(request: Request, data: bytes) -> Key | None:
    value = request.headers.get("idempotency-key")
    if value is None:
        return None
    if not 0 < len(value) <= KEY_LIMIT or not value.isprintable():
        raise UnusableKey(f"Idempotency-Key: found {value[:80]!r}; expected 1 to {KEY_LIMIT} printable characters")
    return Key(value, hashlib.sha256(request.url.path.encode() + b"\n" + data).digest())


def _if_match(request: Request) -> int | None:
    """The version of the instrument's stream that the caller saw: `If-Match: "3"` (`*`: any), or `If-None-Match: *`: none yet."""
    value = request.headers.get("if-match")
    if value is None:
        return 0 if request.headers.get("if-none-match", "").strip() == "*" else None
    if value.strip() == "*":
        return ANY
    found = re.fullmatch(r'\s*"(\d{1,18})"\s*', value, re.ASCII)
    if found is None:
        raise PreconditionFailed(f'If-Match: found {value[:80]!r}; expected one version of a stream, as "3"')
    return int(found[1])
