"""Connections of webhooks: the name is resolved, every address checked, and the checked address is the one connected to."""

import asyncio
import ssl
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn

import httpcore

from services.projection.publish.webhooks.targets import May, Resolve, Target, checked, rule

FIRST_TRIES = 3.0
"""Seconds for an address when the name has others."""

WAITING, WAITS = 128, 3.0
"""Connections that wait for their next delivery, and for how many seconds: less than receivers keep theirs."""


class CheckedAddresses(httpcore.AsyncNetworkBackend):
    """A way to connect that never asks the system for a name a second time."""

    def __init__(self, resolve: Resolve, may: May, threads: ThreadPoolExecutor) -> None:
        self._resolve, self._may, self._threads = resolve, may, threads
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the first of the name's addresses that answers; BadTarget, and none, where one may not be."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, checked, host, port, self._resolve, self._may)
        for address in found[:-1]:
            try:
                return await self._inner.connect_tcp(address, port, FIRST_TRIES, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._inner.connect_tcp(found[-1], port, timeout, local_address, socket_options)

    async def connect_unix_socket(self, path: str, *_: object, **__: object) -> NoReturn:
        """No webhook goes to a socket file."""
        raise NotImplementedError

    async def sleep(self, seconds: float) -> None:
        """Waits."""
        await self._inner.sleep(seconds)


class Connections:
    """Connections to receivers, kept for their next delivery: few, and not for long."""

    def __init__(self, resolve: Resolve, tls: ssl.SSLContext | None, *, allow_private: bool) -> None:
        # A name that is slow to resolve keeps its thread beyond the delivery's own time.
        threads = self._threads = ThreadPoolExecutor(64, "webhook-names")
        self._ways = {
            scheme: CheckedAddresses(resolve, rule(scheme, allow_private=allow_private), threads)
            for scheme in ("https", "http")
        }
        self._tls = tls
        self._waiting: dict[Target, list[httpcore.AsyncHTTPConnection]] = {}

    async def taken(self, target: Target) -> httpcore.AsyncHTTPConnection:
        """A connection that waits, else one yet to be made."""
        place = target._replace(url="")
        while waiting := self._waiting.get(place):
            connection = waiting.pop()
            if not waiting:
                del self._waiting[place]
            if connection.is_available() and not connection.has_expired():
                return connection
            await connection.aclose()
        if target.scheme == "https" and self._tls is None:
            # Reads every authority's certificate: not in the loop.
            loop = asyncio.get_running_loop()
            self._tls = await loop.run_in_executor(self._threads, httpcore.default_ssl_context)
        origin = httpcore.URL(target.url).origin
        way = self._ways[target.scheme]
        return httpcore.AsyncHTTPConnection(origin, self._tls, keepalive_expiry=WAITS, network_backend=way)

    async def returned(self, target: Target, connection: httpcore.AsyncHTTPConnection) -> None:
        """Keeps a connection whose answer was read to its end, closes any other."""
        if connection.is_idle() and sum(map(len, self._waiting.values())) < WAITING:
            self._waiting.setdefault(target._replace(url=""), []).append(connection)
        else:
            await connection.aclose()

    async def close(self, *, all_of_them: bool = True) -> None:
        """Closes those that wait, or only those that have waited for long or were closed at the other end."""
        for place, waiting in list(self._waiting.items()):
            for connection in [each for each in waiting if all_of_them or each.has_expired()]:
                waiting.remove(connection)
                await connection.aclose()
            if not waiting:
                self._waiting.pop(place, None)
        if all_of_them:
            self._threads.shutdown(wait=False, cancel_futures=True)
