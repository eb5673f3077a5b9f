"""Finished answers, kept by question and position, and given again before any routing."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import NamedTuple

from starlette.types import ASGIApp, Receive, Scope, Send

from services.projection.asked import today

KEPT_BYTES = 32 * 1024 * 1024
OVERHEAD = 1_500
"""Bytes that an answer takes beside its body: headers, keys, objects."""

_PREFIX = "/v1/codes/"

Headers = list[tuple[bytes, bytes]]
Question = tuple[str, bytes]
Clock = Callable[[], datetime]


def now() -> datetime:
    """The time it is, UTC."""
    return datetime.now(UTC)


class Kept(NamedTuple):
    """A finished answer: of which read models, to which position of the code and on which day it holds (null: for ever)."""

    generation: int
    position: int | None
    day: date | None
    etag: bytes
    headers: Headers
    body: bytes


class Memory:
    """Finished answers, the least used dropped beyond a number of bytes; which read models answer, how far each code is in them."""

    def __init__(self, most: int = KEPT_BYTES, clock: Clock = now) -> None:
        self.positions: dict[str, int] = {}
        self.generation = 1
        self.clock = clock
        self._most, self._size = most, 0
        self._kept: OrderedDict[Question, Kept] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, question: Question, code: str) -> Kept | None:
        """The answer to a question, if it still holds."""
        with self._lock:
            kept = self._kept.get(question)
            if kept is None or not self._holds(kept, code):
                return None
            self._kept.move_to_end(question)
            return kept

    def keep(self, question: Question, kept: Kept) -> None:
        """Keeps an answer, and forgets the least used ones beyond the limit."""
        if _weight(question, kept) * 8 > self._most:
            return
        with self._lock:
            old = self._kept.pop(question, None)
            self._size += _weight(question, kept) - (_weight(question, old) if old else 0)
            self._kept[question] = kept
            while self._size > self._most:
                gone, answer = self._kept.popitem(last=False)
                self._size -= _weight(gone, answer)

    def _holds(self, kept: Kept, code: str) -> bool:
        if kept.generation != self.generation:
            return False
        if kept.position is not None and kept.position != self.positions.get(code):
            return False
        return kept.day is None or kept.day == today(self.clock())


def _weight(question: Question, kept: Kept) -> int:
    return len(question[0]) + len(question[1]) + len(kept.body) + OVERHEAD


class AskedAgain:
    """ASGI middleware: a question asked before, about what has not changed since, is answered before any routing."""

    def __init__(self, app: ASGIApp, memory: Memory) -> None:
        self._app, self._memory = app, memory

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers from memory, or passes the request on."""
        if scope["type"] == "http" and scope["method"] == "GET" and scope["path"].startswith(_PREFIX):
            code = scope["path"][len(_PREFIX) :].partition("/")[0]
            kept = self._memory.find((scope["path"], scope["query_string"]), code)
            if kept is not None:
                named = {name: value for name, value in scope["headers"] if name in _ASKED_BY}
                if b"accept-datetime" not in named:
                    await _send(send, kept, named.get(b"if-none-match"))
                    return
        await self._app(scope, receive, send)


_ASKED_BY = (b"accept-datetime", b"if-none-match")


async def _send(send: Send, kept: Kept, unless: bytes | None) -> None:
    same = unless is not None and matches(unless, kept.etag)
    length = [] if same else [(b"content-length", str(len(kept.body)).encode())]
    await send({"type": "http.response.start", "status": 304 if same else 200, "headers": [*kept.headers, *length]})
    await send({"type": "http.response.body", "body": b"" if same else kept.body})


def matches(header: bytes, etag: bytes) -> bool:
    """Whether `If-None-Match` names the entity tag."""
    return header.strip() == b"*" or etag in [each.strip().removeprefix(b"W/") for each in header.split(b",")]
