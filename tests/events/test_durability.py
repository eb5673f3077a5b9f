"""Acknowledged means durable, and half an append is never there: writers, and the server itself, killed without warning."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import psutil
from sqlalchemy import Connection, Engine, text

from events.store import append, stream
from services.database import migrate, open_engine
from tests.conftest import private_cluster
from tests.factories import amended, pending
from tests.waiting import wait_for

SIZE = 7


def writer(url: str, name: str) -> subprocess.Popen[str]:
    """A process that appends seven events at a time until it is killed, and prints each receipt it got."""
    command = [sys.executable, "-m", "tests.events.writing", url, name, str(SIZE)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=Path(__file__).parents[2]
    )


def receipts(process: subprocess.Popen[str]) -> list[str]:
    """The receipts that a dead process had printed whole."""
    return [line for line in process.communicate()[0].splitlines(keepends=True) if line.endswith("\n")]


def first_receipt(process: subprocess.Popen[str]) -> str:
    """The first receipt; waits for it."""
    assert process.stdout
    return process.stdout.readline()


def check(connection: Connection, acknowledged: Iterable[str]) -> None:
    """Positions without gaps, whole appends only, and every one that was acknowledged."""
    log = list(stream(connection))
    assert [r.position for r in log] == list(range(1, len(log) + 1))
    assert len(log) % SIZE == 0, "half an append is there"
    ids = {r.position: r.id for r in log}
    for line in acknowledged:
        start, first, last = line.split()
        assert (ids[int(start)], ids[int(start) + SIZE - 1]) == (first, last)


def test_a_writer_killed_in_mid_append_leaves_all_or_nothing_and_nothing_acknowledged_is_lost(engine: Engine) -> None:
    url, chance = engine.url.render_as_string(hide_password=False), random.Random(7)
    acknowledged: list[str] = []
    for life in range(4):
        process = writer(url, f"W{life}")
        acknowledged.append(first_receipt(process))
        time.sleep(chance.uniform(0.0, 0.15))
        process.kill()
        acknowledged += receipts(process)

    with engine.begin() as connection:
        check(connection, acknowledged)
        append(connection, [pending(amended("after"))], {"sec/section/after": 0})


def test_a_server_killed_in_mid_append_has_afterwards_whatever_it_acknowledged() -> None:
    with private_cluster() as server:
        url = server.get_uri().replace(":@", "@")
        engine = open_engine(url)
        migrate(engine)
        process = writer(url, "W")
        acknowledged = [first_receipt(process) for _ in range(20)]
        with engine.connect() as connection:
            children = connection.execute(text("SELECT pid FROM pg_stat_activity")).scalars().all()
        killed = [server.get_pid(), *children]
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not any(psutil.pid_exists(pid) for pid in killed))
        acknowledged += receipts(process)
        assert process.returncode == 1, "the writer is told"

        server.ensure_postgres_running()
        with engine.begin() as connection:
            check(connection, acknowledged)
            append(connection, [pending(amended("after"))], {"sec/section/after": 0})
        engine.dispose()
