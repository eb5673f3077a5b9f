"""A client that costs little: some kept-alive connections in one thread, each asking again as soon as it is answered."""

import selectors
import socket
import time
from collections.abc import Iterable

CONNECTIONS = 8


class Refused(Exception):  # noqa: N818
    """A bench asked for something that was not answered 200."""


def rate(port: int, paths: Iterable[str], connections: int = CONNECTIONS) -> float:
    """Answers a second, until all paths are asked; any answer but 200 ends the bench."""
    asked = iter(paths)
    watch = selectors.DefaultSelector()
    answers, started = 0, time.perf_counter()
    for _ in range(connections):
        own = socket.create_connection(("127.0.0.1", port))
        own.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if _ask(own, asked):
            watch.register(own, selectors.EVENT_READ, bytearray())
    while watch.get_map():
        for key, _ in watch.select():
            own, held = key.fileobj, key.data
            assert isinstance(own, socket.socket)
            held += own.recv(1 << 20)
            if _whole(held):
                answers += 1
                held.clear()
                if not _ask(own, asked):
                    watch.unregister(own)
                    own.close()
    return answers / (time.perf_counter() - started)


def _ask(own: socket.socket, asked: Iterable[str]) -> bool:
    path = next(iter(asked), None)
    if path is None:
        own.close()
        return False
    own.sendall(f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
    return True


def _whole(held: bytearray) -> bool:
    end = held.find(b"\r\n\r\n")
    if end < 0:
        return False
    if not held.startswith(b"HTTP/1.1 200"):
        raise Refused(bytes(held[: end + 400]).decode(errors="replace"))
    head = bytes(held[:end]).lower()
    at = head.index(b"content-length:") + 15
    return len(held) >= end + 4 + int(head[at : head.find(b"\r\n", at) if b"\r\n" in head[at:] else end])
