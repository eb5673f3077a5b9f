"""Another log over HTTP, as any client of tlog-tiles reads it: its checkpoint, tiles, entries; and what beside them it tells."""

import ssl
from types import TracebackType
from urllib.parse import quote, urlsplit

import httpcore

from events.errors import NotFound, Rejected, Unavailable

SECONDS = 30.0
MOST_BYTES = 64 * 1024 * 1024
_FAILURES = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, ssl.SSLError)


class BadAddress(Rejected):
    """A URL names no service."""


class Missing(NotFound):
    """The other service has no such thing."""


class Remote:
    """Another service by its URL; requests that fail are Unavailable, a 404 is Missing."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
            raise BadAddress(f"{url[:200]!r}: expected the address of a service, like https://example.com")
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
        content = bytearray()
        for part in answer.iter_stream():
            content += part
            if len(content) > MOST_BYTES:
                raise Unavailable(f"{target}: answers more than {MOST_BYTES} bytes")
        return bytes(content)
