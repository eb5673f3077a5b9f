"""Any interleaving of appends leaves gapless positions in commit order."""

import threading
from typing import NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from events.appender import Appender
from events.errors import Conflict
from events.receipt import Receipt
from events.store import append, read, stream_versions
from tests.factories import amended, pending


class Turn(NamedTuple):
    """One append: how many events to which stream, by which way, and whether it is taken back."""

    stream: int
    number: int
    shared: bool
    undone: bool


turns = st.builds(Turn, st.integers(0, 2), st.integers(1, 3), st.booleans(), st.booleans())


class Undone(Exception):  # noqa: N818
    """The writer changed its mind."""


def take(engine: Engine, appender: Appender, turn: Turn, done: list[Receipt]) -> None:
    """Appends at whatever version is there; a version that somebody else took meanwhile is read again."""
    stream = f"sec/section/H{turn.stream}"
    while True:
        events = [pending(amended(f"H{turn.stream}")) for _ in range(turn.number)]
        with engine.connect() as connection:
            expected = stream_versions(connection, [stream])
        try:
            if turn.shared:
                done.append(appender.append(events, expected))
                return
            with engine.begin() as connection:
                receipt = append(connection, events, expected)
                if turn.undone:
                    raise Undone
            done.append(receipt)
        except Conflict:
            continue
        except Undone:
            pass
        return


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(turns, min_size=1, max_size=4), min_size=2, max_size=4))
def test_positions_are_gapless_and_in_commit_order_whatever_the_interleaving(
    engine: Engine, writers: list[list[Turn]]
) -> None:
    with engine.connect() as connection:
        before = len(read(connection, limit=10**6))
    seen, receipts, stopped = [], [], threading.Event()

    def tail() -> None:
        # What a reader sees grows only at its end: else something was committed behind a position seen before.
        after = before
        while True:
            last_round = stopped.is_set()
            with engine.connect() as connection:
                for recorded in read(connection, after):
                    seen.append(recorded.position)
                    after = recorded.position
            if last_round:
                return

    with Appender(engine) as appender:
        done: list[list[Receipt]] = [[] for _ in writers]
        threads = [
            threading.Thread(target=lambda own=own, out=out: [take(engine, appender, turn, out) for turn in own])
            for own, out in zip(writers, done, strict=True)
        ]
        reader = threading.Thread(target=tail)
        for thread in [reader, *threads]:
            thread.start()
        for thread in threads:
            thread.join()
        stopped.set()
        reader.join()
    receipts = [receipt for out in done for receipt in out]

    with engine.connect() as connection:
        log = read(connection, before, limit=10**6)
    positions = [recorded.position for recorded in log]
    assert positions == list(range(before + 1, before + 1 + len(log)))
    assert seen == positions
    assert sorted(p for receipt in receipts for p in receipt.positions) == positions
    assert [r.recorded_at for r in log] == sorted(r.recorded_at for r in log)
    for out in done:
        own = [receipt.positions.start for receipt in out]
        assert own == sorted(own)
