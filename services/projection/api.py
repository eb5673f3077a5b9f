"""Answers out over HTTP."""

import time
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any

import orjson
import sqlalchemy as sa
from fastapi import APIRouter, Request, Response

from events.driver_errors import translated
from events.envelope import cloud_event
from events.store import last_position
from services.database import check_revision
from services.problems import problem
from services.projection import queries
from services.projection.answers import Memory, answered
from services.projection.asked import (
    PAGING,
    POINT,
    Asked,
    check_names,
    day,
    known_time,
    one_of,
    point_asked,
    today,
    whole,
)
from services.projection.paging import page
from services.projection.point import Point, ProjectionBehind, point_at
from services.projection.queries import BadParameter

PATIENCE = 5.0
"""Seconds that `min_position` waits for the projection."""

RANGES = tuple(f"effective[{bound}]" for bound in ("gte", "lte", "on"))
RECORDED = tuple(f"recorded[{bound}]" for bound in ("gte", "lte", "on"))

Query = Callable[[sa.Connection, Point], Any]


class Answering:
    """Opens the database for a question, binds it to a point, and gives the answer the form that the API promises."""

    def __init__(self, engine: sa.Engine, memory: Memory) -> None:
        self.engine, self.memory = engine, memory

    def one(self, request: Request, code: str, query: Query, extra: Collection[str] = ()) -> Response:
        """A single answer."""
        check_names(request.query_params, {*POINT, *extra})
        asked = point_asked(request)
        with translated(), self.engine.connect() as connection:
            point = self.bind(connection, code, asked)
            return answered(request, point, asked, query(connection, point), self.memory)

    def many(self, request: Request, code: str, query: Query, extra: Collection[str] = ()) -> Response:
        """A list, paged."""
        check_names(request.query_params, {*POINT, *PAGING, *extra})
        asked = point_asked(request)
        with translated(), self.engine.connect() as connection:
            point = self.bind(connection, code, asked)
            items, following = page(query(connection, point), request.query_params, request.url.path)
        return answered(request, point, asked, {"items": items, "next": following}, self.memory)

    def bind(self, connection: sa.Connection, code: str, asked: Asked) -> Point:
        """The point asked about, once the projection has come as far as the request needs."""
        if asked.min_position:
            self._wait(connection, asked.min_position)
        return point_at(connection, code, asked.day, asked.known, datetime.now(UTC))

    def _wait(self, connection: sa.Connection, position: int) -> None:
        end = time.monotonic() + PATIENCE
        reached = -1
        while time.monotonic() < end:
            reached = queries.status(connection)["projection"]["position"]
            connection.rollback()
            if reached >= position:
                return
            time.sleep(0.02)
        raise ProjectionBehind(f"min_position: the projection has reached {reached}, asked was {position}")


def router(engine: sa.Engine, memory: Memory, public_url: str) -> APIRouter:
    """The read side's endpoints."""
    routes = APIRouter(tags=["answers"])
    answering = Answering(engine, memory)
    _of_codes(routes, answering)
    _of_provisions(routes, answering)
    _of_changes(routes, answering)
    _of_events(routes, answering, public_url)
    return routes


def _of_codes(routes: APIRouter, answering: Answering) -> None:
    @routes.get("/v1/codes")
    def codes(request: Request) -> Response:
        """Every code that the ledger holds."""
        check_names(request.query_params, PAGING)
        with translated(), answering.engine.connect() as connection:
            items, following = page(queries.codes(connection), request.query_params, request.url.path)
            end = last_position(connection)
        return _plain({"items": items, "next": following, "meta": {"position": end}})

    @routes.get("/v1/codes/{code}")
    def one_code(request: Request, code: str) -> Response:
        """A code, its kinds of provision, the version in force."""
        return answering.one(request, code, queries.code)

    @routes.get("/v1/codes/{code}/in-force")
    def in_force(request: Request, code: str) -> Response:
        """The version in force on a day, and how many provisions are in each state."""
        return answering.one(request, code, queries.in_force)

    @routes.get("/v1/codes/{code}/versions")
    def versions(request: Request, code: str) -> Response:
        """The versions in their order."""
        named = ("authority", "proposal", "provision", *RANGES)
        filters = _filters(request, named)
        return answering.many(request, code, lambda c, p: queries.versions(c, p, filters), named)

    @routes.get("/v1/codes/{code}/versions/{label}")
    def version(request: Request, code: str, label: str) -> Response:
        """One version with its instruments, changes and topics."""
        return answering.one(request, code, lambda c, p: queries.version(c, p, label))

    @routes.get("/v1/codes/{code}/instruments/{name}")
    def instrument(request: Request, code: str, name: str) -> Response:
        """One instrument with the changes it makes."""
        return answering.one(request, code, lambda c, p: queries.instrument(c, p, name))

    @routes.get("/v1/codes/{code}/proposals/{name}")
    def proposal(request: Request, code: str, name: str) -> Response:
        """One proposal: where it went."""
        return answering.one(request, code, lambda c, p: queries.proposal(c, p, name))


def _of_provisions(routes: APIRouter, answering: Answering) -> None:
    @routes.get("/v1/codes/{code}/provisions")
    def provisions(request: Request, code: str) -> Response:
        """Every provision known, with its state on the day."""
        asked = _filters(request, ("kind", "state", "q"))
        return answering.many(request, code, lambda c, p: queries.provisions(c, p, **asked), ("kind", "state", "q"))

    @routes.get("/v1/codes/{code}/provisions/{kind}/{ref}")
    def provision(request: Request, code: str, kind: str, ref: str) -> Response:
        """What is in force of a provision on a day, why, and what comes next."""
        return answering.one(request, code, lambda c, p: queries.provision(c, p, kind, ref))

    @routes.get("/v1/codes/{code}/provisions/{kind}/{ref}/history")
    def history(request: Request, code: str, kind: str, ref: str) -> Response:
        """The steps of a provision, oldest first."""
        axis = one_of(request.query_params, "axis", ("valid", "known")) or "valid"
        return answering.many(request, code, lambda c, p: queries.history(c, p, kind, ref, axis), ("axis",))


def _of_changes(routes: APIRouter, answering: Answering) -> None:
    named = ("affected", "type", "authority", "proposal", "status", *RANGES, *RECORDED)

    @routes.get("/v1/codes/{code}/changes")
    def changes(request: Request, code: str) -> Response:
        """The changes known, in the order recorded, each with its status on the day."""
        filters = _filters(request, named)
        return answering.many(request, code, lambda c, p: queries.changes(c, p, filters), named)

    @routes.get("/v1/codes/{code}/prospective")
    def prospective(request: Request, code: str) -> Response:
        """What is known and not yet in force: scheduled, then undated."""
        return answering.many(request, code, queries.prospective)

    @routes.get("/v1/codes/{code}/conflicts")
    def conflicts(request: Request, code: str) -> Response:
        """The contradictions between sources."""
        return answering.many(request, code, queries.conflicts)

    @routes.get("/v1/codes/{code}/diff")
    def diff(request: Request, code: str) -> Response:
        """What changed in law between two days or versions, or what we learnt about one day."""
        query = request.query_params
        if "known_from" in query or "known_to" in query:
            return _learnt(request, code, answering)
        ends = [query.get(name) for name in ("from", "to")]
        for name, end in zip(("from", "to"), ends, strict=True):
            if not end:
                raise BadParameter(f"{name}: missing; expected a day (YYYY-MM-DD) or a version label")
        start, stop = str(ends[0]), str(ends[1])
        return answering.one(request, code, lambda c, p: queries.diff_law(c, p, start, stop), ("from", "to"))


def _learnt(request: Request, code: str, answering: Answering) -> Response:
    query = request.query_params
    known = [known_time(query[name], name) if name in query else None for name in ("known_from", "known_to")]
    if known[0] is None:
        raise BadParameter("known_from: missing; expected pos:<n> or an RFC 3339 instant in UTC")
    asked_day = day(query, "as_of") or today()

    def between(connection: sa.Connection, _: Point) -> Any:  # noqa: ANN401
        older, newer = (point_at(connection, code, asked_day, each, datetime.now(UTC)) for each in known)
        if newer.bound < older.bound:
            raise BadParameter("known_from lies after known_to: the earlier one comes first")
        return queries.diff_known(connection, older, newer)

    return answering.one(request, code, between, ("known_from", "known_to"))


def _of_events(routes: APIRouter, answering: Answering, public_url: str) -> None:
    @routes.get("/v1/events")
    def events(request: Request) -> Response:
        """The events after a position, as CloudEvents."""
        query = request.query_params
        check_names(query, ("after", "type", "code", "affected", "limit", "cursor"))
        after = whole(query, "cursor", 0, 10**18) or whole(query, "after", 0, 10**18) or 0
        limit = whole(query, "limit", 1, 1_000) or 100
        types = [query["type"]] if "type" in query else []
        with translated(), answering.engine.connect() as connection:
            end = last_position(connection)
            if after > end:
                raise BadParameter(f"after: position {after} lies beyond the log's last one, {end}")
            found = queries.events(connection, after, limit, types, query.get("code"), query.get("affected"))
        following = str(found[-1].position) if len(found) == limit and found[-1].position < end else None
        items = [cloud_event(each, public_url) for each in found]
        return _plain({"items": items, "next": following, "meta": {"position": end}})

    @routes.get("/v1/events/{event_id}")
    def event(request: Request, event_id: str) -> Response:
        """One event as a CloudEvent."""
        check_names(request.query_params, ())
        with translated(), answering.engine.connect() as connection:
            return _plain(cloud_event(queries.event(connection, event_id), public_url))

    @routes.get("/v1/status")
    def status(request: Request) -> Response:
        """How far the log reaches, how far it is projected, and what stands still."""
        check_names(request.query_params, ())
        with translated(), answering.engine.connect() as connection:
            return _plain(queries.status(connection))

    @routes.get("/healthz")
    def healthz() -> Response:
        """The process answers."""
        return _plain({"status": "ok"})

    @routes.get("/readyz")
    def readyz() -> Response:
        """The database answers, its schema is this release's, and no projection stands still."""
        check_revision(answering.engine)
        with translated(), answering.engine.connect() as connection:
            told = queries.status(connection)
        if not told["healthy"]:
            return problem(
                "projection-stopped", 503, "the projection of a code stands still", projection=told["projection"]
            )
        return _plain({"status": "ready", "position": told["log"]["position"]})


def _filters(request: Request, names: Collection[str]) -> dict[str, str]:
    """The filters given, days among them checked."""
    given = {name: request.query_params[name] for name in names if name in request.query_params}
    for name in given:
        if "[" in name:
            day(request.query_params, name)
    if "status" in given:
        one_of(request.query_params, "status", ("in_force", "scheduled", "undated", "cancelled", "superseded"))
    return given


def _plain(body: dict[str, Any]) -> Response:
    return Response(orjson.dumps(body), media_type="application/json", headers={"Cache-Control": "no-cache"})
