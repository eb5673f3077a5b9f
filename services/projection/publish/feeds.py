"""Atom and JSON Feed: what is recorded about changes, newest first; all events but those about sources themselves."""

from collections.abc import Callable
from urllib.parse import urlencode

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response

from events import store
from events.catalogue import EVENT_CLASSES
from events.driver_errors import translated
from events.envelope import Recorded
from services.doors.parameters import MOST, USUAL, BadParameter, check_names, whole
from services.projection.answers import validated
from services.projection.asked import PAGING, provision_named
from services.projection.documented import described
from services.projection.publish.atom import ATOM, Feed, atom
from services.projection.publish.entries import Entry, entries
from services.projection.publish.json_feed import JSON_FEED, json_feed
from services.projection.publish.wanted import Wanted, of_type, wants

FILTERS = ("code", "affected", "type")
KNOWN = (*FILTERS, *PAGING)
LEFT_OUT = ("SourceReceived", "SourceRead")

Written = Callable[[Feed], bytes]


def router(engine: sa.Engine, public_url: str) -> APIRouter:
    """The feeds' endpoints; every link in them begins with the public URL."""
    routes = APIRouter(tags=["subscribers"])

    @routes.get("/v1/feeds/changes.atom", **described(KNOWN, media_type=ATOM))
    def atom_feed(request: Request) -> Response:
        """What is recorded about changes, newest first, as Atom (RFC 4287), paged as RFC 5005 says."""
        return _answer(request, engine, public_url, ATOM, atom)

    @routes.get("/v1/feeds/changes.json", **described(KNOWN, media_type=JSON_FEED))
    def feed_in_json(request: Request) -> Response:
        """What is recorded about changes, newest first, as JSON Feed 1.1."""
        return _answer(request, engine, public_url, JSON_FEED, json_feed)

    return routes


def _answer(request: Request, engine: sa.Engine, public_url: str, media_type: str, written: Written) -> Response:
    query = request.query_params
    check_names(request, KNOWN)
    limit = whole(query, "limit", 1, MOST) or USUAL
    wanted = Wanted(of_type(query.get("type")), query.get("code"), provision_named(query, "affected"))
    with translated(), engine.connect() as connection:
        end = store.last_position(connection)
        before = whole(query, "cursor", 1, 10**18) or end + 1
        if before > end + 1:
            raise BadParameter(f"cursor: position {before} lies beyond the log's last one, {end}")
        found = newest(connection, before, limit + 1, wanted)
        told = entries(connection, found[:limit], public_url)
    feed = _feed(request, public_url, told, more=len(found) > limit)
    headers = {"Content-Type": media_type, "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    return validated(request, written(feed), headers)


def newest(connection: sa.Connection, before: int, limit: int, wanted: Wanted) -> list[Recorded]:
    """The last events about changes before a position that are wanted, newest first."""
    types = [name for name in wanted.types or EVENT_CLASSES if name not in LEFT_OUT]
    found: list[Recorded] = []
    while len(found) < limit:
        page = store.read_back(connection, before, max(limit, 100), code=wanted.code, types=types)
        found += [each for each in page if wants(wanted, each)]
        if len(page) < max(limit, 100):
            break
        before = page[-1].position
    return found[:limit]


def _feed(request: Request, public_url: str, told: list[Entry], *, more: bool) -> Feed:
    query = request.query_params
    asked = {name: query[name] for name in (*FILTERS, "limit") if name in query}
    about = ", ".join(query[name] for name in FILTERS if name in query)

    def url(path: str, **cursor: str) -> str:
        pairs = asked | cursor
        return f"{public_url}{path}{'?' + urlencode(pairs, safe='/*') if pairs else ''}"

    path = request.scope["path"]
    here = {"cursor": query["cursor"]} if "cursor" in query else {}
    return Feed(
        f"Changes of industry codes{f': {about}' if about else ''}",
        f"{public_url}/",
        url(path, **here),
        url(path),
        url(path, cursor=str(told[-1].position)) if more else None,
        told,
    )
