"""A service that passes on what another answers, but for what it is told to lie about."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

Answer = tuple[int, bytes]
Lie = Callable[[Answer], "Answer | Iterator[bytes]"]


@dataclass
class Liar:
    """Lies by the beginning of the path: what is made of the true answer; an iterator is a body without end."""

    truth: str
    url: str = ""
    lies: dict[str, Lie] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def answer(self, path: str) -> "Answer | Iterator[bytes]":
        self.asked.append(path)
        told = httpx.get(self.truth + path, timeout=10)
        lie = next((each for begin, each in self.lies.items() if path.startswith(begin)), None)
        return lie((told.status_code, told.content)) if lie else (told.status_code, told.content)


@contextmanager
def lying(truth: str) -> Iterator[Liar]:
    """A liar beside the service, until the end."""
    liar = Liar(truth.rstrip("/"))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told = liar.answer(self.path)
            status, body = told if isinstance(told, tuple) else (200, None)
            self.send_response(status)
            if status in (301, 302):
                self.send_header("Location", liar.truth + self.path)
            if body is not None:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(ConnectionError):
                for part in (body,) if body is not None else told:
                    self.wfile.write(part if isinstance(part, bytes) else b"")

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    liar.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield liar
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
