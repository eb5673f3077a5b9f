"""A document read: how long, how that grows, how much memory, and what the log's writers notice of it."""

import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.resources import files
from itertools import count, pairwise
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

from bench.alone import finished, started
from bench.databases import DATABASES
from bench.figures import compared, single
from events.appender import Appender
from events.catalogue import change
from events.envelope import Pending, own_stream
from events.errors import Unavailable
from events.identifiers import new_id
from services.database import open_engine
from services.ingest.codes.grammars import read
from services.ingest.sources.text import decode
from services.terminal.running import SHIPPED
from tests.ingest.typesetter import generated_rows, typeset

ROUNDS = 3
ROWS, FEW = 10_000, 1_000
SEED = 7
PAUSE = 0.02
"""Seconds between two appends beside the reader, which needs a processor too."""


class Waited(NamedTuple):
    """An append beside the reader: where it came in the log, and how long it took, ms."""

    position: int
    took: float


def rows() -> Iterator[dict[str, Any]]:
    """Seconds, memory and waits; the rows of long documents are made up."""
    shipped = files("services.ingest").joinpath("shipped", SHIPPED).read_bytes()
    yield single(
        f"the real table read, best of {ROUNDS * 5}, s", "", min(_seconds(shipped) for _ in range(ROUNDS * 5)), "<= 0.1"
    )
    generated = generated_rows(ROWS, SEED)
    many, few = (typeset(generated[:number]).encode() for number in (ROWS, FEW))
    long, short = [], []
    for _ in range(ROUNDS):
        long.append(_seconds(many) / ROWS * 1_000)
        short.append(_seconds(few) / FEW * 1_000)
    yield compared(f"reading {ROWS:,} rows against {FEW:,}, ms a row", "", long, short, "<= 1.3")
    for name in DATABASES:
        yield from _recorded(name, many)


def _seconds(data: bytes) -> float:
    begun = perf_counter()
    read(decode(data, len(data)), "sec")
    return perf_counter() - begun


def _recorded(name: str, data: bytes) -> Iterator[dict[str, Any]]:
    """The document is recorded by a process of its own; meanwhile others append."""
    with tempfile.TemporaryDirectory() as directory, DATABASES[name]() as url:
        document = Path(directory) / "long.txt"
        document.write_bytes(data)
        process = started("ingest", url, str(document))
        appended = list(_appended_beside(process, url))
        done = finished(process)
    yield single(f"ingest of {ROWS:,} rows, MiB", name, done.most, "<= 300")
    yield single(f"ingest of {ROWS:,} rows, s", name, done.seconds, None)
    # The document's own events lie between two of the others': the latter is the one that waited for them.
    behind = next(later for earlier, later in pairwise(appended) if later.position > earlier.position + 1)
    before = [each.took for each in appended if each.position < behind.position]
    what = f"slowest of {len(before)} appends while {ROWS:,} rows are read, ms"
    yield single(what, name, max(before), "<= 500")
    yield single(f"the append behind the recording of {done.events:,} events, ms", name, behind.took, None)


def _appended_beside(process: subprocess.Popen[str], url: str) -> Iterator[Waited]:
    engine = open_engine(url)
    with Appender(engine) as appender:
        for number in count(1):
            ending = process.poll() is not None
            event = change("amended", "section", code="other", actor="bench", ref=f"A{number}")
            begun = perf_counter()
            position = _append(appender, Pending(new_id(), own_stream(event), event))
            yield Waited(position, (perf_counter() - begun) * 1_000)
            if ending:
                break
            time.sleep(PAUSE)
    engine.dispose()


def _append(appender: Appender, pending: Pending) -> int:
    while True:
        try:
            return appender.append([pending], {pending.stream: 0}).positions[0]
        except Unavailable:
            continue
