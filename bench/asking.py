"""A client that costs little: some kept-alive connections in one thread, each asking again as soon as it is answered."""

import selectors
import socket
import time
from collections.abc import Iterable, Iterator

CONNECTIONS = 8


class Refused(Exception):  # noqa: N818
    """A bench asked for something that was not answered 2xx."""


def rate(port: int, paths: Iterable[str], connections: int = CONNECTIONS) -> float:
    """Answers a second, until all paths are asked; any answer but a 2xx ends the bench."""
    return _rate(port, (f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() for path in paths), connections)


def rate_of_posts(port: int, path: str, bodies: Iterable[bytes], connections: int = CONNECTIONS) -> float:
    """The same of bodies that are posted to one path."""
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
    return _rate(port, (f"{head}{len(body)}\r\n\r\n".encode() + body for body in bodies), connections)


def _rate(port: int, requests: Iterable[bytes], connections: int) -> float:
    asked = iter(requests)
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


def _ask(own: socket.socket, asked: Iterator[bytes]) -> bool:
    request = next(asked, None)
    if request is None:
        own.close()
        return False
    own.sendall(request)
    return True


def _whole(held: bytearray) -> bool:
    end = held.find(b"\r\n\r\n")
    if end < 0:
        return False
    if not held.startswith(b"HTTP/1.1 2"):
        raise Refused(bytes(held[: end + 400]).decode(errors="replace"))
    head = bytes(held[:end]).lower()
    at = head.index(b"content-length:") + 15
    return len(held) >= end + 4 + int(head[at : head.find(b"\r\n", at) if b"\r\n" in head[at:] else end])
