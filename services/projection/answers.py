"""Answers over HTTP: `meta`, caching, Mementos; finished answers are kept by question and position."""

import hashlib
import threading
from collections import OrderedDict
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from services.projection.asked import MODEL, Asked, today
from services.projection.point import Point

FRESH = timedelta(seconds=5)
"""An instant younger than this may still gain events: somebody may hold the log's lock."""

FOR_EVER = "public, max-age=31536000, immutable"
KEPT_BYTES = 32 * 1024 * 1024

Headers = list[tuple[bytes, bytes]]
Question = tuple[str, bytes]


class Kept(NamedTuple):
    """A finished answer: to which position of the code and on which day it holds (null: for ever)."""

    position: int | None
    day: date | None
    etag: bytes
    headers: Headers
    body: bytes


class Memory:
    """Finished answers, the least used dropped beyond a number of bytes; and the position each code is projected to."""

    def __init__(self, most: int = KEPT_BYTES) -> None:
        self.positions: dict[str, int] = {}
        self._most, self._size = most, 0
        self._kept: OrderedDict[Question, Kept] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, question: Question, code: str) -> Kept | None:
        """The answer to a question, if it still holds."""
        kept = self._kept.get(question)
        if kept is None or (kept.position is not None and kept.position != self.positions.get(code)):
            return None
        if kept.day is not None and kept.day != today():
            return None
        return kept

    def keep(self, question: Question, kept: Kept) -> None:
        """Keeps an answer, and forgets the oldest ones beyond the limit."""
        with self._lock:
            old = self._kept.pop(question, None)
            self._size += _weight(question, kept) - (_weight(question, old) if old else 0)
            self._kept[question] = kept
            while self._size > self._most:
                gone, answer = self._kept.popitem(last=False)
                self._size -= _weight(gone, answer)


def _weight(question: Question, kept: Kept) -> int:
    return len(question[0]) + len(question[1]) + len(kept.body) + 1_000


class AskedAgain:
    """ASGI middleware: a question asked before, about what has not changed since, is answered before any routing."""

    def __init__(self, app: ASGIApp, memory: Memory) -> None:
        self._app, self._memory = app, memory

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers from memory, or passes the request on."""
        if scope["type"] == "http" and scope["method"] == "GET" and scope["path"].startswith("/v1/codes/"):
            code = scope["path"][10:].partition("/")[0]
            kept = self._memory.find((scope["path"], scope["query_string"]), code)
            if kept is not None:
                unless = next((value for name, value in scope["headers"] if name == b"if-none-match"), None)
                if not any(name == b"accept-datetime" for name, _ in scope["headers"]):
                    await _send(send, kept, unless)
                    return
        await self._app(scope, receive, send)


async def _send(send: Send, kept: Kept, unless: bytes | None) -> None:
    same = unless is not None and _matches(unless, kept.etag)
    length = [] if same else [(b"content-length", str(len(kept.body)).encode())]
    await send({"type": "http.response.start", "status": 304 if same else 200, "headers": [*kept.headers, *length]})
    await send({"type": "http.response.body", "body": b"" if same else kept.body})


def _matches(header: bytes, etag: bytes) -> bool:
    return header.strip() == b"*" or etag in [each.strip().removeprefix(b"W/") for each in header.split(b",")]


def meta(point: Point, asked: Asked) -> dict[str, Any]:
    """Where an answer binds, as every body says it."""
    known_at = asked.known_text or (_instant(asked.known) if asked.negotiated else f"pos:{point.position}")
    return {
        "as_of": point.as_of.isoformat(),
        "known_at": known_at,
        "position": point.position,
        "up_to_date_as_of": point.up_to_date_as_of.isoformat() if point.up_to_date_as_of else None,
        "basis": "scheduled" if point.as_of > point.known_on else "recorded",
        "model": MODEL,
    }


def _instant(known: Any) -> str:  # noqa: ANN401 - a datetime here
    return str(known.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))


def answered(request: Request, point: Point, asked: Asked, body: dict[str, Any], memory: Memory) -> Response:
    """The response for a body, with `meta`, and with the caching that its point allows; kept for the next one who asks."""
    content = orjson.dumps({**body, "meta": meta(point, asked)})
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Vary": "Accept-Datetime", "Content-Type": "application/json"}
    headers |= _caching(request, point, asked)
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    kept = Kept(*_holds(point, asked), etag.encode(), raw, content)
    if not asked.negotiated and not asked.min_position and (asked.known is None or frozen(asked)):
        memory.keep((request.url.path, request.scope["query_string"]), kept)
    unless = request.headers.get("if-none-match")
    same = unless is not None and _matches(unless.encode(), etag.encode())
    return Response(b"" if same else content, 304 if same else 200, headers)


def _holds(point: Point, asked: Asked) -> tuple[int | None, date | None]:
    """To which position and on which day the answer holds; a frozen one for ever."""
    day = today() if asked.as_of is None or asked.known is None else None
    return (None if asked.known is not None else point.position), day


def frozen(asked: Asked) -> bool:
    """Whether what was known then can no longer grow."""
    return isinstance(asked.known, int) or (
        isinstance(asked.known, datetime) and datetime.now(UTC) - asked.known > FRESH
    )


def _caching(request: Request, point: Point, asked: Asked) -> dict[str, str]:
    others = [
        (name, value)
        for name, value in request.query_params.items()
        if name not in ("known_at", "model", "min_position")
    ]
    pinned = [pair for pair in others if pair[0] != "as_of"]
    pinned += [("as_of", point.as_of.isoformat()), ("known_at", f"pos:{point.position}"), ("model", str(MODEL))]
    original = request.url.path + (f"?{urlencode(others)}" if others else "")
    link = {"Link": f'<{original}>; rel="original timegate"'}
    memento = {"Memento-Datetime": format_datetime(point.recorded_at.astimezone(UTC), usegmt=True)} | link
    if asked.as_of is not None and frozen(asked) and not asked.negotiated:
        return {"Cache-Control": FOR_EVER} | memento
    at = {"Cache-Control": "no-cache", "Content-Location": f"{request.url.path}?{urlencode(pinned, safe=':[]')}"}
    return at | (memento if asked.known is not None else link)
