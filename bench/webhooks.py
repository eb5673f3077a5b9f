"""Webhooks: deliveries a second over all subscriptions to a receiver of another process, and what a dead one costs the rest."""

import asyncio
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, sleep
from typing import Any, cast

from sqlalchemy import Engine, func, select

from bench.databases import DATABASES
from bench.figures import single
from events.envelope import Pending, own_stream
from events.identifiers import new_id
from events.store import append
from services.database import open_engine
from services.projection.publish.webhooks import dispatcher
from services.projection.publish.webhooks.tables import delivery, subscription
from services.settings import Settings
from tests.factories import amended
from tests.webhooks.ledger import subscribe

EVENTS = 500
SUBSCRIPTIONS = 20
ROUNDS = 3


def rows() -> Iterator[dict[str, Any]]:
    """Each figure as it is known: rates, and of the rate beside a dead receiver what it is to the rate without."""
    for name, opened in DATABASES.items():
        with opened() as url, tempfile.TemporaryDirectory() as directory, _receiver() as port:
            settings = Settings(database_url=url, data_dir=Path(directory), webhook_allow_private=True)
            engine = open_engine(url)
            _record(engine)
            both = [[_round(engine, settings, port, dead) for dead in (0, 1)] for _ in range(ROUNDS)]
            alone, beside = zip(*both, strict=True)
            engine.dispose()
        yield single(f"deliveries/s to {SUBSCRIPTIONS} subscriptions", name, max(alone), ">= 500")
        shares = sorted(one / other for one, other in zip(beside, alone, strict=True))
        ratio = shares[len(shares) // 2]
        told = {"ours": max(beside), "raw": max(alone), "ratio": ratio, "target": ">= 0.8"}
        yield {"name": "the same beside one receiver that never answers", "database": name, **told}


def _record(engine: Engine) -> None:
    pending = [Pending(new_id(), own_stream(event), event) for event in (amended("H15"),) * EVENTS]
    with engine.begin() as connection:
        append(connection, pending, {pending[0].stream: 0})


def _round(engine: Engine, settings: Settings, port: int, dead: int) -> float:
    """Deliveries a second, from the first subscription's beginning to the last one's end."""
    with engine.begin() as connection:
        connection.execute(delivery.delete())
        connection.execute(subscription.delete())
    with _silent() as silent:
        for number in range(SUBSCRIPTIONS + dead):
            subscribe(engine, settings, f"http://127.0.0.1:{silent if number < dead else port}/{number}")
        stop = threading.Event()
        thread = threading.Thread(target=dispatcher.run, args=(engine, settings, stop))
        begun = perf_counter()
        thread.start()
        while _done(engine) < SUBSCRIPTIONS:
            sleep(0.02)
        took = perf_counter() - begun
        stop.set()
        thread.join()
    return EVENTS * SUBSCRIPTIONS / took


def _done(engine: Engine) -> int:
    with engine.connect() as connection:
        there = subscription.c.position == EVENTS
        return connection.scalar(select(func.count()).select_from(subscription).where(there)) or 0


@contextmanager
def _silent() -> Iterator[int]:
    """A port that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@contextmanager
def _receiver() -> Iterator[int]:
    with subprocess.Popen([sys.executable, "-m", "bench.webhooks"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield int(process.stdout.readline())
        process.kill()


class _Receiver(asyncio.Protocol):
    """Answers each POST as soon as its body is there; whoever sends it here sends one at a time."""

    def __init__(self) -> None:
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._held += data
        head, end, body = self._held.partition(b"\r\n\r\n")
        if not end:
            return
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(body) >= length:
            self._held = body[length:]
            self._transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")


async def _receive() -> None:
    server = await asyncio.get_running_loop().create_server(_Receiver, "127.0.0.1", 0, backlog=500)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_receive())
