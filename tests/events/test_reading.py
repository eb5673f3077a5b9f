from datetime import UTC, datetime, timedelta
from weakref import ref

import pytest
from sqlalchemy import Connection, Engine

from events.envelope import Recorded
from events.errors import NotFound
from events.identifiers import new_id
from events.store import append, event_by_id, last_position, position_at, read, stream, stream_versions
from tests.factories import amended, implemented, pending


@pytest.fixture
def log(connection: Connection) -> list[Recorded]:
    """Twelve events: eight amendments of sections, two of another code, two versions."""
    events = [
        *(pending(amended(f"H{i}")) for i in range(8)),
        *(pending(amended(f"C{i}", code="dcusa")) for i in range(2)),
        *(pending(implemented(f"5.{i}")) for i in range(2)),
    ]
    for event in events:
        append(connection, [event], {event.stream: 0})
    return read(connection)


def test_a_page_begins_after_a_position_and_has_at_most_so_many(connection: Connection, log: list[Recorded]) -> None:
    assert read(connection, after=3, limit=4) == log[3:7]
    assert read(connection, after=12) == []
    assert read(connection, after=0, limit=0) == []


def test_a_page_ends_where_it_was_told_to(connection: Connection, log: list[Recorded]) -> None:
    assert read(connection, after=2, until=5) == log[2:5]


def test_only_one_code_where_asked(connection: Connection, log: list[Recorded]) -> None:
    assert [r.position for r in read(connection, code="dcusa")] == [9, 10]


def test_only_some_types_where_asked(connection: Connection, log: list[Recorded]) -> None:
    assert [r.position for r in read(connection, types=["VersionImplemented"])] == [11, 12]
    assert read(connection, types=[]) == []
    assert len(read(connection, types=["VersionImplemented", "SectionAmended"], code="sec")) == 10


@pytest.mark.parametrize("page", [1, 5, 12, 100])
def test_a_stream_has_every_event_once_whatever_its_pages(
    connection: Connection, log: list[Recorded], page: int
) -> None:
    assert list(stream(connection, page=page)) == log
    assert list(stream(connection, after=4, until=9, page=page)) == log[4:9]


def test_a_stream_holds_one_page_in_memory(connection: Connection, log: list[Recorded]) -> None:
    events = stream(connection, page=2)
    next(events)
    append(connection, [pending(amended("late"))], {"sec/section/late": 0})

    assert [r.stream for r in events][-1] == "sec/section/late"


def test_a_stream_lets_go_of_each_event_as_it_hands_out_the_next(connection: Connection, log: list[Recorded]) -> None:
    events = stream(connection)

    gone = ref(next(events).event)
    next(events)

    assert gone() is None


def test_an_event_is_decoded_once(log: list[Recorded]) -> None:
    assert log[0].event is log[0].event


def test_the_last_position_is_that_of_the_log_or_of_one_code(connection: Connection, log: list[Recorded]) -> None:
    assert last_position(connection) == 12
    assert last_position(connection, "dcusa") == 10
    assert last_position(connection, "unknown") == 0


def test_the_versions_of_streams_and_nought_for_those_that_are_not_there(
    connection: Connection, log: list[Recorded]
) -> None:
    append(connection, [pending(amended("H1"))], {"sec/section/H1": 1})

    found = stream_versions(connection, ["sec/section/H1", "sec/section/H2", "nothing"])

    assert found == {"sec/section/H1": 2, "sec/section/H2": 1, "nothing": 0}
    assert stream_versions(connection, []) == {}
    assert set(stream_versions(connection, [f"x{i}" for i in range(3000)]).values()) == {0}


def test_an_event_is_found_by_its_id(connection: Connection, log: list[Recorded]) -> None:
    assert event_by_id(connection, log[4].id) == log[4]


@pytest.mark.parametrize("unknown", ["", "x", "' OR 1=1", "0" * 33, "\x00"])
def test_an_id_that_nothing_has_is_not_found(connection: Connection, unknown: str) -> None:
    with pytest.raises(NotFound):
        event_by_id(connection, unknown)
    with pytest.raises(NotFound):
        event_by_id(connection, new_id())


def test_an_instant_is_the_last_position_recorded_at_or_before_it(engine: Engine) -> None:
    for i in range(9):
        with engine.begin() as connection:
            append(connection, [pending(amended(f"H{i}"))], {f"sec/section/H{i}": 0})

    with engine.connect() as connection:
        for recorded in read(connection):
            same = [r.position for r in read(connection) if r.recorded_at == recorded.recorded_at]
            assert position_at(connection, recorded.recorded_at) == max(same)
            assert position_at(connection, recorded.recorded_at - timedelta(microseconds=1)) == min(same) - 1
        assert position_at(connection, datetime(2000, 1, 1, tzinfo=UTC)) == 0
        assert position_at(connection, datetime(2100, 1, 1, tzinfo=UTC)) == 9


def test_an_instant_in_an_empty_log_is_before_every_position(connection: Connection) -> None:
    assert position_at(connection, datetime.now(UTC)) == 0


def test_moments_are_in_utc(connection: Connection, log: list[Recorded]) -> None:
    assert {r.recorded_at.utcoffset() for r in log} == {timedelta(0)}
    assert abs(log[-1].recorded_at - datetime.now(UTC)) < timedelta(seconds=60)
