"""The commands that prove and move a ledger, as their users meet them: what they print, and how they end."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.ingest import known
from services.ingest.tables import known_title
from services.projection.proof import keys, upkeep
from services.settings import Settings
from tests.audit.ledgers import owning, recorded, verifiers
from tests.ingest.recording.table import TABLE, take
from tests.proof.logs import ORIGIN
from tests.serving import serving

INFORCE = Path(sys.executable).with_name("inforce")

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture
def run(ledger_url: str, tmp_path: Path) -> Run:
    def command(*words: object, **settings: str) -> "subprocess.CompletedProcess[bytes]":
        own = {"INFORCE_DATABASE_URL": ledger_url, "INFORCE_DATA_DIR": str(tmp_path)} | settings
        return subprocess.run([str(INFORCE), *map(str, words)], capture_output=True, env={**os.environ, **own})

    return command


def test_verify_says_that_all_is_well_or_what_is_wrong(engine: sa.Engine, run: Run, tmp_path: Path) -> None:
    key_file = recorded(engine, tmp_path)
    kept = tmp_path / "kept.note"
    kept.write_bytes(keys.last_file(key_file).read_bytes())
    done = run("verify", "--checkpoint", kept, "--key", verifiers(key_file)[0].text())
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"238 entries, root ")
    other = run("verify", "--checkpoint", kept, "--key", keys.new_signer(ORIGIN).verifier.text())
    assert other.returncode == 1
    assert b"the note has no signature of example.com/log+" in other.stderr
    with owning(engine) as connection:
        connection.execute(sa.text("DELETE FROM event_log WHERE position > 200"))
    broken = run("verify", "--checkpoint", kept)
    assert (broken.returncode, broken.stdout) == (1, b"")
    assert b"position 200: the log ends here, " in broken.stderr
    assert b"findings" in broken.stderr.splitlines()[-1]
    missing = run("verify", "--checkpoint", tmp_path / "nowhere")
    assert (missing.returncode, missing.stderr.count(b"\n")) == (1, 1)


def test_verify_compares_with_a_running_service(
    engine: sa.Engine, run: Run, ledger_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "run", lambda *_: None)
    recorded(engine, tmp_path)
    with serving(Settings(database_url=ledger_url, data_dir=tmp_path)) as client:
        assert run("verify", "--against", client.base_url).returncode == 0
    away = run("verify", "--against", "http://127.0.0.1:1")
    assert (away.returncode, away.stderr.count(b"\n")) == (3, 1)


def test_export_and_import_move_a_ledger(engine: sa.Engine, run: Run, tmp_path: Path) -> None:
    recorded(engine, tmp_path)
    file, there = tmp_path / "ledger.ndjson", {"INFORCE_DATABASE_URL": "", "INFORCE_DATA_DIR": str(tmp_path / "there")}
    assert run("export", file).returncode == 0
    assert run("import", file, **there).returncode == 0
    assert run("in-force", "H15", "--as-of", "2018-05-31", **there).stdout.startswith(b"section/H15")
    assert run("verify", **there).returncode == 0
    again = run("import", file, **there)
    assert again.returncode == 1
    assert b"the ledger is not empty" in again.stderr
    file.write_bytes(file.read_bytes()[:-100])
    cut = run("import", file, INFORCE_DATABASE_URL="", INFORCE_DATA_DIR=str(tmp_path / "elsewhere"))
    assert cut.returncode == 1
    assert b"line 242: the file ends within this line" in cut.stderr
    assert [each.name for each in tmp_path.glob(".ledger*")] == []


def test_follow_mirrors_a_service_and_ends_with_1_on_an_alarm(
    engine: sa.Engine, run: Run, ledger_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "run", lambda *_: None)
    key_file = recorded(engine, tmp_path)
    there = {"INFORCE_DATABASE_URL": "", "INFORCE_DATA_DIR": str(tmp_path / "there")}
    key = tmp_path / "verifier.key"
    key.write_text(verifiers(key_file)[0].text() + "\n")
    with serving(Settings(database_url=ledger_url, data_dir=tmp_path)) as client:
        done = run("follow", client.base_url, "--once", "--key", key, **there)
        assert (done.returncode, done.stderr) == (0, b"238 entries, verified\n")
        assert run("verify", **there).returncode == 0
        wrong = run("follow", client.base_url, "--once", "--key", keys.new_signer(ORIGIN).verifier.text(), **there)
        assert (wrong.returncode, b"not to be believed" in wrong.stderr) == (1, True)
        again = run("follow", client.base_url, "--once", **there)
        assert (again.returncode, b"an alarm stands since" in again.stderr) == (1, True)
        resumed = run("follow", client.base_url, "--once", "--resume", "--key", key, **there)
        assert (resumed.returncode, resumed.stderr) == (0, b"238 entries, verified\n")
    assert len(list((tmp_path / "there" / "evidence").iterdir())) == 2


def test_the_index_is_compared_with_the_log_and_made_anew_where_that_is_asked_for(
    engine: sa.Engine, run: Run, tmp_path: Path
) -> None:
    recorded(engine, tmp_path)
    well = run("replay", "--index")
    assert (well.returncode, well.stdout, well.stderr) == (0, b"", b"no differences\n")
    with engine.begin() as connection:
        connection.execute(sa.delete(known_title))
        seen = known.revision(connection, "sec")
    found = run("replay", "--index")
    assert (found.returncode, b"known_title lacks its row: event " in found.stdout) == (1, True)
    made = run("replay", "--index", "--switch")
    assert (made.returncode, made.stdout) == (1, found.stdout)
    assert b"; the index is made anew, up to position 238\n" in made.stderr
    assert run("replay", "--index").returncode == 0
    with engine.begin() as connection:
        assert not known.move_on(connection, "sec", seen)  # who decided on the old index decides again
    assert take(engine, TABLE.replace(b"Production Proving", b"Production Proofs!")).new_events > 0
    assert run("replay", "--index", "--until", "3").returncode == 2


def test_audit_writes_a_bundle_that_holds(engine: sa.Engine, run: Run, tmp_path: Path) -> None:
    key_file = recorded(engine, tmp_path)
    done = run(
        "audit", "H15", "--as-of", "2018-05-31", "--known-at", "pos:238", "--checkpoint", keys.last_file(key_file)
    )
    assert (done.returncode, done.stderr) == (0, b"")
    with zipfile.ZipFile(BytesIO(done.stdout)) as bundle:
        bundle.extractall(tmp_path / "bundle")
    command = [sys.executable, str(tmp_path / "bundle" / "verify.py"), "--key", verifiers(key_file)[0].text()]
    checked = subprocess.run(command, capture_output=True)
    assert (checked.returncode, checked.stdout[-6:]) == (0, b"HOLDS\n")
    assert run("audit", "Q7", "--as-of", "2018-05-31").returncode == 1
