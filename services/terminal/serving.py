"""Serving over HTTP from the command line: the address is taken before anything else is done, and said when it answers."""

import resource
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import uvicorn

from events.errors import Rejected
from services.settings import Settings
from services.terminal.screen import tell

PATIENCE = 15.0
"""Seconds after which a connection whose other end takes nothing of what is sent is cut off."""

FILES = 16_384
"""Connections and files that the process may have open, where the system lets it."""


class AddressTaken(Rejected):
    """The address cannot be listened on; the message names it and says why."""


class Server(uvicorn.Server):
    """A server that first ends the open streams when it is told to stop: they would not end by themselves."""

    def __init__(self, config: uvicorn.Config, end_streams: Callable[[], None]) -> None:
        super().__init__(config)
        self._end_streams = end_streams

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends the streams, then waits for the other answers under way."""
        self._end_streams()
        await super().shutdown(sockets)


def listen(
    settings: Settings, host: str | None, port: int | None, patience: float = PATIENCE
) -> tuple[Settings, socket.socket]:
    """A socket on the address asked for, else on the one set; the settings that come back name it."""
    host = host or settings.host
    port = settings.port if port is None else port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        why = str(error.strerror or error).partition(" (while")[0]
        raise AddressTaken(f"cannot listen on {host} port {port}: {why}") from None
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        # Every connection inherits it; the server itself has no way to cut one off whose buffers are full.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(patience * 1_000))
    return settings.model_copy(update={"host": host, "port": listening.getsockname()[1]}), listening


def serve(settings: Settings, listening: socket.socket, parts: set[str]) -> None:
    """Answers requests until told to stop (SIGINT, SIGTERM)."""
    from services.app import (
        build,  # the web framework takes half a second to load, which other commands need not wait for
    )

    # Limits and doors go by the connection's own address: a header can say anything.
    config: dict[str, Any] = {"log_level": "warning", "access_log": False, "proxy_headers": False}
    config |= {"timeout_graceful_shutdown": 5}
    app = build(settings, parts)
    server = Server(uvicorn.Config(app, **config), app.state.end_streams)
    _allow_files()
    tell(f"inforce answers on {settings.links_url()} (Ctrl-C stops it)")
    with suppress(KeyboardInterrupt):  # raised again by uvicorn once it has shut down
        server.run(sockets=[listening])


def _allow_files() -> None:
    """Raises the usual limit of 1,024 open files: each stream is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = FILES if hard == resource.RLIM_INFINITY else min(hard, FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
