"""Another log over HTTP, as any client of tlog-tiles reads it: its checkpoint, tiles, entries; and what beside them it tells."""

import ssl
from time import monotonic
from types import TracebackType
from urllib.parse import SplitResult, quote, urlsplit

import httpcore

from events.errors import NotFound, Rejected, Unavailable

SECONDS = 30.0
"""Without anything from the other service; an answer as a whole may take `IN_ALL`."""

IN_ALL = 120.0
MOST_BYTES = 64 * 1024 * 1024
_FAILURES = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, ssl.SSLError)


class BadAddress(Rejected):
    """A URL names no service."""


class Missing(NotFound):
    """The other service has no such thing."""


def _names_a_service(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and _plain(url, parts)
    except ValueError:
        return False


def _plain(url: str, parts: SplitResult) -> bool:
    return url.isascii() and url.isprintable() and " " not in url and not (parts.query or parts.fragment)


class Remote:
    """Another service by its URL; requests that fail are Unavailable, a 404 is Missing."""

    def __init__(self, url: str, in_all: float = IN_ALL) -> None:
        if not _names_a_service(url):
            raise BadAddress(f"{url[:200]!r}: expected the address of a service, like https://example.com")
        self._in_all = in_all
        self.url = url.rstrip("/").removesuffix("/v1/log").removesuffix("/v1")
        self._pool = httpcore.ConnectionPool(max_connections=4, retries=1)

    def __enter__(self) -> "Remote":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.close()

    def get(self, path: str) -> bytes:
        """What the service has at a path."""
        target, each = self.url + quote(path, safe="/?=&:."), SECONDS
        waits = {"timeout": {"connect": each, "read": each, "write": each, "pool": each}}
        try:
            with self._pool.stream("GET", target, extensions=waits) as answer:
                content, status = self._read(target, answer), answer.status
        except _FAILURES as failure:
            raise Unavailable(f"{target}: {failure or type(failure).__name__}") from failure
        if status == 404:
            raise Missing(f"{target}: 404, {content[:200].decode(errors='replace')}")
        if status != 200:
            raise Unavailable(f"{target}: answered {status}, {content[:200].decode(errors='replace')}")
        return content

    def _read(self, target: str, answer: httpcore.Response) -> bytes:
        content, end = bytearray(), monotonic() + self._in_all
        for part in answer.iter_stream():
            content += part
            if monotonic() > end:
                raise Unavailable(f"{target}: the answer takes longer than {self._in_all:g} s")
            if len(content) > MOST_BYTES:
                raise Unavailable(f"{target}: answers more than {MOST_BYTES} bytes")
        return bytes(content)
