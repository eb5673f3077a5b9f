"""A provision's answer over HTTP, asked again and for the first time, in a ledger and in one a hundred times as large."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice
from typing import Any, NamedTuple

from bench.alone import finished, started
from bench.asking import rate
from bench.databases import DATABASES
from bench.figures import compared, single
from bench.ledgers import LARGE, SMALL, Size, questions, write
from bench.processes import served
from services.database import open_engine

ROUNDS = 7
AGAIN, FIRST = 4_000, 800
SCALE = Size(int(os.environ.get("INFORCE_BENCH_CODES", LARGE.codes)), LARGE.events)
"""The large ledger; one of fewer codes is sooner written."""


class Side(NamedTuple):
    """A ledger and the two servers on it."""

    size: Size
    ours: int
    plain: int


def rows() -> Iterator[dict[str, Any]]:
    """The projection's rate and memory, then answers a second against those of plain endpoints on the same database."""
    for name in DATABASES:
        with ExitStack() as stack:
            small, large = (_Ledger(name, stack, size) for size in (SMALL, SCALE))
            small.projected()
            yield from large.projected()
            yield from _asked(name, small.served(), large.served())


class _Ledger:
    """A database with a ledger of that size."""

    def __init__(self, name: str, stack: ExitStack, size: Size) -> None:
        self._name, self._stack, self._size = name, stack, size
        self._url = stack.enter_context(DATABASES[name]())
        print(f"writing {size.codes * size.events:,} events to {name}", file=sys.stderr, flush=True)
        engine = open_engine(self._url)
        write(engine, size)
        engine.dispose()

    def projected(self) -> list[dict[str, Any]]:
        """Brings the read models up to date, in a process of its own."""
        done = finished(started("projection", self._url))
        what = f"projection of {done.events:,} events"
        return [
            single(f"{what}, durable checkpoints, events/s", self._name, done.events / done.seconds, ">= 44000"),
            single(f"{what}, MiB", self._name, done.most, "<= 300"),
        ]

    def served(self) -> Side:
        """Serves it."""
        ports = (self._stack.enter_context(served(which, self._url)) for which in ("ours", "plain"))
        return Side(self._size, *ports)


def _asked(name: str, small: Side, large: Side) -> Iterator[dict[str, Any]]:
    rates: dict[str, list[float]] = {what: [] for what in ("nothing", "again", "row", "first", "grown")}
    some, others = questions(small.size), questions(large.size)
    end, grown_end = (side.size.codes * side.size.events for side in (small, large))
    for _ in range(ROUNDS):
        path = next(some)
        rates["nothing"].append(rate(small.plain, ["/nothing"] * AGAIN))
        rates["again"].append(rate(small.ours, [path] * AGAIN))
        rates["row"].append(rate(small.plain, [f"/row/{1 + n * 7 % end}" for n in range(FIRST)]))
        rates["first"].append(rate(small.ours, islice(some, FIRST)))
        rates["grown"].append(rate(large.ours, islice(others, FIRST)))
    again, first = "provision asked again, against nothing", "provision asked for the first time, against a SELECT"
    yield compared(again, name, rates["again"], rates["nothing"], ">= 0.7")
    yield compared(first, name, rates["first"], rates["row"], ">= 0.5")
    slower = f"times slower at {grown_end:,} events than at {end:,}"
    yield compared(slower, name, rates["first"], rates["grown"], "<= 1.3")
