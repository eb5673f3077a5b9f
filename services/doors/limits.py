"""How many requests one client may make: a bucket of tokens for each address that the connection itself comes from."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from starlette.types import ASGIApp, Receive, Scope, Send

from services.problems import problem
from services.settings import Settings

BEYOND_LOOPBACK = 100.0
"""Requests a second that a client may make of a service that others than this machine can reach."""

BURST = 2.0
"""Seconds of requests that a client may make at once."""

CLIENTS = 10_000
"""Clients that are remembered; of more, the one not heard of for longest begins anew."""

_EXEMPT = frozenset({"/healthz"})


def allowed(settings: Settings) -> float | None:
    """Requests a second that one client may make; None: as many as it likes."""
    return settings.requests_per_second or (None if settings.on_loopback() else BEYOND_LOOPBACK)


class Limits:
    """ASGI middleware: a client that asks too fast is answered 429 and when to come back; it costs the others nothing."""

    def __init__(
        self, app: ASGIApp, per_second: float, clients: int = CLIENTS, tick: Callable[[], float] = time.monotonic
    ) -> None:
        self._app, self._per_second, self._clients, self._tick = app, per_second, clients, tick
        self._most = max(1.0, BURST * per_second)
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, or answers 429 without reading its body."""
        if scope["type"] != "http" or scope["path"] in _EXEMPT:
            await self._app(scope, receive, send)
            return
        wait = self._take(client_of(scope))
        if wait <= 0:
            await self._app(scope, receive, send)
            return
        detail = f"more than {self._per_second:g} requests a second from one client"
        refusal = problem("too-many-requests", 429, detail, {"Retry-After": str(math.ceil(wait))})
        await refusal(scope, receive, send)

    def _take(self, client: str) -> float:
        """Seconds that the client has to wait; 0 where its request is taken from its bucket."""
        now = self._tick()
        left, at = self._buckets.pop(client, (self._most, now))
        left = min(self._most, left + (now - at) * self._per_second)
        wait = max(0.0, (1 - left) / self._per_second)
        self._buckets[client] = (left if wait else left - 1, now)
        if len(self._buckets) > self._clients:
            self._buckets.popitem(last=False)
        return wait


def client_of(scope: Scope) -> str:
    """The client that the connection comes from, whatever headers say; of IPv6 its /64, which one client has as a whole."""
    return _network((scope.get("client") or ("", 0))[0])


@lru_cache(CLIENTS)
def _network(host: str) -> str:
    try:
        address: IPv4Address | IPv6Address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Network((int(address), 64), strict=False))
    return str(address)
