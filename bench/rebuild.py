"""The read models made anew beside the live ones: as fast as they were made first, in bounded memory; compared; verified."""

import os
import sys
from collections.abc import Iterator
from typing import Any

from bench.alone import finished, started
from bench.databases import DATABASES
from bench.figures import compared, single
from bench.ledgers import LARGE, Size, write
from services.database import open_engine

ROUNDS = 3
SCALE = Size(int(os.environ.get("INFORCE_BENCH_CODES", LARGE.codes)), LARGE.events)
"""The ledger; one of fewer codes is sooner written."""


def rows() -> Iterator[dict[str, Any]]:
    """A rebuild's rate against that of the catch-up before it, its memory, and a whole replay; each round on a new ledger."""
    total = SCALE.codes * SCALE.events
    for name in DATABASES:
        first, again, replayed, indexed, verified = [], [], [], [], []
        for _ in range(ROUNDS):
            with DATABASES[name]() as url:
                _written(name, url, total)
                first.append(finished(started("projection", url)))
                again.append(finished(started("rebuild", url)))
                replayed.append(finished(started("replay", url)))
                if not verified:
                    indexed.append(finished(started("index", url)))
                    verified.append(finished(started("verify", url)))
        rates = [[total / done.seconds for done in all_of_it] for all_of_it in (again, first)]
        yield compared(f"rebuild of {total:,} events against catch-up, events/s", name, *rates, ">= 0.9")
        yield single(f"rebuild of {total:,} events, MiB", name, max(done.most for done in again), "<= 300")
        best = max(total / done.seconds for done in replayed)
        yield single(f"replay of {total:,} events, compared row by row, best of {ROUNDS}, events/s", name, best, None)
        yield single(f"replay of {total:,} events, MiB", name, max(done.most for done in replayed), "<= 300")
        for what, [done] in (("ingest's index made anew", indexed), ("verify, all of it in one process", verified)):
            yield single(f"{what}, {total:,} events, events/s", name, total / done.seconds, None)
            yield single(f"{what}, {total:,} events, MiB", name, done.most, "<= 300")


def _written(name: str, url: str, total: int) -> None:
    print(f"writing {total:,} events to {name}", file=sys.stderr, flush=True)
    engine = open_engine(url)
    write(engine, SCALE)
    engine.dispose()
