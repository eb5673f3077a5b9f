"""A TCP proxy that passes everything on until it is told to cut what comes next in the middle."""

import socket
import threading
from contextlib import suppress


class Proxy:
    """Listens on `port` and leads to another port of this machine."""

    def __init__(self, target: int) -> None:
        self._target, self._left = target, -1
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.cuts = 0
        self._closed = False
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_after(self, sent: int) -> None:
        """Cuts the connection once so many bytes more were sent to the server, wherever that is in a frame."""
        self._left = sent

    def close(self) -> None:
        """Takes no more connections."""
        self._closed = True
        self._listening.close()

    def _accept(self) -> None:
        while not self._closed:
            with suppress(OSError):
                client, _ = self._listening.accept()
                try:
                    server = socket.create_connection(("127.0.0.1", self._target))
                except OSError:
                    client.close()
                    continue
                for pair in ((client, server, True), (server, client, False)):
                    threading.Thread(target=self._pass_on, args=pair, daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, to_server: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                if to_server and 0 <= self._left < len(data):
                    sink.sendall(data[: self._left])
                    self._left, self.cuts = -1, self.cuts + 1
                    break
                if to_server and self._left >= 0:
                    self._left -= len(data)
                sink.sendall(data)
        for each in (source, sink):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
