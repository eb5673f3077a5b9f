"""Answers out over HTTP."""

from collections.abc import Callable, Collection
from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response

from events.driver_errors import translated
from events.envelope import cloud_event
from events.errors import Unavailable
from events.store import last_position
from services.database import check_revision
from services.doors.meta import meta_of_ledger
from services.doors.parameters import BadParameter, check_names, one_of, whole
from services.law.codes import shape
from services.projection import queries
from services.projection.answering import Answering
from services.projection.answers import plain
from services.projection.asked import PAGING, POINT, day, known_time, provision_named, today, within
from services.projection.documented import PARAMETERS, described
from services.projection.kept import Memory
from services.projection.paging import page
from services.projection.point import Point, point_at
from services.projection.publish.wanted import of_type
from services.projection.publish.webhooks import deliveries

EFFECTIVE = tuple(f"effective[{bound}]" for bound in ("gte", "lte", "on"))
RECORDED = tuple(f"recorded[{bound}]" for bound in ("gte", "lte", "on"))
OF_VERSIONS = ("authority", "proposal", "provision", *EFFECTIVE)
OF_PROVISIONS = ("kind", "state", "q")
OF_CHANGES = ("affected", "type", "authority", "proposal", "status", *EFFECTIVE, *RECORDED)
OF_EVENTS = ("after", "type", "code", "affected", "limit", "cursor")

Alive = Callable[[], bool]


class NotReady(Unavailable):
    """The service runs and cannot answer as it should."""

    problem = "not-ready"


def router(engine: sa.Engine, memory: Memory, public_url: str, alive: Alive = lambda: True) -> APIRouter:
    """The read side's endpoints; `alive` says whether the projection is being run."""
    routes = APIRouter(tags=["answers"])
    answering = Answering(engine, memory)
    _of_codes(routes, answering)
    _of_versions(routes, answering)
    _of_provisions(routes, answering)
    _of_changes(routes, answering)
    _of_differences(routes, answering)
    _of_events(routes, answering, public_url)
    _of_the_service(routes, answering, alive)
    return routes


def _of_codes(routes: APIRouter, answering: Answering) -> None:
    @routes.get("/v1/codes", **described(PAGING, listed=True))
    def codes(request: Request) -> Response:
        """Every code that the ledger holds."""
        check_names(request, PAGING)
        with translated(), answering.engine.connect() as connection:
            items, following = page(queries.codes(connection), request.query_params, request.url.path)
            end = last_position(connection)
        meta = meta_of_ledger(end, today(answering.now()))
        return plain(request, {"items": items, "next": following, "meta": meta})

    @routes.get("/v1/codes/{code}", **described(POINT))
    def one_code(request: Request, code: str) -> Response:
        """A code, its kinds of provision, the version in force."""
        return answering.one(request, code, queries.code)

    @routes.get("/v1/codes/{code}/in-force", **described(POINT))
    def in_force(request: Request, code: str) -> Response:
        """The version in force on a day, and how many provisions are in each state."""
        return answering.one(request, code, queries.in_force)


def _of_versions(routes: APIRouter, answering: Answering) -> None:
    @routes.get("/v1/codes/{code}/versions", **described((*POINT, *PAGING, *OF_VERSIONS), "Version", listed=True))
    def versions(request: Request, code: str) -> Response:
        """The versions in their order."""
        filters = _filters(request, code, OF_VERSIONS)
        return answering.many(request, code, lambda c, p: queries.versions(c, p, filters), OF_VERSIONS)

    @routes.get("/v1/codes/{code}/versions/{label}", **described(POINT, "Version"))
    def version(request: Request, code: str, label: str) -> Response:
        """One version with its instruments, changes and topics."""
        return answering.one(request, code, lambda c, p: queries.version(c, p, label))

    @routes.get("/v1/codes/{code}/instruments/{name}", **described(POINT))
    def instrument(request: Request, code: str, name: str) -> Response:
        """One instrument with the changes it makes."""
        return answering.one(request, code, lambda c, p: queries.instrument(c, p, name))

    @routes.get("/v1/codes/{code}/proposals", **described((*POINT, *PAGING), listed=True))
    def proposals(request: Request, code: str) -> Response:
        """The proposals known, each with its life so far."""
        return answering.many(request, code, queries.proposals)

    @routes.get("/v1/codes/{code}/proposals/{name}", **described(POINT))
    def proposal(request: Request, code: str, name: str) -> Response:
        """One proposal under any of its names: its life, its alternatives, what it touched."""
        return answering.one(request, code, lambda c, p: queries.proposal(c, p, name))

    @routes.get("/v1/codes/{code}/impact", **described((*POINT, "of")))
    def impact(request: Request, code: str) -> Response:
        """The provisions that a version, a proposal or the changes of some days touch, and what refers to them as legal basis."""
        of = _needed(
            request.query_params.get("of"), "of", "a version label, a proposal, or days as 2016-01-01..2016-12-31"
        )
        return answering.one(request, code, lambda c, p: queries.impact(c, p, of), ("of",))


def _of_provisions(routes: APIRouter, answering: Answering) -> None:
    @routes.get("/v1/codes/{code}/provisions", **described((*POINT, *PAGING, *OF_PROVISIONS), "Provision", listed=True))
    def provisions(request: Request, code: str) -> Response:
        """Every provision known, with its state on the day."""
        filters = _filters(request, code, OF_PROVISIONS)
        return answering.many(request, code, lambda c, p: queries.provisions(c, p, **filters), OF_PROVISIONS)

    @routes.get("/v1/codes/{code}/provisions/{kind}/{ref}", **described(POINT, "Provision"))
    def provision(request: Request, code: str, kind: str, ref: str) -> Response:
        """What is in force of a provision on a day, why, and what comes next."""
        return answering.one(request, code, lambda c, p: queries.provision(c, p, kind, ref))

    @routes.get(
        "/v1/codes/{code}/provisions/{kind}/{ref}/history",
        **described((*POINT, *PAGING, "axis"), "Change", listed=True),
    )
    def history(request: Request, code: str, kind: str, ref: str) -> Response:
        """The steps of a provision, oldest first."""
        axis = one_of(request.query_params, "axis", ("valid", "known")) or "valid"
        told = queries.believed if axis == "known" else queries.history
        return answering.many(request, code, lambda c, p: told(c, p, kind, ref), ("axis",))


def _of_changes(routes: APIRouter, answering: Answering) -> None:
    @routes.get("/v1/codes/{code}/changes", **described((*POINT, *PAGING, *OF_CHANGES), "Change", listed=True))
    def changes(request: Request, code: str) -> Response:
        """The changes known, in the order recorded, each with its status on the day."""
        filters = _filters(request, code, OF_CHANGES)
        return answering.many(request, code, lambda c, p: queries.changes(c, p, filters), OF_CHANGES)

    @routes.get("/v1/codes/{code}/prospective", **described((*POINT, *PAGING), "Change", listed=True))
    def prospective(request: Request, code: str) -> Response:
        """What is known and not yet in force: scheduled, then undated."""
        return answering.many(request, code, queries.prospective)

    @routes.get("/v1/codes/{code}/conflicts", **described((*POINT, *PAGING), listed=True))
    def conflicts(request: Request, code: str) -> Response:
        """The contradictions between sources."""
        return answering.many(request, code, queries.conflicts)

    @routes.get("/v1/codes/{code}/corrections", **described((*POINT, *PAGING, "live_on"), listed=True))
    def corrections(request: Request, code: str) -> Response:
        """The corrections and withdrawals of recorded facts, in the order learnt; those live on a day."""
        live_on = day(request.query_params, "live_on")
        return answering.many(request, code, lambda c, p: queries.corrections(c, p, live_on), ("live_on",))

    @routes.get("/v1/codes/{code}/conflicts/{name}", **described(POINT))
    def conflict(request: Request, code: str, name: str) -> Response:
        """One contradiction: both claims, the one used, who or what chose it, and what the other would change."""
        return answering.one(request, code, lambda c, p: queries.conflict(c, p, name))


def _of_differences(routes: APIRouter, answering: Answering) -> None:
    ends, knowns = ("from", "to"), ("known_from", "known_to")

    @routes.get("/v1/codes/{code}/diff", **described((*POINT, *ends, *knowns)))
    def diff(request: Request, code: str) -> Response:
        """What changed in law between two days or versions, or what we learnt about one day."""
        query = request.query_params
        check_names(request, {*POINT, *ends, *knowns})
        if any(name in query for name in knowns):
            return _learnt(request, code, answering)
        start, stop = (_needed(query.get(name), name, "a day (YYYY-MM-DD) or a version label") for name in ends)
        return answering.one(request, code, lambda c, p: queries.diff_law(c, p, start, stop), ends)


def _learnt(request: Request, code: str, answering: Answering) -> Response:
    query = request.query_params
    older = known_time(_needed(query.get("known_from"), "known_from", "pos:<n> or an RFC 3339 instant"), "known_from")
    newer = known_time(query["known_to"], "known_to") if "known_to" in query else None

    def between(connection: sa.Connection, point: Point) -> Any:  # noqa: ANN401
        a = point_at(connection, code, point.as_of, older, answering.now())
        b = point_at(connection, code, point.as_of, newer, answering.now()) if "known_to" in query else point
        if b.bound < a.bound:
            raise BadParameter("known_from lies after known_to: the earlier one comes first")
        return queries.diff_known(connection, a, b)

    return answering.one(request, code, between, ("known_from", "known_to"))


def _needed(text: str | None, name: str, expected: str) -> str:
    if not text:
        raise BadParameter(f"{name}: missing; expected {expected}")
    return text


def _of_events(routes: APIRouter, answering: Answering, public_url: str) -> None:
    @routes.get("/v1/events", **described(OF_EVENTS, listed=True))
    def events(request: Request) -> Response:
        """The events after a position, as CloudEvents."""
        query = request.query_params
        check_names(request, OF_EVENTS)
        after = whole(query, "cursor", 0, 10**18) or whole(query, "after", 0, 10**18) or 0
        limit = whole(query, "limit", 1, 1_000) or 100
        types = of_type(query.get("type"))
        affected = provision_named(query, "affected")
        with translated(), answering.engine.connect() as connection:
            end = last_position(connection)
            if after > end:
                raise BadParameter(f"after: position {after} lies beyond the log's last one, {end}")
            found = queries.events(connection, after, limit, types, query.get("code"), affected)
        following = str(found[-1].position) if len(found) == limit and found[-1].position < end else None
        items = [cloud_event(each, public_url) for each in found]
        meta = meta_of_ledger(end, today(answering.now()))
        return plain(request, {"items": items, "next": following, "meta": meta})

    @routes.get("/v1/events/{event_id}", **described(()))
    def event(request: Request, event_id: str) -> Response:
        """One event as a CloudEvent."""
        check_names(request, ())
        with translated(), answering.engine.connect() as connection:
            found = queries.event(connection, event_id)
        answer = plain(request, cloud_event(found, public_url))
        answer.headers["Link"] = f'</v1/log/proof?event={found.id}>; rel="proof"'
        return answer


def _of_the_service(routes: APIRouter, answering: Answering, alive: Alive) -> None:
    @routes.get("/v1/status", **described(()))
    def status(request: Request) -> Response:
        """How far the log reaches, how far it is projected, and what stands still."""
        check_names(request, ())
        with translated(), answering.engine.connect() as connection:
            told = queries.status(connection) | {"webhooks": deliveries.told(connection)}
        meta = meta_of_ledger(told["log"]["position"], today(answering.now()))
        return plain(request, {**told, "meta": meta})

    @routes.get("/healthz", **described(()))
    async def healthz(request: Request) -> Response:
        """The process answers."""
        return plain(request, {"status": "ok"})

    @routes.get("/readyz", **described(()))
    def readyz(request: Request) -> Response:
        """The database answers, its schema is this release's, the projection runs and stands still for no code."""
        check_revision(answering.engine)
        with translated(), answering.engine.connect() as connection:
            told = queries.status(connection)
        stopped = [each["code"] for each in told["projection"]["codes"] if each["error"]]
        if stopped:
            raise NotReady(f"the projection of {', '.join(stopped)} stands still: /v1/status says where and why")
        if not alive():
            raise NotReady("the projection is not running")
        return plain(request, {"status": "ready", "position": told["log"]["position"]})


def _filters(request: Request, code: str, names: Collection[str]) -> dict[str, str]:
    """The filters given; days and words among them checked, and what the code's grammar must know."""
    query = request.query_params
    given = {name: query[name] for name in names if name in query}
    for name in given:
        if "[" in name:
            day(query, name)
        elif "enum" in PARAMETERS[name][0]:
            one_of(query, name, PARAMETERS[name][0]["enum"])
        else:
            within(shape(code), name, given[name])
    return given
