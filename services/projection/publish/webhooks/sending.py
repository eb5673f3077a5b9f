"""One delivery: a POST, and what came of it; redirects are not followed, answers not read beyond a limit."""

import asyncio
import ssl
from time import monotonic
from typing import NamedTuple

import httpcore

from services.projection.publish.webhooks import targets
from services.projection.publish.webhooks.connecting import Connections

TIMEOUT = 10.0
"""Seconds for a delivery, from the name's resolution to the answer."""

MOST_READ = 64 * 1024

Headers = list[tuple[bytes, bytes]]


class Answer(NamedTuple):
    """What a delivery came to: the status that was answered, else why there is none."""

    status: int | None
    error: str | None
    latency_ms: int
    retry_after: str | None = None

    @property
    def delivered(self) -> bool:
        """Whether the receiver took it."""
        return self.status is not None and 200 <= self.status < 300


class Sender:
    """Connections to receivers, shared by all deliveries of an event loop."""

    def __init__(
        self,
        *,
        allow_private: bool,
        resolve: targets.Resolve = targets.system,
        timeout: float = TIMEOUT,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._allow_private, self._timeout = allow_private, timeout
        self._connections = Connections(resolve, tls, allow_private=allow_private)

    async def post(self, url: str, headers: Headers, body: bytes) -> Answer:
        """What a receiver made of a body; never raises for what a receiver, a name or the network does."""
        begun, heads = monotonic(), list[httpcore.Response]()
        error: str | None = None
        try:
            target = targets.read(url, allow_private=self._allow_private)
            async with asyncio.timeout(self._timeout):
                await self._exchange(target, headers, body, heads)
        except TimeoutError:
            error = f"no answer within {self._timeout:g} s"
        except targets.BadTarget as refusal:
            error = str(refusal)
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, OSError) as trouble:
            error = f"{type(trouble).__name__}: {' '.join(str(trouble).split())}"[:300]
        latency = round((monotonic() - begun) * 1_000)
        return _answer(heads[0], latency) if heads else Answer(None, error, latency)

    async def _exchange(
        self, target: targets.Target, headers: Headers, body: bytes, heads: list[httpcore.Response]
    ) -> None:
        request = httpcore.Request("POST", target.url, headers=[*_of_http(target, body), *headers], content=body)
        connection = await self._connections.taken(target)
        try:
            response = await connection.handle_async_request(request)
            heads.append(response)
            try:
                await _read(response)
            finally:
                await response.aclose()
        finally:
            await self._connections.returned(target, connection)

    async def tidy(self) -> None:
        """Closes connections that have waited for long."""
        await self._connections.close(all_of_them=False)

    async def close(self) -> None:
        """Closes every connection."""
        await self._connections.close()


async def _read(response: httpcore.Response) -> None:
    size = 0
    async for part in response.aiter_stream():
        size += len(part)
        if size > MOST_READ:
            return


def _of_http(target: targets.Target, body: bytes) -> Headers:
    host = f"[{target.host}]" if ":" in target.host else target.host
    port = "" if target.port == targets.PORTS[target.scheme] else f":{target.port}"
    return [(b"Host", f"{host}{port}".encode()), (b"Content-Length", b"%d" % len(body))]


def _answer(head: httpcore.Response, latency: int) -> Answer:
    wait = next((value for name, value in head.headers if name.lower() == b"retry-after"), None)
    status = head.status
    error = None if 200 <= status < 300 else f"answered {status}"
    return Answer(status, error, latency, wait.decode("latin-1")[:100] if wait is not None else None)
