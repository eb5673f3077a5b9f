"""Subscriptions over HTTP: who holds a token of scope `subscribe` makes, sees, changes, tries and ends them."""

from collections.abc import Callable
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa
from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from events.driver_errors import translated
from events.store import last_position
from services.doors.bodies import body
from services.doors.entry import BEARER, Entry
from services.doors.meta import meta_of_ledger
from services.doors.parameters import MOST, USUAL, BadParameter, check_names, one_of, whole
from services.doors.tokens import Scope
from services.projection.asked import PAGING, today
from services.projection.documented import described
from services.projection.kept import Clock, now
from services.projection.publish.webhooks import (
    asking,
    checkpoints,
    deliveries,
    keys,
    making,
    subscriptions,
    targets,
    trying,
)
from services.settings import Settings

PATH = "/v1/subscriptions"
OF_DELIVERIES = (*PAGING, "status")
HEADERS = {"Cache-Control": "no-store"}

RESOLVING = 4
"""Subscriptions made at once: a name that is slow to resolve holds up those that are made, and nobody else."""

Work = Callable[["Entered"], Response]


class Entered(NamedTuple):
    """A request that was let in: by whom, with which body."""

    request: Request
    actor: str
    data: bytes


class Subscribing(NamedTuple):
    """What the endpoints share."""

    engine: sa.Engine
    settings: Settings
    entry: Entry
    resolve: targets.Resolve
    clock: Clock

    async def let_in(self, request: Request, known: tuple[str, ...] = ()) -> Entered:
        """The request of somebody who may subscribe."""
        actor = await self.entry.admit(request, Scope.subscribe)
        check_names(request, known)
        return Entered(request, actor, await body(request))

    async def entered(self, request: Request, work: Work, known: tuple[str, ...] = ()) -> Response:
        """What the work answers to a request whose maker may subscribe."""
        return await run_in_threadpool(work, await self.let_in(request, known))

    def answer(self, connection: sa.Connection, told: dict[str, Any], status: int = 200) -> Response:
        """An answer that nobody between keeps."""
        meta = meta_of_ledger(last_position(connection), today(self.clock()))
        return Response(orjson.dumps({**told, "meta": meta}), status, HEADERS, media_type="application/json")


def router(
    engine: sa.Engine, settings: Settings, resolve: targets.Resolve = targets.system, clock: Clock = now
) -> APIRouter:
    """The endpoints under `/v1/subscriptions`; `resolve` gives the addresses of a receiver's name."""
    routes = APIRouter(tags=["subscriptions"], dependencies=[BEARER])
    shared = Subscribing(engine, settings, Entry(engine, settings), resolve, clock)
    _making(routes, shared)
    _showing(routes, shared)
    _changing(routes, shared)
    _trying(routes, shared)
    return routes


def _making(routes: APIRouter, shared: Subscribing) -> None:
    resolving = CapacityLimiter(RESOLVING)

    @routes.post(PATH, status_code=201, **_taking(asking.OF_NEW))
    async def subscribe(request: Request) -> Response:
        """Delivers every event that fits to a URL; the secret is shown this once."""
        entered = await shared.let_in(request)
        return await to_thread.run_sync(_subscribe, shared, entered, limiter=resolving)


def _subscribe(shared: Subscribing, entered: Entered) -> Response:
    told = asking.fields(entered.data, asking.OF_NEW)
    asked = making.asked(shared.engine, shared.settings, told, shared.resolve)
    with translated(), shared.engine.begin() as connection:
        row, secret = making.made(connection, shared.settings, asked, entered.actor, shared.clock())
        answer = shared.answer(connection, {**subscriptions.shown(row), "secret": secret}, 201)
    answer.headers["Location"] = f"{PATH}/{row.id}"
    return answer


def _showing(routes: APIRouter, shared: Subscribing) -> None:
    @routes.get(PATH, **described(PAGING, listed=True))
    async def listed(request: Request) -> Response:
        """Every subscription, in the order made."""

        def work(entered: Entered) -> Response:
            query = entered.request.query_params
            limit = whole(query, "limit", 1, MOST) or USUAL
            with translated(), shared.engine.connect() as connection:
                found = subscriptions.listed(connection, _cursor(query.get("cursor")), limit + 1)
                following = found[limit - 1].id if len(found) > limit else None
                items = [subscriptions.shown(row) for row in found[:limit]]
                return shared.answer(connection, {"items": items, "next": following})

        return await shared.entered(request, work, PAGING)

    @routes.get(PATH + "/{own}", **described(()))
    async def one(request: Request, own: str) -> Response:
        """One subscription: how far it has come, and what holds it up."""

        def work(_: Entered) -> Response:
            with translated(), shared.engine.connect() as connection:
                shown = subscriptions.shown(subscriptions.find(connection, own))
                return shared.answer(connection, shown | checkpoints.told(connection, own))

        return await shared.entered(request, work)

    @routes.get(PATH + "/{own}/deliveries", **described(OF_DELIVERIES, listed=True))
    async def delivered(request: Request, own: str) -> Response:
        """What became of each event that was tried, the last position first."""
        return await shared.entered(request, lambda entered: _deliveries(shared, entered, own), OF_DELIVERIES)


def _deliveries(shared: Subscribing, entered: Entered, own: str) -> Response:
    query = entered.request.query_params
    limit, before = whole(query, "limit", 1, MOST) or USUAL, whole(query, "cursor", 1, 10**18)
    status = one_of(query, "status", deliveries.STATUSES)
    with translated(), shared.engine.connect() as connection:
        subscriptions.find(connection, own)
        found = deliveries.listed(connection, own, before, status, limit + 1)
        following = str(found[limit - 1]["position"]) if len(found) > limit else None
        return shared.answer(connection, {"items": found[:limit], "next": following})


def _changing(routes: APIRouter, shared: Subscribing) -> None:
    @routes.patch(PATH + "/{own}", **_taking(asking.OF_CHANGE))
    async def change(request: Request, own: str) -> Response:
        """Pauses it, lets it go on, or gives it a new secret, shown this once; the old one signs too for a day."""
        return await shared.entered(request, lambda entered: _change(shared, entered, own))

    @routes.delete(PATH + "/{own}", status_code=204, **described(()))
    async def delete(request: Request, own: str) -> Response:
        """Ends it and forgets its deliveries."""

        def work(_: Entered) -> Response:
            with translated(), shared.engine.begin() as connection:
                subscriptions.delete(connection, own)
            return Response(status_code=204)

        return await shared.entered(request, work)

    @routes.post(PATH + "/{own}/replay", **_taking(asking.OF_REPLAY))
    async def replay(request: Request, own: str) -> Response:
        """Delivers everything after a position once more."""

        def work(entered: Entered) -> Response:
            told = asking.fields(entered.data, asking.OF_REPLAY)
            with translated(), shared.engine.begin() as connection:
                position = asking.position(connection, told.get("from"))
                row = subscriptions.replay(connection, own, position)
                return shared.answer(connection, subscriptions.shown(row))

        return await shared.entered(request, work)


def _change(shared: Subscribing, entered: Entered, own: str) -> Response:
    status, rotate = asking.change(asking.fields(entered.data, asking.OF_CHANGE))
    shown: dict[str, Any] = {}
    with translated(), shared.engine.begin() as connection:
        row = subscriptions.set_status(connection, own, status) if status else None
        if rotate:
            row, shown["secret"] = subscriptions.rotate(connection, own, keys.key(shared.settings), shared.clock())
        return shared.answer(connection, subscriptions.shown(row) | shown)


def _trying(routes: APIRouter, shared: Subscribing) -> None:
    @routes.post(PATH + "/{own}/test", **described(()))
    async def test(request: Request, own: str) -> Response:
        """Delivers an event of the type `uk.inforce.test.v1` now, and tells what came of it."""

        def found() -> subscriptions.Row:
            with translated(), shared.engine.connect() as connection:
                return subscriptions.find(connection, own)

        def told(outcome: dict[str, Any]) -> Response:
            with translated(), shared.engine.connect() as connection:
                return shared.answer(connection, outcome)

        await shared.let_in(request)
        row = await run_in_threadpool(found)
        # Waited for in the loop: a receiver that does not answer takes none of the threads that others are answered in.
        return await run_in_threadpool(told, await trying.tried(row, shared.settings, shared.resolve, shared.clock()))


def _cursor(text: str | None) -> str:
    if text is not None and not (text.isascii() and len(text) == 36):
        raise BadParameter(f"cursor: {text[:80]!r} is not one of this list")
    return text or ""


def _taking(fields: tuple[str, ...]) -> dict[str, Any]:
    """What `/openapi.json` says of a route with a body."""
    told = described(())
    properties = {name: asking.FIELDS[name] for name in fields}
    needed = [name for name in ("url",) if name in fields]
    schema = {"type": "object", "properties": properties, "required": needed, "additionalProperties": False}
    told["openapi_extra"]["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return told
