"""Answers over HTTP: `meta`, caching, Mementos (RFC 7089)."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote, urlencode

import orjson
from starlette.requests import Request
from starlette.responses import Response

from services.doors.meta import MODEL
from services.projection.asked import Asked, today
from services.projection.kept import Kept, Memory, matches
from services.projection.point import Point

FRESH = timedelta(seconds=5)
"""An instant younger than this may still gain events: somebody may hold the log's lock."""

FOR_EVER = "public, max-age=31536000, immutable"

JSON = "application/json"

Headers = dict[str, str]


def meta(point: Point, asked: Asked) -> dict[str, Any]:
    """Where an answer binds, as every body says it."""
    return {
        "as_of": point.as_of.isoformat(),
        "known_at": asked.known_text or f"pos:{point.position}",
        "position": point.position,
        "up_to_date_as_of": point.up_to_date_as_of.isoformat() if point.up_to_date_as_of else None,
        "basis": "scheduled" if point.as_of > point.known_on else "recorded",
        "model": MODEL,
    }


def answered(request: Request, point: Point, asked: Asked, body: dict[str, Any], memory: Memory) -> Response:
    """The response for a body, with `meta`, and with the caching that its point allows; kept for the next one who asks."""
    return answered_as(JSON, request, point, asked, orjson.dumps({**body, "meta": meta(point, asked)}), memory)


def answered_as(
    media_type: str, request: Request, point: Point, asked: Asked, content: bytes, memory: Memory
) -> Response:
    """The response for finished content, with the caching that its point allows; kept for the next one who asks."""
    headers = {"Content-Type": media_type, "Vary": "Accept-Datetime"} | _caching(request, point, asked)
    if not asked.negotiated and not asked.min_position and (asked.known is None or frozen(asked)):
        headers["ETag"] = _etag(content)
        raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        kept = Kept(point.generation, *_holds(point, asked), headers["ETag"].encode(), raw, content)
        memory.keep((request.scope["path"], request.scope["query_string"]), kept)
    return validated(request, content, headers)


def plain(request: Request, body: dict[str, Any]) -> Response:
    """The response for a body that is about the ledger as it is now; never kept, always validated."""
    return validated(request, orjson.dumps(body), {"Content-Type": JSON, "Cache-Control": "no-cache"})


def validated(request: Request, content: bytes, headers: Headers) -> Response:
    """A response with its entity tag, without the body where the asker has it."""
    headers = {"ETag": _etag(content)} | headers
    unless = request.headers.get("if-none-match")
    same = unless is not None and matches(unless.encode("latin-1"), headers["ETag"].encode())
    return Response(b"" if same else content, 304 if same else 200, headers)


def _etag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def _holds(point: Point, asked: Asked) -> tuple[int | None, date | None]:
    """To which position and on which day the answer holds; a frozen one for ever."""
    day = today(asked.at) if asked.as_of is None or asked.known is None else None
    return (None if asked.known is not None else point.position), day


def frozen(asked: Asked) -> bool:
    """Whether what was known then can no longer grow."""
    if isinstance(asked.known, datetime):
        return (asked.at or datetime.now(UTC)) - asked.known > FRESH
    return asked.known is not None


def _caching(request: Request, point: Point, asked: Asked) -> Headers:
    path = quote(request.scope["path"], safe="/:@!$&'()*+,;=~")
    others = [
        (name, value)
        for name, value in request.query_params.items()
        if name not in ("known_at", "model", "min_position")
    ]
    link = {"Link": f'<{_url(path, others)}>; rel="original timegate"'}
    memento = link | {"Memento-Datetime": format_datetime(point.recorded_at.astimezone(UTC), usegmt=True)}
    if asked.as_of is not None and frozen(asked) and not asked.negotiated:
        return {"Cache-Control": FOR_EVER} | memento
    pinned = [pair for pair in others if pair[0] != "as_of"]
    pinned += [("as_of", point.as_of.isoformat()), ("known_at", f"pos:{point.position}"), ("model", str(MODEL))]
    at = {"Cache-Control": "no-cache", "Content-Location": _url(path, pinned)}
    return at | (memento if asked.known is not None else link)


def _url(path: str, query: list[tuple[str, str]]) -> str:
    return f"{path}?{urlencode(query, safe=':[]')}" if query else path
