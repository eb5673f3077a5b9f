import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, Engine, text

from events.appender import Appender
from events.errors import Conflict, Rejected, Unavailable
from events.postgresql import CHUNK_EVENTS
from events.receipt import Receipt
from events.store import Key, append, last_position, read
from tests.factories import amended, pending


@pytest.fixture
def appender(engine: Engine) -> Iterator[Appender]:
    """An appender, closed at the end."""
    with Appender(engine) as opened:
        yield opened


def at_once(number: int, work: Callable[[int], object]) -> list[object]:
    """What that many threads, let loose together, came to: results and refusals."""
    gate = threading.Barrier(number)

    def one(i: int) -> object:
        gate.wait()
        try:
            return work(i)
        except Exception as refusal:
            return refusal

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))


def test_an_append_is_committed_when_it_returns(appender: Appender, engine: Engine) -> None:
    receipt = appender.append([pending(amended())], {"sec/section/H15": 0})

    with engine.connect() as connection:
        [recorded] = read(connection)
        assert receipt == Receipt(range(1, 2), {"sec/section/H15": 1}, (recorded.leaf_hash,), recorded.recorded_at)


def test_many_callers_get_each_their_own_receipt(appender: Appender, engine: Engine) -> None:
    def work(i: int) -> list[Receipt]:
        stream = f"sec/section/H{i}"
        return [appender.append([pending(amended(f"H{i}"))] * 1, {stream: n}) for n in range(5)]

    outcomes = at_once(32, work)

    with engine.connect() as connection:
        recorded = {r.position: r for r in read(connection)}
    assert sorted(recorded) == list(range(1, 161))
    for i, receipts in enumerate(outcomes):
        assert isinstance(receipts, list), receipts
        for n, receipt in enumerate(receipts):
            [position] = receipt.positions
            assert recorded[position].stream == f"sec/section/H{i}"
            assert recorded[position].stream_version == n + 1
            assert receipt.leaf_hashes == (recorded[position].leaf_hash,)
            assert receipt.recorded_at == recorded[position].recorded_at


def test_callers_of_one_stream_that_expect_the_same_version_conflict_all_but_one(
    appender: Appender, engine: Engine
) -> None:
    outcomes = at_once(16, lambda i: appender.append([pending(amended())], {"sec/section/H15": 0}))

    assert sum(isinstance(o, Receipt) for o in outcomes) == 1
    assert sum(isinstance(o, Conflict) for o in outcomes) == 15
    with engine.connect() as connection:
        assert last_position(connection) == 1


def test_one_callers_refusal_is_nobody_elses(appender: Appender, engine: Engine) -> None:
    outcomes = at_once(
        24, lambda i: appender.append([pending(amended(f"H{i}"))], {f"sec/section/H{i}": 7 if i % 3 == 0 else 0})
    )

    assert [isinstance(o, Conflict) for o in outcomes] == [i % 3 == 0 for i in range(24)]
    with engine.connect() as connection:
        assert {r.stream for r in read(connection)} == {f"sec/section/H{i}" for i in range(24) if i % 3}
        assert last_position(connection) == 16


def test_callers_with_the_same_key_get_the_same_receipt(appender: Appender, engine: Engine) -> None:
    outcomes = at_once(
        12,
        lambda i: appender.append(
            [pending(amended(f"H{i % 2}"))], {f"sec/section/H{i % 2}": 0}, Key(f"k{i % 2}", b"d")
        ),
    )

    assert all(isinstance(o, Receipt) for o in outcomes), outcomes
    assert len({o.positions.start for o in outcomes if isinstance(o, Receipt)}) == 2
    with engine.connect() as connection:
        assert last_position(connection) == 2


def test_a_bad_request_is_refused_before_it_waits(appender: Appender) -> None:
    with pytest.raises(Rejected):
        appender.append([pending(amended())], {})


def test_a_long_append_goes_whole_and_others_go_on(appender: Appender, engine: Engine) -> None:
    events = [pending(amended(f"L{i}")) for i in range(CHUNK_EVENTS + 3)]

    def work(i: int) -> Receipt:
        if i == 0:
            return appender.append(events, {e.stream: 0 for e in events})
        return appender.append([pending(amended(f"H{i}"))], {f"sec/section/H{i}": 0})

    outcomes = at_once(8, work)

    assert all(isinstance(o, Receipt) for o in outcomes), outcomes
    with engine.connect() as connection:
        assert last_position(connection) == CHUNK_EVENTS + 10


def test_a_closed_appender_refuses_and_those_at_work_have_their_outcome(engine: Engine) -> None:
    appender = Appender(engine)
    outcomes: list[object] = []
    worker = threading.Thread(
        target=lambda: outcomes.extend(
            at_once(8, lambda i: appender.append([pending(amended(f"H{i}"))], {f"sec/section/H{i}": 0}))
        )
    )
    worker.start()
    appender.close()
    worker.join()
    appender.close()

    with pytest.raises(Unavailable, match="closed"):
        appender.append([pending(amended())], {"sec/section/H15": 0})
    with engine.connect() as connection:
        assert last_position(connection) == sum(isinstance(o, Receipt) for o in outcomes)
    assert all(isinstance(o, Receipt | Unavailable) for o in outcomes)


def test_a_log_held_by_another_is_unavailable_and_afterwards_it_goes_on(appender: Appender, engine: Engine) -> None:
    with engine.begin() as holding:
        append(holding, [pending(amended("A"))], {"sec/section/A": 0})
        outcomes = at_once(3, lambda i: appender.append([pending(amended(f"H{i}"))], {f"sec/section/H{i}": 0}))
        assert all(isinstance(o, Unavailable) for o in outcomes), outcomes

    assert appender.append([pending(amended())], {"sec/section/H15": 0}).positions == range(2, 3)


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
def test_a_connection_that_the_server_ended_is_replaced(appender: Appender, engine: Engine) -> None:
    appender.append([pending(amended("A"))], {"sec/section/A": 0})
    _end_all_others(engine)

    def once_more() -> Receipt:
        return appender.append([pending(amended("B"))], {"sec/section/B": 0})

    # Within a second of the last append the goodbye is not looked for: then this one append is lost, no later one.
    try:
        receipt = once_more()
    except Unavailable:
        receipt = once_more()
    assert receipt.positions == range(2, 3)


def _end_all_others(engine: Engine) -> None:
    def end(connection: Connection) -> None:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )

    with engine.connect() as connection:
        end(connection)
