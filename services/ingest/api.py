"""Documents in over HTTP, and the sources as received."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.message import Message
from typing import Any

import orjson
import sqlalchemy as sa
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from events import store
from events.driver_errors import translated
from events.errors import NotFound
from services.doors.bodies import body
from services.doors.entry import BEARER, Entry
from services.doors.meta import meta_of_ledger
from services.doors.parameters import MOST, USUAL, check_names, whole
from services.doors.tokens import Scope
from services.ingest.documented import KEPT, LISTED, TAKING
from services.ingest.knowledge import TABLE
from services.ingest.recorder import UnknownMediaType, record
from services.ingest.recording import Recording
from services.ingest.tables import source_document
from services.law.days import london_day
from services.settings import Settings


class UnknownSource(NotFound):
    """No source with that SHA-256 was received."""

    problem = "unknown-source"


def router(engine: sa.Engine, settings: Settings, recorded: Callable[[int], Awaitable[None]]) -> APIRouter:
    """The write side's endpoints; `recorded` is awaited with the last position of each recording before it is answered."""
    routes, entry = APIRouter(tags=["ingest"]), Entry(engine, settings)

    @routes.post("/v1/ingestions", status_code=201, dependencies=[BEARER], **TAKING)
    async def ingest(request: Request) -> Response:
        """Reads a source document and records what it adds; 200 where it adds nothing."""
        actor = await entry.admit(request, Scope.ingest)
        check_names(request, ("code", "kind", "name"))
        data = await body(request, settings.max_source_bytes)
        recording = await run_in_threadpool(_record, engine, settings, request, data, actor)
        if recording.positions:
            await recorded(recording.positions[1])
        return _json(recording.plain(), 201 if recording.new_events else 200)

    _kept(routes, engine)
    return routes


def _kept(routes: APIRouter, engine: sa.Engine) -> None:
    @routes.get("/v1/sources/{sha256}", **KEPT)
    def source(request: Request, sha256: str) -> Response:
        """A source: its name, media type, size, and who received it when."""
        check_names(request, ())
        with translated(), engine.connect() as connection:
            found = _source(connection, sha256)
            told = store.events_of(connection, f"source/{sha256}")
            end = store.last_position(connection)
        about = {"sha256": sha256, "name": found.name, "media_type": found.media_type, "size": len(found.content)}
        about |= {"kind": found.kind}
        readings = [each.event.model_dump(mode="json") for each in told if each.type == "SourceRead"]
        first = told[0].recorded_at.isoformat().replace("+00:00", "Z") if told else None
        about |= {"received_at": first, "readings": readings, "content": f"/v1/sources/{sha256}/content"}
        return _json({**about, "meta": _meta(end)}, 200)

    @routes.get("/v1/sources/{sha256}/content", **KEPT)
    def content(request: Request, sha256: str) -> Response:
        """The bytes of a source, as received."""
        check_names(request, ())
        with translated(), engine.connect() as connection:
            found = _source(connection, sha256)
        headers = {
            "ETag": f'"{sha256}"',
            "Cache-Control": "public, max-age=31536000, immutable",
            "Content-Security-Policy": "sandbox",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(found.content, 200, headers, media_type=found.media_type)

    @routes.get("/v1/ingestions", **LISTED)
    def ingestions(request: Request) -> Response:
        """Every reading of a source, in the order recorded."""
        check_names(request, ("limit", "cursor"))
        query = request.query_params
        limit, after = whole(query, "limit", 1, MOST) or USUAL, whole(query, "cursor", 0, 2**63 - 1) or 0
        with translated(), engine.connect() as connection:
            found = store.read(connection, after, limit + 1, types=["SourceRead"])
            end = store.last_position(connection)
        items = [
            {"id": each.id, "position": each.position, "code": each.code, **_reading(each.event)}
            for each in found[:limit]
        ]
        following = str(items[-1]["position"]) if len(found) > limit else None
        return _json({"items": items, "next": following, "meta": _meta(end)}, 200)


def _reading(event: Any) -> dict[str, Any]:  # noqa: ANN401 - a SourceRead
    fields: dict[str, Any] = event.model_dump(
        mode="json", include={"sha256", "reader", "rows", "unread_count", "warning_count"}
    )
    return fields


def _media_type(header: str) -> str:
    """The media type without its parameters; a charset other than that in which sources are read is refused."""
    told = Message()
    told["content-type"] = header
    charset = str(told.get_param("charset", "utf-8")).lower()
    if charset not in ("utf-8", "utf8", "us-ascii"):
        raise UnknownMediaType(f"found a source in {charset[:40]!r}; expected utf-8")
    return told.get_content_type() if "/" in header else header.strip().lower()


def _record(engine: sa.Engine, settings: Settings, request: Request, data: bytes, actor: str) -> Recording:
    query = request.query_params
    media_type = _media_type(request.headers.get("content-type") or "text/plain")
    return record(
        engine,
        data,
        query.get("name", "document"),
        query.get("code", "sec"),
        media_type=media_type,
        actor=actor,
        max_bytes=settings.max_source_bytes,
        key=request.headers.get("idempotency-key"),
        kind=query.get("kind", TABLE),
    )


def _source(connection: sa.Connection, sha256: str) -> Any:  # noqa: ANN401 - a row of source_document
    found = connection.execute(sa.select(source_document).where(source_document.c.sha256 == sha256)).first()
    if found is None:
        raise UnknownSource(f"no source with the SHA-256 {sha256[:80]!r} was received")
    return found


def _meta(position: int) -> dict[str, Any]:
    return meta_of_ledger(position, london_day(datetime.now(UTC)))


def _json(told: dict[str, Any], status: int) -> Response:
    return Response(orjson.dumps(told), status, media_type="application/json")
