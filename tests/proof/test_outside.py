"""Verifiers that others wrote, Go's `sumdb/note` and `sumdb/tlog`, accept the log as it is served, and nothing else."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.database import open_engine
from services.projection.proof import keys, rotation, upkeep
from services.projection.proof.tables import tree_tile
from services.projection.publish import cursors
from services.settings import Settings
from tests.missing import missing
from tests.proof import naive
from tests.proof.logs import made_key, plant, record, signing
from tests.serving import serving

OUTSIDE = Path(__file__).parent / "outside"

Verdict = tuple[bool, str]
Verify = Callable[..., Verdict]


@pytest.fixture(scope="session")
def verifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The verifier, built; where there is no Go, or not its module, skips loudly, in CI fails."""
    program = tmp_path_factory.mktemp("outside") / "outside"
    go = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
    if go is None:
        missing("the outside verifier is missing: no Go on the PATH; install Go 1.26")
    built = subprocess.run([go, "build", "-o", str(program), "."], cwd=OUTSIDE, capture_output=True, text=True)
    if built.returncode != 0:
        missing(f"the outside verifier is missing: {built.stderr}; install Go 1.26")
    return program


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return made_key(tmp_path)


@pytest.fixture
def verify(verifier: Path, ledger_url: str, tmp_path: Path, engine: sa.Engine) -> Iterator[Verify]:
    """Whether the verifier accepts the log as a service serves it, and what it says."""
    with cursors.turn(engine, upkeep.CHANNEL), serving(Settings(database_url=ledger_url, data_dir=tmp_path)) as client:
        yield lambda key, *old: _run(verifier, str(client.base_url).rstrip("/"), key, *old)


def _run(verifier: Path, url: str, key: str, *old: Path) -> Verdict:
    command = [str(verifier), f"{url}/v1/log", key, *map(str, old)]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode == 0, (done.stdout + done.stderr).strip()


def own_key(key_file: Path) -> str:
    return keys.load(key_file)[0].verifier.text()


def kept(note: bytes, path: Path) -> Path:
    path.write_bytes(note)
    return path


def test_it_accepts_checkpoint_entries_tiles_and_growth(
    verify: Verify, engine: sa.Engine, key_file: Path, tmp_path: Path
) -> None:
    before = [kept(signing(engine, key_file), tmp_path / "0")]
    for more in (1, 254, 1, 1, 300):
        record(engine, more)
        note = signing(engine, key_file)
        size = note.split(b"\n")[1].decode()
        assert verify(own_key(key_file), *before) == (True, size)
        before.append(kept(note, tmp_path / size))
    assert [path.name for path in before] == ["0", "1", "255", "256", "257", "557"]


def test_it_accepts_a_log_of_three_levels_of_tiles(
    verifier: Path, key_file: Path, tmp_path: Path, migrated_sqlite: Path
) -> None:
    shutil.copy(migrated_sqlite, tmp_path / "long.sqlite3")
    url = f"sqlite:///{tmp_path / 'long.sqlite3'}"
    engine = open_engine(url)
    record(engine, 300)
    old = kept(signing(engine, key_file), tmp_path / "old")
    record(engine, 65_700, batch=6_000)
    signing(engine, key_file)
    with cursors.turn(engine, upkeep.CHANNEL), serving(Settings(database_url=url, data_dir=tmp_path)) as client:
        assert _run(verifier, str(client.base_url).rstrip("/"), own_key(key_file), old) == (True, "66000")
    engine.dispose()


def test_it_accepts_both_keys_while_one_follows_the_other(verify: Verify, engine: sa.Engine, key_file: Path) -> None:
    record(engine, 3)
    old = own_key(key_file)
    with engine.begin() as connection:
        rotation.rotate(connection, key_file)
    signing(engine, key_file)
    new = own_key(key_file)
    assert new != old
    assert verify(old) == verify(new) == (True, "3")
    rotation.retire(key_file)
    record(engine, 1)
    signing(engine, key_file)
    assert verify(new) == (True, "4")
    assert not verify(old)[0]


def test_it_refuses_a_key_that_is_not_the_logs(verify: Verify, engine: sa.Engine, key_file: Path) -> None:
    signing(engine, key_file)
    accepted, said = verify(keys.new_signer("example.com/log").verifier.text())
    assert not accepted
    assert "note has no verifiable signatures" in said


@pytest.mark.parametrize("position", [1, 200, 260])
def test_it_refuses_a_flipped_byte_of_an_entry(
    verify: Verify, engine: sa.Engine, key_file: Path, position: int
) -> None:
    record(engine, 260)
    signing(engine, key_file)
    overwrite(engine, "entry", position)
    accepted, said = verify(own_key(key_file))
    assert not accepted
    assert f"entry {position - 1}:" in said


def test_it_refuses_two_entries_exchanged(verify: Verify, engine: sa.Engine, key_file: Path) -> None:
    record(engine, 20)
    signing(engine, key_file)
    with engine.begin() as connection:
        _unguard(connection)
        for old, new in ((4, 400), (5, 4), (400, 5)):
            connection.execute(
                sa.text("UPDATE event_log SET position = :new WHERE position = :old"), {"old": old, "new": new}
            )
    accepted, said = verify(own_key(key_file))
    assert not accepted
    assert "entry 3:" in said


def test_it_refuses_a_flipped_byte_of_a_tile(verify: Verify, engine: sa.Engine, key_file: Path) -> None:
    record(engine, 20)
    signing(engine, key_file)
    with engine.begin() as connection:
        held = bytearray(connection.execute(sa.select(tree_tile.c.hashes)).scalar_one())
        held[7 * 32] ^= 1
        connection.execute(sa.update(tree_tile).values(hashes=bytes(held)))
    accepted, said = verify(own_key(key_file))
    assert not accepted
    assert "inconsistent tile" in said


def test_it_refuses_a_fork_with_a_valid_signature(
    verify: Verify, engine: sa.Engine, key_file: Path, tmp_path: Path
) -> None:
    record(engine, 20)
    seen = kept(signing(engine, key_file), tmp_path / "seen")
    record(engine, 3)
    overwrite(engine, "entry", 5)
    with engine.begin() as connection:
        entries = connection.scalars(sa.text("SELECT entry FROM event_log ORDER BY position"))
        forged = [naive.leaf(bytes(entry)) for entry in entries]
        for table in ("tree_tile", "tree_checkpoint"):
            connection.execute(sa.text(f"DELETE FROM {table}"))
        connection.execute(sa.update(cursors.publish_cursor).values(position=0))
    plant(engine, forged)
    keys.last_file(key_file).unlink()
    assert upkeep.sign(engine, key_file)
    assert verify(own_key(key_file)) == (True, "23")
    accepted, said = verify(own_key(key_file), seen)
    assert not accepted
    assert said.startswith(f"outside: {seen}")


def overwrite(engine: sa.Engine, column: str, position: int) -> None:
    """Flips a bit in the log, as somebody could who owns the database."""
    at = sa.text(f"SELECT {column} FROM event_log WHERE position = :position")
    with engine.begin() as connection:
        held = bytearray(connection.execute(at, {"position": position}).scalar_one())
        held[len(held) // 2] ^= 1
        _unguard(connection)
        changed = sa.text(f"UPDATE event_log SET {column} = :held WHERE position = :position")
        connection.execute(changed, {"held": bytes(held), "position": position})


def _unguard(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.execute(sa.text("DROP TRIGGER IF EXISTS event_log_keeps_what_it_holds"))
    else:
        connection.execute(sa.text("ALTER TABLE event_log DISABLE TRIGGER USER"))
