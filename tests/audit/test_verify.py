"""`verify` finds what was done to a ledger behind its back, and says where."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from events import notes, tiles
from events.envelope import leaf_hash
from events.notes import Checkpoint
from events.store import read
from events.tables import event_key, event_log
from services.audit.signed import Held
from services.audit.verify import verify
from services.database import open_engine
from services.ingest.tables import known_change, known_fact, known_title, source_document
from services.projection.proof import growing, keys, upkeep
from services.projection.proof.tables import tree_checkpoint, tree_tile
from services.projection.publish import cursors
from tests.audit.ledgers import owning, recorded, shown, told, verifiers
from tests.proof import naive
from tests.proof.logs import ORIGIN, plant, record, signing
from tests.proof.test_upkeep import leaf_hashes

e, k, t = event_log.c, event_key.c, tree_tile.c


def test_a_ledger_nobody_touched_is_well(engine: sa.Engine, tmp_path: Path) -> None:
    key_file = recorded(engine, tmp_path)
    assert told(engine, key_file) == []
    verdict = verify(engine, keys=verifiers(key_file))
    assert (verdict.size, verdict.grown, verdict.root) == (238, 238, naive.root(leaf_hashes(engine)))


def test_an_empty_ledger_is_well(engine: sa.Engine) -> None:
    assert shown(verify(engine).findings) == []


def test_a_log_of_several_tiles_whose_tree_lags_is_well_but_for_the_index_it_never_had(
    engine: sa.Engine, tmp_path: Path
) -> None:
    key_file = recorded(engine, tmp_path)
    record(engine, 700)
    growing.grow(engine, 300)
    upkeep.sign(engine, key_file)
    record(engine, 5)
    found = told(engine, key_file)
    assert found
    assert all("lacks its row" in each for each in found)


def test_several_processes_find_the_same(engine: sa.Engine, tmp_path: Path) -> None:
    key_file = recorded(engine, tmp_path)
    _flip_entry(engine, 100)
    alone, together = (verify(engine, keys=verifiers(key_file), jobs=jobs) for jobs in (1, 2))
    assert shown(alone.findings) == shown(together.findings)
    assert alone.root == together.root


def test_a_flipped_byte_of_an_entry_is_found_at_its_position(engine: sa.Engine, tmp_path: Path) -> None:
    key_file = recorded(engine, tmp_path)
    _flip_entry(engine, 100)
    found = told(engine, key_file)
    assert any(each.startswith("position 100: leaf_hash is ") for each in found)
    assert any(each.startswith("position 100: tile 0/000 has the hash") for each in found)
    assert any("the log's first 238 entries have" in each for each in found)
    assert not any(each.startswith("position ") and not each.startswith("position 100:") for each in found)


def _flip_entry(engine: sa.Engine, position: int) -> None:
    with owning(engine) as connection:
        entry = bytearray(connection.scalar(sa.select(e.entry).where(e.position == position)) or b"")
        entry[len(entry) // 2] ^= 1
        connection.execute(sa.update(event_log).where(e.position == position).values(entry=bytes(entry)))


def test_a_flipped_byte_of_a_hash_is_found_at_its_position(engine: sa.Engine, tmp_path: Path) -> None:
    key_file = recorded(engine, tmp_path)
    with owning(engine) as connection:
        held = bytearray(connection.scalar(sa.select(e.leaf_hash).where(e.position == 7)) or b"")
        held[3] ^= 64
        connection.execute(sa.update(event_log).where(e.position == 7).values(leaf_hash=bytes(held)))
    [found] = told(engine, key_file)
    assert found.startswith("position 7: leaf_hash is ")


@pytest.mark.parametrize("level", [0, 1])
def test_a_flipped_byte_of_a_tile_is_found_where_it_is(engine: sa.Engine, tmp_path: Path, level: int) -> None:
    key_file = recorded(engine, tmp_path)
    record(engine, 300)
    signing(engine, key_file)
    with engine.begin() as connection:
        own = (t.level == level) & (t.number == 0)
        held = bytearray(connection.scalar(sa.select(t.hashes).where(own)) or b"")
        held[5] ^= 1
        connection.execute(sa.update(tree_tile).where(own).values(hashes=bytes(held)))
    found = [each for each in told(engine, key_file) if "lacks its row" not in each]
    assert len(found) == 1
    assert found[0].startswith("position 1: tile 0/000 has the hash" if level == 0 else "tile 1/000 has the hash")


def test_a_dropped_tail_is_found_by_tree_checkpoints_receipt_and_index(engine: sa.Engine, tmp_path: Path) -> None:
    key_file = recorded(engine, tmp_path)
    with owning(engine) as connection:
        connection.execute(sa.delete(event_log).where(e.position > 230))
    found = told(engine, key_file)
    assert "position 230: the log ends here, its tree holds 238 entries: its tail is gone" in found
    assert any("beside the key holds a checkpoint of 238 entries: its tail is gone" in each for each in found)
    assert any("the receipt of key 'first' names 238 events from 1 on, the log ends at 230" in each for each in found)
    assert any(each.startswith("known_fact has ") for each in found)


def test_a_dropped_tail_is_found_by_the_checkpoint_beside_the_key_alone(engine: sa.Engine, tmp_path: Path) -> None:
    """Everything in the database was brought into line with the shorter log."""
    key_file = recorded(engine, tmp_path)
    record(engine, 3)
    signing(engine, key_file)
    with owning(engine) as connection:
        connection.execute(sa.delete(event_log).where(e.position > 238))
        _regrow(connection)
        connection.execute(sa.delete(tree_checkpoint).where(tree_checkpoint.c.size > 238))
    growing.catch_up(engine)
    assert told(engine, key_file) == [
        "position 238: the log ends here, beside the key holds a checkpoint of 241 entries: its tail is gone"
    ]


def _regrow(connection: sa.Connection) -> None:
    connection.execute(sa.delete(tree_tile))
    connection.execute(sa.update(cursors.publish_cursor).values(position=0))


def test_two_rows_exchanged_are_found_at_both_places(engine: sa.Engine, tmp_path: Path) -> None:
    key_file = recorded(engine, tmp_path)
    with owning(engine) as connection:
        for now, then in ((50, 1_000), (60, 50), (1_000, 60)):
            connection.execute(sa.update(event_log).where(e.position == now).values(position=then))
    found = told(engine, key_file)
    assert any(each.startswith("position 50: tile 0/000") for each in found)
    assert any(each.startswith("position 60: tile 0/000") for each in found)


def test_two_rows_of_one_stream_exchanged_are_found_though_the_tree_was_rebuilt(
    engine: sa.Engine, tmp_path: Path
) -> None:
    key_file = recorded(engine, tmp_path)
    with engine.connect() as connection:
        events = [each for each in read(connection) if each.stream == "sec/section/H"]
    one, other = events[0].position, events[1].position
    with owning(engine) as connection:
        for now, then in ((one, 1_000), (other, one), (1_000, other)):
            connection.execute(sa.update(event_log).where(e.position == now).values(position=then))
        _regrow(connection)
    growing.catch_up(engine)
    found = told(engine, key_file)
    assert any(each.startswith(f"position {one}: version 2 of stream sec/section/H") for each in found)
    assert any("a fork, one of them was rewritten" in each for each in found)


def test_a_row_inserted_is_found_where_it_is(engine: sa.Engine, tmp_path: Path) -> None:
    key_file = recorded(engine, tmp_path)
    with owning(engine) as connection:
        for position in range(238, 99, -1):
            connection.execute(sa.update(event_log).where(e.position == position).values(position=position + 1))
        [model] = connection.execute(sa.select(event_log).where(e.position == 99)).mappings()
        forged = bytes(model["entry"]).replace(b'"actor":"tests"', b'"actor":"nobody"')
        new = {"position": 100, "id": "0" * 8 + "-0000-7000-8000-" + "0" * 12, "stream_version": 99}
        connection.execute(
            sa.insert(event_log).values(dict(model) | new | {"entry": forged, "leaf_hash": leaf_hash(forged)})
        )
    found = told(engine, key_file)
    assert any(each.startswith("position 100: column id is ") for each in found)
    assert any(each.startswith("position 100: version 99 of stream ") for each in found)
    assert any(each.startswith("position 101: tile 0/000") for each in found)


def test_a_missing_row_and_a_time_that_falls_are_found(engine: sa.Engine, tmp_path: Path) -> None:
    key_file = recorded(engine, tmp_path)
    record(engine, 10)
    with owning(engine) as connection:
        connection.execute(sa.delete(event_log).where(e.position.between(240, 242)))
        last = connection.scalar(sa.select(e.recorded_at).where(e.position == 248))
        assert last
        early = last - timedelta(days=1)
        connection.execute(sa.update(event_log).where(e.position == 246).values(recorded_at=early))
    found = told(engine, key_file)
    assert "position 240: missing, with all to 242" in found
    assert any(each.startswith("position 246: recorded_at is ") for each in found)


def test_a_column_that_says_otherwise_than_its_entry_is_found(engine: sa.Engine, tmp_path: Path) -> None:
    key_file = recorded(engine, tmp_path)
    with owning(engine) as connection:
        wrong = {"effective_on": None, "type": "SectionDeleted", "code": "cec", "schema_version": 2}
        connection.execute(sa.update(event_log).where(e.position == 229).values(wrong))
    found = told(engine, key_file)
    for name in wrong:
        assert any(each.startswith(f"position 229: column {name} is ") for each in found), name


def test_a_forked_history_with_a_valid_signature_is_found_by_a_checkpoint_kept_elsewhere(
    engine: sa.Engine, tmp_path: Path, make_database: Callable[[], str]
) -> None:
    key_file = recorded(engine, tmp_path)
    kept = keys.last_file(key_file).read_bytes()
    other = open_engine(make_database())
    record(other, 300)
    growing.catch_up(other)
    signer = keys.load(key_file)[0]
    with other.connect() as connection:
        root = naive.root(leaf_hashes(other)[:238])
        connection.rollback()
    forged = notes.sign(Checkpoint(ORIGIN, 238, root).text(), [signer])
    other.dispose()
    [found] = told(engine, key_file, Held("a friend", forged))
    assert "the checkpoint of a friend gives 238 entries the root" in found
    assert "a fork" in found
    assert told(engine, key_file, Held("a friend", kept)) == []


def test_a_checkpoint_of_another_log_or_of_a_key_that_is_not_ours_is_refused(engine: sa.Engine, tmp_path: Path) -> None:
    key_file = recorded(engine, tmp_path)
    kept = keys.last_file(key_file).read_bytes()
    signer, stranger = keys.load(key_file)[0], keys.new_signer(ORIGIN)
    foreign = keys.new_signer("example.org/another")
    told_of = notes.checkpoint_in(kept, [signer.verifier])
    [found] = told(engine, key_file, Held("a friend", notes.sign(told_of.text(), [stranger])))
    assert "the note has no signature of" in found
    of_another = Held("a friend", notes.sign(told_of._replace(origin="example.org/another").text(), [foreign]))
    known = [*verifiers(key_file), foreign.verifier]
    [found] = shown(verify(engine, [of_another], known).findings)
    assert found == f"the checkpoint of a friend is one of the log example.org/another, this log is {ORIGIN}"
    [found] = told(engine, key_file, Held("a friend", kept.replace(b"\n238\n", b"\n239\n")))
    assert "is not that key's over this text" in found


def test_a_stored_checkpoint_that_was_changed_is_found(engine: sa.Engine, tmp_path: Path) -> None:
    key_file = recorded(engine, tmp_path)
    with engine.begin() as connection:
        connection.execute(sa.update(tree_checkpoint).values(root=os.urandom(32)))
    found = told(engine, key_file)
    assert any("its columns say 238 of" in each for each in found)
    with engine.begin() as connection:
        connection.execute(sa.update(tree_checkpoint).values(note=b"words"))
    assert any("the checkpoint of the database (number 1)" in each for each in told(engine, key_file))


def test_a_tree_planted_over_other_leaves_is_found(engine: sa.Engine, tmp_path: Path) -> None:
    key_file = recorded(engine, tmp_path)
    plant(engine, naive.leaves(300))
    found = told(engine, key_file)
    assert "position 238: the log ends here, its tree holds 538 entries: its tail is gone" in found
    assert any(each.startswith("tile 0/001 has ") for each in found)
    assert tiles.WIDTH == 256


def test_numbers_as_large_as_a_column_holds_cost_no_time(engine: sa.Engine, tmp_path: Path) -> None:
    key_file = recorded(engine, tmp_path)
    with engine.begin() as connection:
        connection.execute(sa.update(cursors.publish_cursor).values(position=2**62))
        connection.execute(sa.insert(tree_tile).values(level=0, number=2**61, hashes=bytes(32)))
        connection.execute(sa.insert(tree_tile).values(level=0, number=-1, hashes=bytes(32)))
        row = connection.execute(sa.select(tree_checkpoint)).mappings().one()
        connection.execute(sa.insert(tree_checkpoint).values(dict(row) | {"number": 2**62, "size": 2**62}))
    with owning(engine) as connection:
        connection.execute(sa.update(event_log).where(e.position == 200).values(position=2**62))
    last = told(engine, key_file)
    assert (
        f"position {2**62}: is the last, but only 238 entries are there: those after 100238 are not looked at" in last
    )
    assert "position 200: missing" in last
    with owning(engine) as connection:
        connection.execute(sa.update(event_log).where(e.position == 2**62).values(position=200))
    found = told(engine, key_file)
    assert f"position 238: the log ends here, its tree holds {2**62} entries: its tail is gone" in found
    assert any(each.startswith("tile 0/x002/x305/") and each.endswith("has 32 bytes, expected 0") for each in found)
    assert "tile 0/-1 has 32 bytes, expected 0" in found
    assert any(f"(number {2**62}): its columns say {2**62}" in each for each in found)


def test_receipts_that_say_otherwise_than_the_log_are_found(engine: sa.Engine, tmp_path: Path) -> None:
    key_file = recorded(engine, tmp_path)
    with owning(engine) as connection:
        first = connection.execute(sa.select(event_key)).mappings().one()
        late = {"key": "late", "recorded_at": first["recorded_at"] + timedelta(seconds=1), "first_position": 4}
        connection.execute(sa.insert(event_key).values(dict(first) | late | {"event_count": 2}))
        connection.execute(sa.insert(event_key).values(dict(first) | {"key": "none", "event_count": 0}))
    found = told(engine, key_file)
    assert len(found) == 2
    assert any("the receipt of key 'late' is of" in each for each in found)
    assert any("the receipt of key 'late' names events that another names too" in each for each in found)


def test_a_document_whose_bytes_were_changed_or_lost_is_found(engine: sa.Engine, tmp_path: Path) -> None:
    key_file = recorded(engine, tmp_path)
    with engine.begin() as connection:
        connection.execute(sa.update(source_document).values(content=b"other words"))
    found = told(engine, key_file)
    assert any("its 11 bytes have the SHA-256" in each for each in found)
    assert any(each.startswith("position 1: source ") and "11 are there" in each for each in found)
    with engine.begin() as connection:
        connection.execute(sa.delete(source_document))
    [found_missing] = told(engine, key_file)
    assert found_missing.endswith("its bytes are not there")


def test_an_index_that_says_otherwise_than_the_log_is_found(engine: sa.Engine, tmp_path: Path) -> None:
    key_file = recorded(engine, tmp_path)
    f, c = known_fact.c, known_change.c
    with engine.begin() as connection:
        connection.execute(sa.update(known_fact).where(f.key == "version/5.16").values(said=b"x" * 16))
        connection.execute(sa.delete(known_fact).where(f.key == "instrument/5.16-1"))
        connection.execute(sa.update(known_change).where(c.root == "P").values(cancelled=True))
        connection.execute(sa.delete(known_title).where(known_title.c.ref == "AC"))
        [row] = connection.execute(sa.select(known_fact).limit(1)).mappings()
        connection.execute(sa.insert(known_fact).values(dict(row) | {"key": "invented", "event_id": "nobody's"}))
    found = told(engine, key_file)
    assert len([each for each in found if each.startswith("known_fact, event ") and ": said is " in each]) == 1
    assert any(each.startswith("known_fact lacks its row: event ") for each in found)
    assert any(each.startswith("known_change, event ") and "cancelled is True" in each for each in found)
    assert any(each.startswith("known_title lacks its row") for each in found)
    assert any(each.startswith("known_fact has ") for each in found)


def test_findings_are_bounded_and_counted(engine: sa.Engine, tmp_path: Path) -> None:
    key_file = recorded(engine, tmp_path)
    with owning(engine) as connection:
        connection.execute(sa.update(event_log).values(leaf_hash=bytes(32)))
    findings = verify(engine, keys=verifiers(key_file)).findings
    assert (len(findings.kept), findings.count) == (100, 238)
