"""Whoever tails the log meets every committed event once and in order, while many write, fail and die."""

import multiprocessing
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from events.envelope import Recorded
from events.store import last_position, stream
from tests.events.losing import (
    Seen,
    Written,
    parts,
    tail,
    tail_naively,
    write,
    write_naively,
    write_until_killed,
)

WRITERS = 8
READERS: tuple[dict[str, Any], ...] = (
    {"page": 500, "pause": 0.005},
    {"page": 300, "pause": 0.001},
    {"page": 5_000, "pause": 0.4},
    {"page": 1_000, "pause": 0.02},
)
EVENTS = {"postgresql": 100_000, "sqlite": 10_000}


@pytest.fixture(scope="session")
def processes() -> ForkServerContext:
    """Where processes begin that have imported all they need already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.events.losing"])
    return context


@pytest.fixture
def long_open(engine: Engine) -> Iterator[None]:
    """A transaction with an id of its own and an old snapshot, open from the beginning to the end."""
    with engine.connect() as connection:
        connection.execute(text("BEGIN" if engine.dialect.name == "sqlite" else "SELECT pg_current_xact_id()"))
        last_position(connection)
        yield


@pytest.mark.usefixtures("long_open")
def test_no_reader_loses_a_committed_event(
    processes: ForkServerContext, ledger_url: str, engine: Engine, tmp_path: Path
) -> None:
    noted, number = tmp_path / "acknowledged-to-the-killed", EVENTS[engine.dialect.name]

    written, seen = _run(
        processes, ledger_url, tmp_path / "end", (write, tail), number, lambda: _kill(processes, ledger_url, noted)
    )

    with engine.connect() as connection:
        recorded = list(stream(connection))
    there = [(event.position, event.id) for event in recorded]
    assert [position for position, _ in there] == list(range(1, len(there) + 1))
    assert len(there) >= number
    for one in seen:
        assert one == there
    kept = {pair for one in written for pair in one.acknowledged} | _noted(noted)
    assert kept <= set(there)
    absent = {id_ for one in written for id_ in one.absent}
    assert absent
    assert absent.isdisjoint(id_ for _, id_ in there)
    _assert_each_append_is_whole(recorded)


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
def test_the_same_readers_lose_events_where_a_sequence_gives_the_positions(
    processes: ForkServerContext, ledger_url: str, engine: Engine, tmp_path: Path
) -> None:
    with engine.begin() as connection:
        connection.execute(
            text("CREATE TABLE naive_log (position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id uuid NOT NULL)")
        )

    written, seen = _run(processes, ledger_url, tmp_path / "end", (write_naively, tail_naively), 4_000, lambda: None)

    there = {pair for one in written for pair in one.acknowledged}
    assert all(there.difference(one) for one in seen)


def _run(
    processes: ForkServerContext,
    url: str,
    end: Path,
    work: tuple[Callable[[str, str, int], Written], Callable[..., Seen]],
    number: int,
    meanwhile: Callable[[], None],
) -> tuple[list[Written], list[Seen]]:
    """What eight writers wrote, so many in all, and what each reader saw until everything was written."""
    writing, tailing = work
    with ProcessPoolExecutor(WRITERS + len(READERS), processes) as pool:
        readers = [pool.submit(tailing, url, end=end, one_moment=i % 2 > 0, **how) for i, how in enumerate(READERS)]
        writers = [pool.submit(writing, url, f"w{i}", share) for i, share in enumerate(parts(number, WRITERS))]
        written: list[Written] = []
        try:
            meanwhile()
            written += [writer.result(timeout=100) for writer in writers]
        finally:
            # Written whole under another name first: a reader must not find half a number.
            last = max((position for one in written for position, _ in one.acknowledged), default=0)
            end.with_suffix(".new").write_text(str(last))
            end.with_suffix(".new").rename(end)
        return written, [reader.result(timeout=50) for reader in readers]


def _kill(processes: ForkServerContext, url: str, noted: Path) -> None:
    """Kills a writer in the midst of its work, three times."""
    chance = random.Random(7)
    for i in range(3):
        before = _size(noted)
        victim = processes.Process(target=write_until_killed, args=(url, f"victim{i}", noted))
        victim.start()
        while _size(noted) == before:
            time.sleep(0.01)
        time.sleep(chance.random() / 3)
        victim.kill()
        victim.join()
        assert victim.exitcode == -signal.SIGKILL


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _noted(path: Path) -> set[tuple[int, str]]:
    """The appends acknowledged to writers before they were killed; the last line may be cut short."""
    lines = [line.split() for line in path.read_text().splitlines() if len(line.split(" ")[-1]) == 36]
    return {(int(position), id_) for position, id_ in lines}


def _assert_each_append_is_whole(recorded: list[Recorded]) -> None:
    sizes = Counter(str(getattr(event.event, "proposal", "")) for event in recorded)
    assert {proposal: found for proposal, found in sizes.items() if not proposal.endswith(f"-{found}")} == {}
