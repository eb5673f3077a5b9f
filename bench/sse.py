"""The stream of events: from an append to its readers; a thousand of them; one that takes nothing of what it is sent."""

import os
import random
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import httpx
from sqlalchemy import Engine

from bench.databases import DATABASES
from bench.figures import compared, single
from bench.listening import Reader, listening, silent
from events.store import append, last_position, stream_versions
from services.database import open_engine
from tests.factories import amended, pending
from tests.waiting import wait_for

INFORCE = Path(sys.executable).with_name("inforce")
HELD = 20_000
"""Events in the log before anybody listens: some 20 MB on the stream."""

APPENDS = 400
CLIENTS, TOLD = 1_000, 100
ROUNDS, EACH = 5, 60


def rows() -> Iterator[dict[str, Any]]:
    """Milliseconds from an append to its readers, and what a thousand readers and a dead one cost."""
    _allow_files()
    for name, opened in DATABASES.items():
        with opened() as url, _served(url) as (process, port):
            engine = open_engine(url)
            _write(engine, HELD)
            wait_for(lambda port=port: not _lag(port), 300)
            yield from _latency(name, engine, port)
            yield from _crowd(name, engine, port, process.pid)
            yield from _dead(name, engine, port)
            yield from _catch_up(name, engine, port)
            engine.dispose()


def _latency(name: str, engine: Engine, port: int) -> Iterator[dict[str, Any]]:
    whole, own, late = _delays(engine, port, APPENDS), _appends(engine, APPENDS), _wakings(APPENDS)
    yield single("append to SSE client, p50, ms", name, median(whole), None)
    yield single("append to SSE client, p99, ms", name, quantiles(whole, n=100)[98], "<= 50")
    # What the figure above holds of the append's own time, and of a machine that is not quiet.
    yield single("the append alone, p50, ms", name, median(own), None)
    yield single("the append alone, p99, ms", name, quantiles(own, n=100)[98], None)
    yield single("a sleep wakes late by, p99, ms", name, quantiles(late, n=100)[98], None)


def _crowd(name: str, engine: Engine, port: int, process: int) -> Iterator[dict[str, Any]]:
    after = _end(engine)
    with listening(port, after, CLIENTS) as readers:
        wait_for(lambda: all(each.open for each in readers), 60)
        sent = []
        for _ in range(TOLD):
            sent.append(_append(engine))
            time.sleep(0.1)
        wait_for(lambda: all(len(each.told) >= TOLD for each in readers), 60)
    assert all(each.told == list(range(after + 1, after + TOLD + 1)) for each in readers)
    delays = [(at - begun) * 1_000 for each in readers for at, begun in zip(each.at, sent, strict=True)]
    what = f"{CLIENTS:,} SSE clients"
    yield single(
        f"{what}: events that each was told, of {TOLD}", name, min(len(each.told) for each in readers), f">= {TOLD}"
    )
    yield single(f"{what}: append to client, p50, ms", name, median(delays), None)
    yield single(f"{what}: append to client, p99, ms", name, quantiles(delays, n=100)[98], None)
    yield single(f"{what}: most resident memory of the service, MiB", name, _most(process), "<= 500")


def _dead(name: str, engine: Engine, port: int) -> Iterator[dict[str, Any]]:
    kinds: dict[str, list[float]] = {"with": [], "without": []}
    for _ in range(ROUNDS):
        kinds["without"].append(median(_delays(engine, port, EACH)))
        with silent(port):
            kinds["with"].append(median(_delays(engine, port, EACH)))
    yield compared(
        "append to SSE client, p50, ms: beside one that reads nothing", name, kinds["with"], kinds["without"], "<= 1.2"
    )


def _catch_up(name: str, engine: Engine, port: int) -> Iterator[dict[str, Any]]:
    end, begun = _end(engine), time.perf_counter()
    with listening(port, 0, 1) as (reader,):
        wait_for(lambda: reader.told and reader.told[-1] >= end, 120)
        took = reader.at[-1] - begun
    yield single("one SSE client from the beginning of the log, events/s", name, end / took, None)


def _delays(engine: Engine, port: int, number: int) -> list[float]:
    """Milliseconds from the call of an append to the moment its event was read, one append after the other."""
    after = _end(engine)
    with listening(port, after, 1) as (reader,):
        wait_for(lambda: reader.open)
        sent = [_append_and_wait(engine, reader, each) for each in range(1, number + 1)]
    return [(at - begun) * 1_000 for at, begun in zip(reader.at, sent, strict=True)]


def _appends(engine: Engine, number: int) -> list[float]:
    """Milliseconds that an append takes, as in `_delays`, to its return."""
    took = []
    for _ in range(number):
        time.sleep(random.uniform(0, 0.02))
        begun = _append(engine)
        took.append((time.perf_counter() - begun) * 1_000)
    return took


def _wakings(number: int) -> list[float]:
    """Milliseconds by which this machine wakes a process later than it asked to be woken."""
    late = []
    for _ in range(number):
        begun = time.perf_counter()
        time.sleep(0.01)
        late.append((time.perf_counter() - begun - 0.01) * 1_000)
    return late


def _append_and_wait(engine: Engine, reader: Reader, number: int) -> float:
    time.sleep(random.uniform(0, 0.02))
    begun = _append(engine)
    while len(reader.told) < number:
        time.sleep(0.0005)
    return begun


def _append(engine: Engine) -> float:
    """When the append of one event was begun."""
    begun = time.perf_counter()
    _write(engine, 1)
    return begun


def _write(engine: Engine, number: int) -> None:
    events = [pending(amended("H15")) for _ in range(number)]
    with engine.begin() as connection:
        append(connection, events, stream_versions(connection, {events[0].stream}))


def _end(engine: Engine) -> int:
    with engine.connect() as connection:
        return last_position(connection)


def _lag(port: int) -> int:
    status = httpx.get(f"http://127.0.0.1:{port}/v1/status", timeout=30).json()
    return int(status["projection"]["lag"])


@contextmanager
def _served(url: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("INFORCE_")}
    command = [str(INFORCE), "serve", "projection", "--port", "0"]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env=surroundings | {"INFORCE_DATABASE_URL": url}
    ) as process:
        assert process.stderr
        said = process.stderr.readline()
        found = re.search(r":(\d+)", said.partition("http://")[2])
        assert found, said
        try:
            yield process, int(found[1])
        finally:
            process.terminate()


def _most(process: int) -> float:
    """The most memory resident in a process so far, MiB."""
    return int(re.findall(r"VmHWM:\s+(\d+)", Path(f"/proc/{process}/status").read_text())[0]) / 1024


def _allow_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < CLIENTS + 1_000 <= hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (CLIENTS + 1_000, hard))
