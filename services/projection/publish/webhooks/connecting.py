"""Connections of webhooks: the name is resolved, every address checked, and the checked address is the one connected to."""

import asyncio
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn

import httpcore

from services.projection.publish.webhooks.targets import May, Resolve, checked

FIRST_TRIES = 3.0
"""Seconds for an address when the name has others."""


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
