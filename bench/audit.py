"""Verifying: entries a second of one process's time, part by part; the raw mark is reading the same rows and hashing them."""

import io
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from bench.databases import DATABASES
from bench.figures import single
from bench.ledgers import Size, write
from services.audit import index, streams, walking
from services.audit.entries import leaf_of, raw
from services.audit.export import export
from services.audit.findings import Findings
from services.audit.importing import bring
from services.database import open_engine, reading
from services.projection.proof import growing

SIZE = Size(25, 4_000)
ROUNDS = 3


def rows() -> Iterator[dict[str, Any]]:
    """Entries a second a core: what each part of `verify` takes of it, an export, an import."""
    for name, opened in DATABASES.items():
        with opened() as url, opened() as other, tempfile.TemporaryDirectory() as directory:
            engine, empty = open_engine(url), open_engine(other)
            yield from _of(name, engine, url, empty, Path(directory) / "ledger.ndjson")
            engine.dispose()
            empty.dispose()


def _of(name: str, engine: Engine, url: str, empty: Engine, file: Path) -> Iterator[dict[str, Any]]:
    count = write(engine, SIZE)
    growing.catch_up(engine)
    with engine.begin() as connection:
        index.rebuild(connection)
    hashed = _best(count, lambda: _hashed(engine, count))

    def row(what: str, work: Callable[[], None], target: str | None = None, rounds: int = ROUNDS) -> dict[str, Any]:
        ours = _best(count, work, rounds)
        return {"name": what, "database": name, "ours": ours, "raw": hashed, "ratio": None, "target": target}

    yield row("verify, entries, tree and checkpoints", lambda: _walked(engine, url, count), ">= 200000")
    # The database does it, in a process of its own on PostgreSQL.
    streamed = _best(count, lambda: _streams(engine, count), clock=time.perf_counter)
    yield single("verify, streams, by the clock on the wall", name, streamed, None)
    yield row("verify, ingest's index", lambda: _index(engine, count))
    yield row("export", lambda: _exported(engine, file), rounds=1)
    yield row("import", lambda: _imported(empty, file), rounds=1)


def _best(
    count: int, work: Callable[[], None], rounds: int = ROUNDS, clock: Callable[[], float] = time.process_time
) -> float:
    """Entries a second of this process's own time: what others do on the machine meanwhile does not count."""
    best = float("inf")
    for _ in range(rounds):
        before = clock()
        work()
        best = min(best, clock() - before)
    return count / best


def _hashed(engine: Engine, count: int) -> None:
    with reading(engine) as connection:
        for start in range(0, count, 4_096):
            for row in raw(connection, start, min(start + 4_096, count)):
                leaf_of(row)


def _walked(engine: Engine, url: str, count: int) -> None:
    with reading(engine) as connection:
        parts = list(walking.stretches(count, count, [count]))
        found, tree = walking.walked(connection, url, parts, 1, _nothing)
        assert (found.count, len(tree.root(count))) == (0, 32)


def _streams(engine: Engine, count: int) -> None:
    with reading(engine) as connection:
        streams.versions(connection, count, found := Findings())
        assert not found.count


def _index(engine: Engine, count: int) -> None:
    with reading(engine) as connection:
        index.check(connection, count, found := Findings(), _nothing)
        assert not found.count


def _exported(engine: Engine, file: Path) -> None:
    written = io.BytesIO()
    export(engine, written, _nothing)
    file.write_bytes(written.getvalue())


def _imported(engine: Engine, file: Path) -> None:
    with file.open("rb") as lines, engine.begin() as connection:
        bring(connection, lines, _nothing)


def _nothing(done: int, total: int) -> None:
    """Nobody looks."""
