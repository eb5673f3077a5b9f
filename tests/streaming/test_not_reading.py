"""A reader that reads nothing: it costs the others nothing, its memory is bounded, and it is cut off."""

import shutil
import signal
import socket
from pathlib import Path

import httpx
import sqlalchemy as sa

from services.database import open_engine
from services.projection.publish.stream_limits import Limits
from tests.factories import amended
from tests.journeys.test_killed_service import service as process
from tests.missing import missing
from tests.streaming.service import STREAM, record, streaming, told
from tests.waiting import wait_for

WORDS = "x" * 40_000
APPENDS, SIZE = 20, 20
"""16 MB in all: more than a connection's buffers take."""


def test_a_reader_that_reads_nothing_is_cut_off_and_the_others_are_told_everything(engine: sa.Engine) -> None:
    if not hasattr(socket, "TCP_USER_TIMEOUT"):
        missing("this system has no TCP_USER_TIMEOUT")
    small = Limits(events=50, size=1024 * 1024)
    with streaming(engine, small, patience=1.0) as service, silent(service.client) as connection:
        wait_for(lambda: service.connections() == 1)
        for _ in range(APPENDS):
            record(engine, *(amended("H15", title=WORDS) for _ in range(SIZE)))
        found = told(service.client, APPENDS * SIZE)
        assert [each.position for each in found] == list(range(1, APPENDS * SIZE + 1))
        record(engine, amended("H15"))
        assert told(service.client, 1, last=APPENDS * SIZE)
        wait_for(lambda: service.connections() == 0, 60)
        assert _rest(connection) < APPENDS * SIZE * len(WORDS)


def test_a_service_that_is_told_to_stop_does_not_wait_for_who_reads_nothing(
    migrated_sqlite: Path, tmp_path: Path
) -> None:
    ledger = f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'ledger.sqlite3')}"
    engine = open_engine(ledger)
    for _ in range(APPENDS):
        record(engine, *(amended("H15", title=WORDS) for _ in range(SIZE)))
    engine.dispose()
    with process(ledger, tmp_path) as (running, url), httpx.Client(base_url=url) as client:
        assert told(client, 1)
        with silent(client):
            assert told(client, APPENDS * SIZE)
            running.send_signal(signal.SIGINT)
            assert running.wait(30) == 0
        assert running.stderr
        assert "Traceback" not in running.stderr.read()


def silent(client: httpx.Client) -> socket.socket:
    """A connection that has asked for the stream, and takes as little of it as the system lets it."""
    host, port = client.base_url.host, client.base_url.port or 80
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect((host, port))
    connection.sendall(f"GET {STREAM} HTTP/1.1\r\nHost: tests\r\n\r\n".encode())
    return connection


def _rest(connection: socket.socket) -> int:
    """How many bytes were on their way to a connection when it was cut off."""
    size = 0
    try:
        while data := connection.recv(1 << 20):
            size += len(data)
    except ConnectionError:
        pass
    return size
