"""Replays over HTTP: who holds a token of scope `audit` asks for one; anybody sees what became of it."""

from typing import Any

import orjson
import sqlalchemy as sa
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from events.driver_errors import translated
from events.store import last_position, position_at
from services.audit import replay, replays
from services.audit.replays import Wish
from services.doors.bodies import body
from services.doors.entry import BEARER, Entry
from services.doors.meta import meta_of_ledger
from services.doors.parameters import MOST, USUAL, BadParameter, check_names, whole
from services.doors.tokens import Scope
from services.projection.asked import PAGING, known_time, today
from services.projection.documented import described
from services.projection.kept import Clock, now
from services.projection.publish.webhooks.asking import fields
from services.settings import Settings

PATH = "/v1/audit/replays"
HEADERS = {"Cache-Control": "no-store"}

_PROPERTIES: dict[str, Any] = {
    "until": {
        "anyOf": [{"type": "integer", "minimum": 0}, {"type": "string"}],
        "description": "A position, `pos:<n>`, or an instant: what was recorded up to it; all of the log if not given.",
    },
    "switch": {"type": "boolean", "description": "Puts the rebuilt read models in place of the live ones."},
    "unless_unlike": {"type": "boolean", "description": "Puts them in place only where nothing differs."},
}


def router(engine: sa.Engine, settings: Settings, clock: Clock = now) -> APIRouter:
    """The endpoints under `/v1/audit/replays`; `replaying.run` does what is asked for."""
    routes, entry = APIRouter(tags=["audit"]), Entry(engine, settings)

    @routes.post(PATH, status_code=202, dependencies=[BEARER], **_taking())
    async def ask(request: Request) -> Response:
        """Rebuilds the read models beside the live ones and compares them, in the background; one replay at a time."""
        actor = await entry.admit(request, Scope.audit)
        check_names(request, ())
        told = fields(await body(request) or b"{}", tuple(_PROPERTIES))
        return await run_in_threadpool(_ask, engine, told, actor, clock)

    @routes.get(PATH, **described(PAGING, listed=True))
    def listed(request: Request) -> Response:
        """Every replay, the last asked for first."""
        check_names(request, PAGING)
        query = request.query_params
        limit = whole(query, "limit", 1, MOST) or USUAL
        with translated(), engine.connect() as connection:
            found = replays.listed(connection, _cursor(query.get("cursor")), limit + 1)
            following = found[limit - 1].id if len(found) > limit else None
            items = [replays.shown(row) for row in found[:limit]]
            return _answer(connection, {"items": items, "next": following}, clock)

    @routes.get(PATH + "/{own}", **described(()))
    def one(request: Request, own: str) -> Response:
        """One replay: how far it has come, how many differences, the first of them with the events that explain them."""
        check_names(request, ())
        with translated(), engine.connect() as connection:
            return _answer(connection, replays.shown(replays.find(connection, own)), clock)

    return routes


def _ask(engine: sa.Engine, told: dict[str, Any], actor: str, clock: Clock) -> Response:
    with translated(), engine.connect() as connection:
        wish = replay.checked(_wish(connection, told), last_position(connection))
    with translated(), engine.begin() as connection:
        own = replays.ask(connection, wish, actor)
        answer = _answer(connection, replays.shown(replays.find(connection, own)), clock, 202)
    answer.headers["Location"] = f"{PATH}/{own}"
    return answer


def _wish(connection: sa.Connection, told: dict[str, Any]) -> Wish:
    for name in ("switch", "unless_unlike"):
        if not isinstance(told.get(name, False), bool):
            raise BadParameter(f"{name}: found {told[name]!r:.80}; expected true or false")
    until = told.get("until")
    if isinstance(until, str):
        known = known_time(until, "until")
        until = known if isinstance(known, int) else position_at(connection, known) if known else None
    if until is not None and (not isinstance(until, int) or isinstance(until, bool) or not 0 <= until <= 10**18):
        raise BadParameter(f"until: found {until!r:.80}; expected a position, pos:<n> or an instant")
    return Wish(until, told.get("switch", False), told.get("unless_unlike", False))


def _answer(connection: sa.Connection, told: dict[str, Any], clock: Clock, status: int = 200) -> Response:
    meta = meta_of_ledger(last_position(connection), today(clock()))
    return Response(orjson.dumps({**told, "meta": meta}), status, HEADERS, media_type="application/json")


def _cursor(text: str | None) -> str | None:
    if text is not None and not (text.isascii() and len(text) == 36):
        raise BadParameter(f"cursor: {text[:80]!r} is not one of this list")
    return text


def _taking() -> dict[str, Any]:
    """What `/openapi.json` says of the body."""
    told = described(())
    schema = {"type": "object", "properties": _PROPERTIES, "additionalProperties": False}
    told["openapi_extra"]["requestBody"] = {"content": {"application/json": {"schema": schema}}}
    return told
