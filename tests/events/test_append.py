from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import orjson
import pytest
from sqlalchemy import Connection, Engine, text

from events.envelope import MAX_ENTRY, Pending
from events.errors import Conflict, Rejected, Unavailable
from events.postgresql import CHUNK_EVENTS
from events.receipt import KeyReused, VersionConflict
from events.store import Key, append, last_position, read, stream, stream_versions
from services.database import open_engine, reading
from tests.factories import amended, implemented, pending, received

H15 = "sec/section/H15"
Transaction = Callable[[], AbstractContextManager[Connection]]


def test_what_is_appended_is_read_back(connection: Connection) -> None:
    event = amended("H15")

    receipt = append(connection, [pending(event)], {H15: 0})

    [recorded] = read(connection)
    assert recorded.event == event
    assert receipt.positions == range(1, 2)
    assert receipt.versions == {H15: 1}
    assert receipt.leaf_hashes == (recorded.leaf_hash,)
    assert receipt.recorded_at == recorded.recorded_at


def test_the_columns_say_what_the_entry_says(connection: Connection) -> None:
    append(connection, [pending(received()), pending(amended("H15"))], {received().subject(): 0, H15: 0})

    for recorded in read(connection):
        entry = orjson.loads(recorded.entry)
        assert entry["id"] == recorded.id
        assert entry["stream"] == recorded.stream
        assert entry["stream_version"] == recorded.stream_version
        assert entry["schema_version"] == recorded.schema_version
        assert entry["event"]["type"] == recorded.type
        assert entry["event"]["code"] == recorded.code
        assert entry["event"].get("effective") == (recorded.effective_on and recorded.effective_on.isoformat())
        assert recorded.leaf_hash == sha256(b"\x00" + recorded.entry).digest()


def test_one_append_may_hold_several_streams_each_with_its_own_versions(connection: Connection) -> None:
    events = [pending(amended("A")), pending(amended("B")), pending(amended("A"))]

    receipt = append(connection, events, {"sec/section/A": 0, "sec/section/B": 0})

    assert receipt.versions == {"sec/section/A": 2, "sec/section/B": 1}
    assert [r.stream_version for r in read(connection)] == [1, 1, 2]


@pytest.mark.parametrize(("expected", "found"), [(0, 1), (2, 1), (7, 1)])
def test_another_version_than_expected_lower_or_higher_is_a_conflict_that_names_the_facts(
    connection: Connection, expected: int, found: int
) -> None:
    append(connection, [pending(amended())], {H15: 0})

    with pytest.raises(VersionConflict, match=f"{H15}: expected version {expected}, found {found}") as refusal:
        append(connection, [pending(amended())], {H15: expected})

    assert (refusal.value.stream, refusal.value.expected, refusal.value.found) == (H15, expected, found)
    assert last_position(connection) == 1


def test_a_version_expected_of_a_stream_without_new_events_is_checked_too(connection: Connection) -> None:
    append(connection, [pending(amended("A"))], {"sec/section/A": 0})

    with pytest.raises(VersionConflict):
        append(connection, [pending(amended("B"))], {"sec/section/B": 0, "sec/section/A": 0})

    append(connection, [pending(amended("B"))], {"sec/section/B": 0, "sec/section/A": 1})


def test_a_refused_append_leaves_the_transaction_as_it_was(transaction: Transaction) -> None:
    with transaction() as connection:
        append(connection, [pending(amended("A"))], {"sec/section/A": 0})
        with pytest.raises(Conflict):
            append(connection, [pending(amended("B")), pending(amended("A"))], {"sec/section/B": 0, "sec/section/A": 5})
        append(connection, [pending(amended("C"))], {"sec/section/C": 0})

    with transaction() as connection:
        assert [r.stream for r in read(connection)] == ["sec/section/A", "sec/section/C"]


def test_an_event_for_a_stream_without_an_expected_version_is_refused(connection: Connection) -> None:
    with pytest.raises(Rejected, match="no expected version"):
        append(connection, [pending(amended())], {})


def test_an_append_does_not_commit(engine: Engine) -> None:
    with engine.connect() as connection:
        append(connection, [pending(amended())], {H15: 0})

    with engine.connect() as connection:
        assert last_position(connection) == 0
        append(connection, [pending(amended())], {H15: 0})
        connection.commit()

    with engine.connect() as connection:
        assert last_position(connection) == 1


def test_a_rolled_back_append_leaves_no_gap(engine: Engine) -> None:
    with engine.connect() as connection:
        append(connection, [pending(amended("A")), pending(amended("A"))], {"sec/section/A": 0})
        connection.rollback()

    with engine.begin() as connection:
        assert append(connection, [pending(amended())], {H15: 0}).positions == range(1, 2)


def test_an_id_that_is_recorded_already_is_a_conflict_and_nothing_is_written(engine: Engine) -> None:
    event = pending(amended("A"))
    with engine.begin() as connection:
        append(connection, [event], {"sec/section/A": 0})

    with pytest.raises(Conflict, match="one of these ids is recorded"), engine.begin() as connection:
        append(
            connection,
            [pending(amended("B")), Pending(event.id, "sec/section/C", event.event)],
            {"sec/section/B": 0, "sec/section/C": 0},
        )

    with engine.connect() as connection:
        assert last_position(connection) == 1


def test_an_append_refused_by_the_database_leaves_no_key_behind_in_a_transaction_that_goes_on(engine: Engine) -> None:
    event, key = pending(amended("A")), Key("upload-1", b"request")
    with engine.begin() as connection:
        append(connection, [event], {"sec/section/A": 0})

    with engine.begin() as connection, suppress(Conflict):
        append(connection, [Pending(event.id, "sec/section/C", event.event)], {"sec/section/C": 0}, key)

    with engine.begin() as connection:
        append(connection, [pending(amended("C"))], {"sec/section/C": 0}, key)
        assert last_position(connection) == 2


def test_of_a_long_append_refused_at_its_end_nothing_stays_in_a_transaction_that_goes_on(engine: Engine) -> None:
    first = pending(amended("A"))
    with engine.begin() as connection:
        append(connection, [first], {"sec/section/A": 0})
    many = [pending(amended(f"H{i}")) for i in range(CHUNK_EVENTS + 1)]
    many.append(Pending(first.id, "sec/section/C", first.event))
    with engine.begin() as connection, suppress(Conflict):
        append(connection, many, dict.fromkeys((each.stream for each in many), 0))
    with engine.connect() as connection:
        assert last_position(connection) == 1


def test_an_id_that_is_no_uuid_is_refused(connection: Connection) -> None:
    with pytest.raises(Rejected, match="'seven' is no UUID"):
        append(connection, [Pending("seven", H15, amended())], {H15: 0})


@pytest.mark.parametrize("name", ["", "sec/\x00", "sec/\n", "x" * 2001, "\ud800"])
def test_a_stream_whose_name_no_database_can_hold_is_refused(connection: Connection, name: str) -> None:
    with pytest.raises(Rejected, match="printable text expected"):
        append(connection, [pending(amended(), name)], {name: 0})


def test_the_longest_name_of_a_stream_fits_the_index(connection: Connection) -> None:
    name = "".join(chr(0x4E00 + i * 37 % 20_000) for i in range(666))

    append(connection, [pending(amended(), name)], {name: 0})

    assert stream_versions(connection, [name]) == {name: 1}


def test_an_event_that_has_no_canonical_form_is_refused(connection: Connection) -> None:
    with pytest.raises(Rejected, match="SourceReceived for stream s: Integer exceeds 53-bit range"):
        append(connection, [pending(received(size=2**53), "s")], {"s": 0})


def test_an_entry_over_the_limit_is_refused_naming_size_type_and_stream(connection: Connection) -> None:
    with pytest.raises(Rejected, match=rf"SectionAmended for stream {H15} takes \d+ bytes.*{MAX_ENTRY}"):
        append(connection, [pending(amended(title="x" * MAX_ENTRY))], {H15: 0})

    assert last_position(connection) == 0


def test_an_entry_of_exactly_the_limit_is_recorded(connection: Connection) -> None:
    append(connection, [pending(amended(title=""))], {H15: 0})
    room = MAX_ENTRY - len(read(connection)[0].entry)
    append(connection, [pending(amended(title="x" * room))], {H15: 1})

    assert len(read(connection)[1].entry) == MAX_ENTRY


@pytest.mark.parametrize("seconds", [-6, 6])
def test_a_writer_whose_clock_is_off_is_refused(connection: Connection, seconds: int) -> None:
    with pytest.raises(Unavailable, match="writer's clock"):
        append(connection, [pending(amended())], {H15: 0}, written_at=datetime.now(UTC) + timedelta(seconds=seconds))

    assert last_position(connection) == 0


def test_recorded_at_never_goes_back(engine: Engine) -> None:
    later = datetime.now(UTC) + timedelta(days=1)
    with engine.begin() as connection:
        append(connection, [pending(amended("A"))], {"sec/section/A": 0})
        moved = "'" + later.isoformat().replace("+00:00", "Z") + "'"
        values = f"2, '{pending(amended()).id}', code, 'x', 1, type, 1, NULL, {moved}, entry, leaf_hash"
        connection.execute(text(f"INSERT INTO event_log SELECT {values} FROM event_log"))

    with engine.begin() as connection:
        assert append(connection, [pending(amended("B"))], {"sec/section/B": 0}).recorded_at == later


def test_the_same_request_under_its_key_gets_the_first_receipt_again(transaction: Transaction) -> None:
    key = Key("k-1", b"digest")
    with transaction() as connection:
        append(connection, [pending(amended("Z"))], {"sec/section/Z": 0})
        first = append(
            connection, [pending(amended("A")), pending(amended("B"))], {"sec/section/A": 0, "sec/section/B": 0}, key
        )
        append(connection, [pending(amended("A"))], {"sec/section/A": 1})

    with transaction() as connection:
        again = append(
            connection, [pending(amended("A")), pending(amended("B"))], {"sec/section/A": 0, "sec/section/B": 0}, key
        )

        assert again == first
        assert last_position(connection) == 4


def test_another_request_under_the_same_key_is_a_conflict(transaction: Transaction) -> None:
    with transaction() as connection:
        append(connection, [pending(amended())], {H15: 0}, Key("k-1", b"one"))

    with transaction() as connection:
        with pytest.raises(KeyReused, match="'k-1'"):
            append(connection, [pending(amended())], {H15: 1}, Key("k-1", b"two"))
        assert last_position(connection) == 1


def test_a_refused_append_does_not_use_up_its_key(connection: Connection) -> None:
    with pytest.raises(VersionConflict):
        append(connection, [pending(amended())], {H15: 3}, Key("k", b"d"))

    assert append(connection, [pending(amended())], {H15: 0}, Key("k", b"d")).positions == range(1, 2)


def test_an_append_of_nothing_is_remembered_under_its_key(connection: Connection) -> None:
    first = append(connection, [], {}, Key("k", b"d"))
    append(connection, [pending(amended())], {H15: 0})

    assert append(connection, [], {}, Key("k", b"d")) == first
    assert list(first.positions) == []


def test_a_large_document_is_one_append_all_or_nothing(engine: Engine) -> None:
    events = [pending(amended(f"H{i}")) for i in range(CHUNK_EVENTS * 2 + 7)]
    expected = {event.stream: 0 for event in events}
    with pytest.raises(Conflict), engine.begin() as connection:
        append(connection, [*events, Pending(events[0].id, "again", amended())], {**expected, "again": 0})

    with engine.begin() as connection:
        assert last_position(connection) == 0
        receipt = append(connection, events, expected, Key("k", b"d"))

    assert receipt.positions == range(1, len(events) + 1)
    with engine.connect() as connection:
        recorded = list(stream(connection))
        assert [r.position for r in recorded] == list(receipt.positions)
        assert [r.id for r in recorded] == [event.id for event in events]
        assert {r.recorded_at for r in recorded} == {receipt.recorded_at}
        assert append(connection, events, expected, Key("k", b"d")) == receipt


def test_an_append_that_waits_for_another_for_more_than_three_seconds_gives_up(ledger_url: str) -> None:
    holder, other = open_engine(ledger_url), open_engine(ledger_url)
    with holder.begin() as holding:
        append(holding, [pending(amended("A"))], {"sec/section/A": 0})
        before = datetime.now(UTC)
        with pytest.raises(Unavailable, match="database"), other.begin() as connection:
            append(connection, [pending(amended("B"))], {"sec/section/B": 0})
        waited = (datetime.now(UTC) - before).total_seconds()

    assert 2.5 < waited < 4.5
    with other.connect() as connection:
        assert [r.stream for r in read(connection)] == ["sec/section/A"]
    holder.dispose()
    other.dispose()


def test_an_append_in_a_transaction_that_reads_one_moment_is_refused(engine: Engine) -> None:
    with reading(engine) as connection, pytest.raises((Rejected, Unavailable), match=r"READ COMMITTED|readonly"):
        append(connection, [pending(implemented())], {"sec/version/5.16": 0})


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
def test_appends_go_on_after_the_driver_forgot_its_prepared_statements(engine: Engine) -> None:
    with engine.connect() as connection:
        for version in range(3):
            append(connection, [pending(amended("A"))], {"sec/section/A": version})
            connection.commit()
            for _ in range(10):
                connection.execute(text("SELECT 1"))
            connection.rollback()
