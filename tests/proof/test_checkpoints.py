"""Only a tree that extends the last one signed is signed; keys are made once and rotated."""

import shutil
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from events import notes
from events.errors import Rejected
from events.merkle import EMPTY_ROOT
from events.notes import BadKey
from services.database import open_engine
from services.projection.proof import checkpoints, keys, rotation, upkeep
from services.projection.proof.keys import KeyExists, NoKey
from services.projection.proof.rotation import KeyKept
from services.projection.proof.signing import Fork, sign
from services.projection.proof.tables import tree_checkpoint, tree_key, tree_tile
from services.projection.publish import cursors
from tests.proof import naive
from tests.proof.logs import ORIGIN, made_key, plant, record, signing
from tests.proof.test_upkeep import leaf_hashes


def test_a_checkpoint_says_size_and_root_of_the_log_signed_under_its_origin(engine: sa.Engine, tmp_path: Path) -> None:
    key_file = made_key(tmp_path)
    record(engine, 37)
    note = signing(engine, key_file)
    found = notes.checkpoint_in(note, [notes.signer(key_file.read_text().strip()).verifier])
    assert found == notes.Checkpoint(ORIGIN, 37, naive.root(leaf_hashes(engine)))
    with engine.connect() as connection:
        assert checkpoints.latest_note(connection) == note
        assert checkpoints.published_keys(connection) == [keys.load(key_file)[0].verifier.text()]


def test_an_empty_log_has_a_checkpoint_too(engine: sa.Engine, tmp_path: Path) -> None:
    with engine.connect() as connection:
        assert checkpoints.latest_note(connection) is None
    note = signing(engine, made_key(tmp_path))
    assert notes.checkpoint(note.decode().split("\n\n")[0] + "\n") == notes.Checkpoint(ORIGIN, 0, EMPTY_ROOT)


def test_what_is_signed_already_is_not_signed_again(engine: sa.Engine, tmp_path: Path) -> None:
    key_file = made_key(tmp_path)
    signing(engine, key_file)
    assert upkeep.sign(engine, key_file) is None
    record(engine, 1)
    signing(engine, key_file)
    with engine.connect() as connection:
        assert list(connection.scalars(sa.select(tree_checkpoint.c.size).order_by(tree_checkpoint.c.number))) == [0, 1]


def test_the_last_checkpoint_is_kept_beside_the_key_before_the_database_has_it(
    engine: sa.Engine, tmp_path: Path
) -> None:
    key_file = made_key(tmp_path)
    record(engine, 3)
    upkeep.catch_up(engine)
    with engine.connect() as connection:
        signed = sign(connection, key_file, 3, datetime.now(UTC))
        connection.rollback()
    assert signed
    assert keys.last_file(key_file).read_bytes() == signed.note
    assert signing(engine, key_file) == signed.note


def test_a_file_restored_to_an_earlier_state_under_the_same_key_signs_no_fork(
    tmp_path: Path, migrated_sqlite: Path
) -> None:
    ledger, backup, key_file = tmp_path / "ledger.sqlite3", tmp_path / "backup.sqlite3", made_key(tmp_path)
    shutil.copy(migrated_sqlite, ledger)
    _record_and_sign(ledger, 10, key_file)
    shutil.copy(ledger, backup)
    _record_and_sign(ledger, 10, key_file)
    for left_over in tmp_path.glob("ledger.sqlite3*"):
        left_over.unlink()
    shutil.copy(backup, ledger)
    for more in (0, 4, 20):
        with pytest.raises(
            Fork, match=r"a checkpoint of 20 entries, which this ledger of \d+ does not extend.*Restore the newer"
        ):
            _record_and_sign(ledger, more, key_file)
    engine = open_engine(f"sqlite:///{ledger}")
    c = cursors.publish_cursor.c
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.max(tree_checkpoint.c.size))) == 10
        assert "Restore the newer" in str(connection.scalar(sa.select(c.error).where(c.channel == upkeep.SIGNING)))
    engine.dispose()


def _record_and_sign(ledger: Path, number: int, key_file: Path) -> None:
    engine = open_engine(f"sqlite:///{ledger}")
    try:
        record(engine, number)
        upkeep.catch_up(engine)
        upkeep.sign(engine, key_file)
    finally:
        engine.dispose()


def test_a_tree_rewritten_behind_its_checkpoint_is_not_signed(engine: sa.Engine, tmp_path: Path) -> None:
    key_file = made_key(tmp_path)
    record(engine, 300)
    signing(engine, key_file)
    forged = naive.leaves(300)
    with engine.begin() as connection:
        connection.execute(sa.delete(tree_tile))
        connection.execute(sa.update(cursors.publish_cursor).values(position=0))
    plant(engine, forged)
    with pytest.raises(Fork, match="refused to sign a fork"):
        upkeep.sign(engine, key_file)
    keys.last_file(key_file).write_bytes(b"")
    with pytest.raises(Fork, match="holds no checkpoint signed with"):
        upkeep.sign(engine, key_file)


def test_the_database_alone_remembers_too(engine: sa.Engine, tmp_path: Path) -> None:
    key_file = made_key(tmp_path)
    early = signing(engine, key_file)
    record(engine, 5)
    signing(engine, key_file)
    with engine.begin() as connection:
        connection.execute(sa.update(tree_tile).values(hashes=b"".join(naive.leaves(5))))
    keys.last_file(key_file).write_bytes(early)
    with pytest.raises(Fork, match="the database holds a checkpoint of 5 entries"):
        upkeep.sign(engine, key_file)


def test_without_the_file_beside_the_key_nothing_is_signed_until_the_checkpoint_is_put_back(
    engine: sa.Engine, tmp_path: Path
) -> None:
    key_file = made_key(tmp_path)
    note = signing(engine, key_file)
    keys.last_file(key_file).unlink()
    record(engine, 1)
    with pytest.raises(Fork, match=r"signing\.key\.last is missing.*`inforce checkpoint > "):
        signing(engine, key_file)
    keys.last_file(key_file).write_bytes(note)
    signing(engine, key_file)


def test_another_key_in_the_place_of_the_logs_own_signs_nothing(engine: sa.Engine, tmp_path: Path) -> None:
    key_file = made_key(tmp_path)
    signing(engine, key_file)
    record(engine, 1)
    keys.rewrite(key_file, [keys.new_signer(ORIGIN)])
    with pytest.raises(Fork, match="the key was replaced"):
        signing(engine, key_file)
    keys.last_file(key_file).unlink()
    with pytest.raises(Fork, match="is missing"):
        signing(engine, key_file)
    keys.rewrite(key_file, [keys.new_signer("example.com/other")])
    with pytest.raises(Fork, match=r"the log is example\.com/log, the key is of example\.com/other"):
        signing(engine, key_file)


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    key_file = tmp_path / "deep" / "signing.key"
    signer = keys.make(key_file, ORIGIN)
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert keys.load(key_file) == [signer]
    assert key_file.read_text().startswith(f"PRIVATE+KEY+{ORIGIN}+")
    with pytest.raises(KeyExists, match="already: it is never replaced"):
        keys.make(key_file, ORIGIN)
    assert keys.load(key_file) == [signer]
    assert [each.name for each in key_file.parent.iterdir()] == ["signing.key"]


def test_a_key_that_others_may_change_is_refused(engine: sa.Engine, tmp_path: Path) -> None:
    key_file = made_key(tmp_path)
    for mode in (0o620, 0o602):
        key_file.chmod(mode)
        with pytest.raises(keys.OpenKey, match=rf"others may change the signing key .* \(mode {mode:o}\)"):
            upkeep.sign(engine, key_file)
    key_file.chmod(0o444)  # as a container gives it
    assert upkeep.sign(engine, key_file)


def test_a_damaged_key_is_refused_and_stays_as_it_is(engine: sa.Engine, tmp_path: Path) -> None:
    key_file = made_key(tmp_path)
    signing(engine, key_file)
    whole = key_file.read_bytes()
    for damaged in (b"", b"\xff\xfe", whole[:-9], whole.replace(b"+KEY+", b"+KEY-"), whole * 9, whole + b"words\n"):
        key_file.write_bytes(damaged)
        with pytest.raises(BadKey, match="damaged"), engine.begin() as connection:
            rotation.ensure(connection, key_file)
        with pytest.raises(BadKey, match="damaged"):
            upkeep.sign(engine, key_file)
        assert key_file.read_bytes() == damaged
    key_file.write_bytes(whole + keys.new_signer("other").text().encode() + b"\n")
    with pytest.raises(BadKey, match="keys of 2 names"):
        upkeep.sign(engine, key_file)


def test_a_log_with_checkpoints_whose_key_is_gone_gets_no_new_one(engine: sa.Engine, tmp_path: Path) -> None:
    key_file = made_key(tmp_path)
    signing(engine, key_file)
    key_file.unlink()
    with pytest.raises(NoKey, match="no signing key at"):
        upkeep.sign(engine, key_file)
    for origin in (None, ORIGIN):
        with pytest.raises(KeyKept, match=r"the log example\.com/log has checkpoints"), engine.begin() as connection:
            rotation.begin(connection, key_file, origin)
    with pytest.raises(KeyKept), engine.begin() as connection:
        rotation.ensure(connection, key_file)
    with pytest.raises(KeyExists, match=r"signing\.key\.last says what"), engine.begin() as connection:
        rotation.begin(connection, key_file, "example.com/new")
    assert not key_file.exists()


def test_a_log_that_is_lost_can_be_followed_by_one_of_another_name(engine: sa.Engine, tmp_path: Path) -> None:
    signing(engine, made_key(tmp_path))
    record(engine, 2)
    other = tmp_path / "new.key"
    with engine.begin() as connection:
        rotation.begin(connection, other, "example.com/new")
    assert signing(engine, other).decode().startswith("example.com/new\n2\n")


def test_a_key_made_for_the_first_time_bears_a_name_of_its_own(engine: sa.Engine, tmp_path: Path) -> None:
    names = set()
    for number in range(2):
        with engine.begin() as connection:
            [signer] = rotation.ensure(connection, tmp_path / f"{number}.key")
            assert rotation.ensure(connection, tmp_path / f"{number}.key") == [signer]
        names.add(signer.verifier.name)
    assert len(names) == 2
    assert all(name.startswith("inforce.invalid/") for name in names)


def test_while_a_key_is_rotated_old_and_new_sign_one_text_then_the_new_alone(engine: sa.Engine, tmp_path: Path) -> None:
    key_file = made_key(tmp_path)
    record(engine, 3)
    first = signing(engine, key_file)
    [old] = keys.load(key_file)
    with engine.begin() as connection:
        new = rotation.rotate(connection, key_file)
    with pytest.raises(KeyKept, match="has signed nothing yet"):
        rotation.retire(key_file)
    both = signing(engine, key_file)
    assert both.split(b"\n\n")[0] == first.split(b"\n\n")[0]
    for known in ([old.verifier], [new.verifier], [old.verifier, new.verifier]):
        assert notes.checkpoint_in(both, known).size == 3
    assert rotation.retire(key_file) == [old.verifier]
    record(engine, 1)
    alone = signing(engine, key_file)
    assert notes.checkpoint_in(alone, [new.verifier]).size == 4
    with pytest.raises(Rejected, match="no signature"):
        notes.checkpoint_in(alone, [old.verifier])
    assert notes.checkpoint_in(first, [old.verifier]).size == 3
    with engine.connect() as connection:
        assert checkpoints.published_keys(connection) == [new.verifier.text(), old.verifier.text()]
        assert sorted(connection.scalars(sa.select(tree_key.c.number))) == [1, 2]
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    with pytest.raises(KeyKept, match="has one key"):
        rotation.retire(key_file)
