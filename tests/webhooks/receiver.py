"""A real receiver on loopback: it keeps what it gets and answers as it is told, in HTTP or not."""

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import orjson

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


def status(code: int, *headers: str) -> bytes:
    """An answer without a body."""
    lines = [f"HTTP/1.1 {code} X", "Content-Length: 0", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


@dataclass
class Got:
    """A request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @cached_property
    def event(self) -> dict[str, Any]:
        return dict(orjson.loads(self.body))

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @cached_property
    def sequence(self) -> int:
        return int(self.event["sequence"])


@dataclass
class Receiver:
    """What came in, in order; `answer` may be set at any time: bytes, a function of the request, or a coroutine."""

    port: int = 0
    got: list[Got] = field(default_factory=list)
    answer: Any = OK
    scheme: str = "http"

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/hook"

    def sequences(self) -> list[int]:
        return [each.sequence for each in self.got]

    serving: set[asyncio.Task[None] | None] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.serving.add(asyncio.current_task())
        try:
            while (told := await self._answer(await _request(reader))) is not None:
                writer.write(told)
                await writer.drain()
                if b"connection: close" in told.lower():
                    break
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self.serving.discard(asyncio.current_task())
            writer.close()

    async def _answer(self, one: Got) -> bytes | None:
        self.got.append(one)
        told = self.answer(one) if callable(self.answer) else self.answer
        answered: bytes | None = await told if asyncio.iscoroutine(told) else told
        return answered


async def _request(reader: asyncio.StreamReader) -> Got:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Got(head[0].split(" ")[1], headers, body)


@contextmanager
def receiving(answer: Any = OK, tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver that listens, until the end."""
    receiver = Receiver(answer=answer, scheme="https" if tls else "http")
    started, ended = threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def listen() -> None:
        server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=tls, limit=2**20, backlog=500)
        receiver.port = server.sockets[0].getsockname()[1]
        loops.append(asyncio.get_running_loop())
        started.set()
        await ended.wait()
        server.close()
        left = [task for task in receiver.serving if task]
        for task in left:
            task.cancel()
        await asyncio.gather(*left)

    thread = threading.Thread(target=asyncio.run, args=(listen(),), daemon=True)
    thread.start()
    assert started.wait(10)
    try:
        yield receiver
    finally:
        loops[0].call_soon_threadsafe(ended.set)
        thread.join()
