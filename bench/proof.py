"""The transparency log: the tree against the appends it keeps up with, a proof against a plain read of its event."""

import tempfile
from collections.abc import Iterator
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from bench.asking import rate as asked
from bench.databases import DATABASES
from bench.figures import compared, rate
from bench.log import _events
from bench.processes import served
from events.appender import Appender
from events.envelope import Pending, own_stream
from events.identifiers import new_id
from services.database import open_engine
from services.projection.proof import keys, upkeep

ROUNDS = 5
EVENTS, BATCH = 10_000, 100
QUESTIONS = 600


def rows() -> Iterator[dict[str, Any]]:
    """Entries a second into the tree against events a second into the log; milliseconds of a proof against those of a read."""
    for name, opened in DATABASES.items():
        with opened() as url, tempfile.TemporaryDirectory() as directory:
            engine, key_file = open_engine(url), Path(directory) / "signing.key"
            keys.make(key_file, "bench.invalid")
            ids: list[str] = []
            yield _upkeep(engine, name, ids)
            upkeep.sign(engine, key_file)
            with served("ours", url) as port:
                yield _proofs(port, name, ids)
            engine.dispose()


def _upkeep(engine: Engine, name: str, ids: list[str]) -> dict[str, Any]:
    appended, grown = [], []
    with Appender(engine) as appender:
        for _ in range(ROUNDS):
            events = [Pending(new_id(), own_stream(event), event) for event in _events(EVENTS)]
            appended.append(rate(partial(_append, appender, events)))
            grown.append(rate(partial(_grow, engine)))
            ids += [each.id for each in events]
    return compared(f"tree upkeep, against appends of {BATCH} at once", name, grown, appended, ">= 5")


def _append(appender: Appender, events: list[Pending]) -> int:
    for start in range(0, len(events), BATCH):
        part = events[start : start + BATCH]
        appender.append(part, dict.fromkeys((each.stream for each in part), 0))
    return len(events)


def _grow(engine: Engine) -> int:
    upkeep.catch_up(engine)
    return EVENTS


def _proofs(port: int, name: str, ids: list[str]) -> dict[str, Any]:
    proofs, reads = [], []
    some = cycle(ids[:: len(ids) // 3_001])
    for _ in range(ROUNDS):
        chosen = list(islice(some, QUESTIONS))
        reads.append(1_000 / asked(port, [f"/v1/events/{each}" for each in chosen]))
        proofs.append(1_000 / asked(port, [f"/v1/log/proof?event={each}" for each in chosen]))
    return compared(f"proof in a log of {len(ids):,}, against a read of its event, ms", name, proofs, reads, "<= 1.5")
