"""An export put into an empty ledger is the same ledger; one that was changed or cut is refused with the line."""

import io
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from events import notes
from events.envelope import Recorded, canonical, leaf_hash
from events.errors import Conflict, Rejected
from events.notes import Checkpoint
from events.store import read
from events.tables import event_key
from services.audit import index
from services.audit.export import BrokenEntry, export
from services.audit.importing import NotEmpty, bring
from services.audit.lines import Damaged, Writing, checked
from services.audit.verify import verify
from services.database import open_engine
from services.ingest.tables import known_change, known_fact, known_title, source_document
from services.projection import runner
from services.projection.proof import checkpoints, growing, keys, rotation, upkeep
from services.projection.proof.keys import last_file
from services.projection.proof.rotation import KeyKept
from services.projection.proof.signing import Fork
from services.projection.proof.tree import tiles_among
from tests.audit.ledgers import owning, recorded, shown, told
from tests.audit.plans import scanned
from tests.ingest.recording.table import TABLE, take
from tests.proof.logs import ORIGIN, record, signing

LINES = 1 + 238 + 1 + 1 + 1


@pytest.fixture
def other(make_database: Callable[[], str]) -> Iterator[sa.Engine]:
    opened = open_engine(make_database())
    yield opened
    opened.dispose()


def exported(engine: sa.Engine) -> bytes:
    file = io.BytesIO()
    export(engine, file, lambda *_: None)
    return file.getvalue()


def put(engine: sa.Engine, content: bytes) -> int:
    with engine.begin() as connection:
        return bring(connection, io.BytesIO(content), lambda *_: None)[0]


def everything(engine: sa.Engine) -> list[object]:
    with engine.connect() as connection:
        events: list[Recorded] = read(connection, limit=10_000)
        rows = [
            sorted(map(tuple, connection.execute(sa.select(each))), key=repr)
            for each in (source_document, event_key, known_fact, known_change, known_title)
        ]
    return [events, *rows]


def test_what_is_imported_is_the_same_ledger(engine: sa.Engine, other: sa.Engine, tmp_path: Path) -> None:
    key_file = recorded(engine, tmp_path)
    content = exported(engine)
    assert len(content.splitlines()) == LINES
    assert put(other, content) == 238
    assert everything(other) == everything(engine)
    runner.catch_up(other)
    growing.catch_up(other)
    assert upkeep.sign(other, key_file) is None  # it is the same log: signed as it stands
    assert told(other, key_file) == []
    assert exported(other) == content


def test_an_import_goes_on_as_the_same_log_under_the_same_key_and_signs_no_fork(
    engine: sa.Engine, other: sa.Engine, tmp_path: Path
) -> None:
    key_file = recorded(engine, tmp_path)
    with engine.begin() as connection:
        rotation.rotate(connection, key_file)
    signing(engine, key_file)
    early = exported(engine)
    record(engine, 7)
    newest = signing(engine, key_file)
    put(other, early)
    with engine.connect() as one, other.connect() as another:
        assert checkpoints.published_keys(another) == checkpoints.published_keys(one)
    with pytest.raises(KeyKept, match=r"the log example\.com/log has checkpoints"), other.begin() as connection:
        rotation.begin(connection, tmp_path / "another.key")
    record(other, 9)
    growing.catch_up(other)
    with pytest.raises(Fork, match=r"refused to sign a fork: .*\.last holds a checkpoint of 245 entries"):
        upkeep.sign(other, key_file)
    last_file(key_file).unlink()
    with pytest.raises(Fork, match="the database has a checkpoint of 238 entries; put the file back"):
        upkeep.sign(other, key_file)
    last_file(key_file).write_bytes(newest)
    assert upkeep.sign(engine, key_file) is None


def test_a_file_whose_checkpoint_is_not_one_of_its_entries_is_refused(
    engine: sa.Engine, other: sa.Engine, tmp_path: Path
) -> None:
    key_file = recorded(engine, tmp_path)
    lines = [line for _, line in checked(io.BytesIO(exported(engine)))]
    signers, end = keys.load(key_file), lines[-1]
    forged = notes.sign(Checkpoint(ORIGIN, 238, bytes(32)).text(), signers).decode()
    longer = notes.sign(Checkpoint(ORIGIN, 239, bytes(32)).text(), signers).decode()
    stranger = keys.new_signer(ORIGIN).verifier.text()
    for changed in (
        {"checkpoint": forged},
        {"checkpoint": longer},
        {"checkpoint": "words"},
        {"keys": [stranger]},
        {"keys": ["words"]},
        {"keys": 5},
        {"signed_at": None},
    ):
        with pytest.raises(Damaged, match=f"line {LINES}: "):
            put(other, written([*lines[:-1], end | changed]))
    assert everything(other) == [[]] * 6


def written(lines: list[dict[str, Any]]) -> bytes:
    """A file of these lines whose every check is right."""
    file = io.BytesIO()
    writing = Writing(file)
    for line in lines:
        writing.put({name: value for name, value in line.items() if name != "check"})
    return file.getvalue()


def test_a_file_whose_entry_is_no_event_is_refused_though_all_its_hashes_are_right(
    engine: sa.Engine, other: sa.Engine, tmp_path: Path
) -> None:
    recorded(engine, tmp_path)
    lines = [line for _, line in checked(io.BytesIO(exported(engine)))]
    changes: list[tuple[str, Any]] = [
        ("stream_version", 0),
        ("stream_version", {}),
        ("schema_version", "1"),
        ("schema_version", 2),
        ("stream", "sec/\0"),
        ("stream", ["sec"]),
        ("id", "one"),
        ("written_at", "yesterday"),
        ("event", []),
    ]
    changes += [("event", {"version": []}), ("event", {"type": "SectionExploded"}), ("event", {"code": "s\0c"})]
    for name, value in changes:
        entry = orjson.loads(lines[100]["entry"])
        entry[name] = entry[name] | value if name == "event" and value else value
        raw = canonical(entry)
        line = lines[100] | {"entry": raw.decode(), "leaf_hash": b64encode(leaf_hash(raw)).decode()}
        with pytest.raises(Damaged, match="line 101: position 100: the entry is no event: "):
            put(other, written([*lines[:100], line, *lines[101:]]))
    assert everything(other) == [[]] * 6


def test_the_imported_ledger_goes_on_where_the_other_stood(engine: sa.Engine, other: sa.Engine, tmp_path: Path) -> None:
    recorded(engine, tmp_path)
    put(other, exported(engine))
    assert take(other, TABLE).new_events == 0
    assert take(other, TABLE, key="first").new_events == 238
    assert take(other, TABLE.replace(b"Production Proving", b"Production Proofs!")).new_events > 0
    assert shown(verify(other).findings) == []


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_what_an_index_and_a_proof_need_is_looked_up_and_no_table_read_whole_for_it(
    engine: sa.Engine, tmp_path: Path
) -> None:
    recorded(engine, tmp_path)
    with scanned(engine) as found, engine.begin() as connection:
        index.free(connection, [{"code": "sec", "key": "version/5.16"}])
        index.renew(connection, ["sec/section/H15"])
        tiles_among(connection, {(0, 0): 32})
    assert found & {"known_fact", "known_change", "known_title", "event_log", "tree_tile"} == set()


def test_a_log_that_is_not_empty_takes_nothing_in(engine: sa.Engine, other: sa.Engine, tmp_path: Path) -> None:
    recorded(engine, tmp_path)
    content = exported(engine)
    record(other, 1)
    before = everything(other)
    with pytest.raises(NotEmpty, match="ends at position 1; an import needs an empty one"):
        put(other, content)
    assert everything(other) == before


def test_a_file_cut_anywhere_is_refused_with_where_and_nothing_is_written(
    engine: sa.Engine, other: sa.Engine, tmp_path: Path
) -> None:
    recorded(engine, tmp_path)
    lines = exported(engine).splitlines(keepends=True)
    for count in (0, 1, 2, 100, LINES - 1):
        with pytest.raises(Damaged, match=f"line {max(count, 1)}: (the file was cut after|expected an export)"):
            put(other, b"".join(lines[:count]))
    with pytest.raises(Damaged, match="line 101: the file ends within this line"):
        put(other, b"".join(lines[:101])[:-9])
    assert everything(other) == [[]] * 6


def test_a_changed_character_is_refused_with_its_line(engine: sa.Engine, other: sa.Engine, tmp_path: Path) -> None:
    recorded(engine, tmp_path)
    lines = exported(engine).splitlines(keepends=True)
    for number in (1, 2, 57, LINES - 2, LINES - 1, LINES):
        for place in (3, len(lines[number - 1]) // 2, -5):
            changed = bytearray(lines[number - 1])
            changed[place] ^= 1
            with pytest.raises(Damaged, match=f"line {number}: "):
                put(other, b"".join([*lines[: number - 1], bytes(changed), *lines[number:]]))
    for first, second in ((10, 11), (LINES - 3, LINES - 2)):
        swapped = [*lines]
        swapped[first], swapped[second] = swapped[second], swapped[first]
        with pytest.raises(Damaged, match=f"line {first + 1}: "):
            put(other, b"".join(swapped))
    with pytest.raises(Damaged, match=f"line {LINES + 1}: "):
        put(other, b"".join([*lines, lines[5]]))
    assert everything(other) == [[]] * 6


def test_a_ledger_that_was_tampered_with_is_not_exported(engine: sa.Engine, tmp_path: Path) -> None:
    recorded(engine, tmp_path)
    with owning(engine) as connection:
        connection.execute(sa.text("UPDATE event_log SET leaf_hash = :other WHERE position = 9"), {"other": bytes(32)})
    with pytest.raises(BrokenEntry, match="position 9: "):
        exported(engine)


def test_the_database_still_refuses_to_change_what_was_put_in(
    engine: sa.Engine, other: sa.Engine, tmp_path: Path
) -> None:
    recorded(engine, tmp_path)
    put(other, exported(engine))
    for statement in ("UPDATE event_log SET code = 'x'", "DELETE FROM event_log"):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), other.begin() as connection:
            connection.execute(sa.text(statement))
    with pytest.raises((Conflict, Rejected)), other.begin() as connection:
        bring(connection, io.BytesIO(b""), lambda *_: None)
