"""Readers of a stream that cost little: bare connections in one thread, each with the ids it was told and when."""

import re
import selectors
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_ID = re.compile(rb"^id: (\d+)$", re.MULTILINE)


class Reader:
    """One connection to the stream after a position."""

    def __init__(self, port: int, after: int) -> None:
        self.told: list[int] = []
        self.at: list[float] = []
        self.open = False
        self._rest = b""
        self.connection = socket.create_connection(("127.0.0.1", port))
        self.connection.sendall(f"GET /v1/events/stream?after={after} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())

    def take(self) -> bool:
        """Takes what has come; false when the connection was closed."""
        data = self.connection.recv(1 << 18)
        now, self.open = time.perf_counter(), True
        whole, _, self._rest = (self._rest + data).rpartition(b"\n")
        found = [int(each) for each in _ID.findall(whole)]
        self.told += found
        self.at += [now] * len(found)
        return bool(data)


@contextmanager
def listening(port: int, after: int, number: int) -> Iterator[list[Reader]]:
    """So many readers, which go on reading until the end."""
    readers = [Reader(port, after) for _ in range(number)]
    over = threading.Event()
    thread = threading.Thread(target=_read, args=(readers, over), daemon=True)
    thread.start()
    try:
        yield readers
    finally:
        over.set()
        thread.join()
        for each in readers:
            each.connection.close()


@contextmanager
def silent(port: int) -> Iterator[None]:
    """A reader from the beginning of the log that takes nothing of what it is sent."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", port))
        connection.sendall(b"GET /v1/events/stream HTTP/1.1\r\nHost: bench\r\n\r\n")
        yield


def _read(readers: list[Reader], over: threading.Event) -> None:
    with selectors.DefaultSelector() as watch:
        for each in readers:
            watch.register(each.connection, selectors.EVENT_READ, each)
        while not over.is_set():
            for key, _ in watch.select(0.1):
                if not key.data.take():
                    watch.unregister(key.fileobj)
