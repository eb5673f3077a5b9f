"""The whole log, stretch by stretch, in this process or in several; what they found is put together in order."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

import sqlalchemy as sa

from events.tiles import WIDTH
from services import database
from services.audit.findings import Findings
from services.audit.passage import Passed, Stretch, passed
from services.audit.rebuilt import Rebuilt
from services.collecting import collect_seldom

TILES = 64
"""Tiles of a stretch: 16,384 entries."""

WORTH = 500_000
"""Entries from which several processes are worth their start."""

Moved = Callable[[int, int], None]


def stretches(until: int, size: int, sizes: Iterable[int]) -> Iterator[Stretch]:
    """A log up to a position, cut into stretches."""
    wanted: dict[int, list[int]] = {}
    for each in sizes:
        if each % WIDTH and each <= until:
            wanted.setdefault(each // WIDTH // TILES, []).append(each)
    end = (max(until, size) + WIDTH - 1) // WIDTH
    for first in range(0, end, TILES):
        own = tuple(wanted.get(first // TILES, ()))
        yield Stretch(first, min(first + TILES, end), until, size, own)


def walked(
    connection: sa.Connection, url: str, parts: Sequence[Stretch], jobs: int | None, moved: Moved
) -> tuple[Findings, Rebuilt]:
    """What is wrong with the entries, and the tree that they give."""
    findings, roots, tails = Findings(), list[bytes](), dict[int, bytes]()
    ended_at: Any = None
    with _results(connection, url, parts, jobs) as results:
        for number, done in enumerate(results, 1):
            findings.take(done.findings)
            if ended_at is not None and done.began_at is not None and done.began_at < ended_at:
                first = parts[number - 1].first * WIDTH + 1
                findings.add(first, f"recorded_at is {done.began_at}, before that of the position before, {ended_at}")
            ended_at = done.ended_at or ended_at
            roots += done.roots
            tails |= done.tails
            moved(min(parts[number - 1].stop * WIDTH, parts[number - 1].until), parts[number - 1].until)
    return findings, Rebuilt(roots, tails)


@contextmanager
def _results(
    connection: sa.Connection, url: str, parts: Sequence[Stretch], jobs: int | None
) -> Iterator[Iterable[Passed]]:
    wanted = jobs or (os.cpu_count() or 1 if parts and parts[-1].until >= WORTH else 1)
    if wanted == 1:
        yield (passed(connection, part) for part in parts)
        return
    with ProcessPoolExecutor(wanted, get_context("spawn"), _open, (url,)) as pool:
        yield pool.map(_pass, parts)


_engines: list[sa.Engine] = []


def _open(url: str) -> None:
    collect_seldom()
    _engines.append(database.open_engine(url))


def _pass(part: Stretch) -> Passed:
    with database.reading(_engines[0]) as connection:
        return passed(connection, part)
