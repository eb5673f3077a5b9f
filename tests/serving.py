"""A real server of the service on loopback, in a thread, with a client."""

import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager

import httpx
import uvicorn

from services.app import ALL, build
from services.settings import Settings
from services.terminal.serving import Server


@contextmanager
def serving(settings: Settings, parts: Collection[str] = ALL, port: int = 0) -> Iterator[httpx.Client]:
    """A client of a service that runs with these settings, until the end."""
    app = build(settings, parts)
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", proxy_headers=False)
    server = Server(config, app.state.end_streams)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        yield client
    server.should_exit = True
    thread.join()
