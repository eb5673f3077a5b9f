"""Serving over HTTP from the command line: the address is taken before anything else is done, and said when it answers."""

import socket
from contextlib import suppress
from typing import Any

import uvicorn

from events.errors import Rejected
from services.settings import Settings
from services.terminal.screen import tell


class AddressTaken(Rejected):
    """The address cannot be listened on; the message names it and says why."""


def listen(settings: Settings, host: str | None, port: int | None) -> tuple[Settings, socket.socket]:
    """A socket on the address asked for, else on the one set; the settings that come back name it."""
    host = host or settings.host
    port = settings.port if port is None else port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        why = str(error.strerror or error).partition(" (while")[0]
        raise AddressTaken(f"cannot listen on {host} port {port}: {why}") from None
    return settings.model_copy(update={"host": host, "port": listening.getsockname()[1]}), listening


def serve(settings: Settings, listening: socket.socket, parts: set[str]) -> None:
    """Answers requests until told to stop (SIGINT, SIGTERM)."""
    from services.app import (
        build,  # the web framework takes half a second to load, which other commands need not wait for
    )

    config: dict[str, Any] = {"log_level": "warning", "access_log": False, "timeout_graceful_shutdown": 5}
    server = uvicorn.Server(uvicorn.Config(build(settings, parts), **config))
    tell(f"inforce answers on {settings.links_url()} (Ctrl-C stops it)")
    with suppress(KeyboardInterrupt):  # raised again by uvicorn once it has shut down
        server.run(sockets=[listening])
