"""The command `inforce publish` where no broker is needed, or none answers."""

import os
import subprocess
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.projection.publish.cursors import move, turn
from services.projection.runner import catch_up
from services.settings import Settings
from tests.ingest.recording.table import take
from tests.kafka.broker import free_ports
from tests.kafka.ledgers import fill
from tests.kafka.publishing import INFORCE, cursor, position, publisher
from tests.proof.logs import ORIGIN, made_key, signing
from tests.waiting import wait_for

on_sqlite = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


def test_a_dry_run_prints_a_line_a_message_and_moves_nothing(
    engine: sa.Engine, ledger_url: str, tmp_path: Path
) -> None:
    take(engine)
    catch_up(engine)
    signing(engine, made_key(tmp_path / "elsewhere"))
    done = _publish(ledger_url, tmp_path, "--from", "start", "--dry-run")
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.split() for line in done.stdout.splitlines()]
    events = [line for line in lines if line[0] == "inforce.events.v1"]
    assert [int(each[2]) for each in events] == list(range(1, 239))
    assert events[0][1:] == ["sec", "1", "uk.inforce.source.received.v1"]
    states = [line for line in lines if line[0] == "inforce.provisions.v1"]
    assert len({each[1] for each in states}) == len(states) > 50
    assert len(events) + len(states) == len(lines) - 1
    assert lines[-1] == ["inforce.checkpoints.v1", ORIGIN, "238", "uk.inforce.log.checkpoint.v1"]
    for begin, number in (("237", 1), ("238", 0)):
        done = _publish(ledger_url, tmp_path, "--from", begin, "--dry-run")
        assert done.stdout.count("inforce.checkpoints.v1") == number
    assert cursor(engine, "kafka.events") == cursor(engine, "kafka.provisions") == {}


@on_sqlite
def test_a_dry_run_begins_where_it_is_told_else_where_the_cursor_stands(
    engine: sa.Engine, ledger_url: str, tmp_path: Path
) -> None:
    fill(engine, 10)
    with turn(engine, "kafka.events") as held:
        assert held
        move(held, "kafka.events", 7)
    for given, first in (((), 8), (("--from", "3"), 4)):
        done = _publish(ledger_url, tmp_path, "--dry-run", *given)
        assert [line.split()[2] for line in done.stdout.splitlines()] == [str(at) for at in range(first, 11)]


@on_sqlite
@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (("--from", "start"), 2, "INFORCE_KAFKA_BOOTSTRAP is not set; --from expects brokers as host:port,..."),
        (("--from", "first", "--dry-run"), 2, "'first'; expected `start` or a position"),
        (("--from", "3", "--dry-run"), 1, "--from: position 3 lies beyond the log's last one, 2"),
    ],
)
def test_what_cannot_be_published_is_refused_in_one_line(
    engine: sa.Engine, ledger_url: str, tmp_path: Path, arguments: tuple[str, ...], code: int, why: str
) -> None:
    fill(engine, 2)
    done = _publish(ledger_url, tmp_path, *arguments)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (code, "", 1)
    assert why in done.stderr


@on_sqlite
def test_a_cursor_is_not_moved_under_somebody_who_publishes(engine: sa.Engine, ledger_url: str, tmp_path: Path) -> None:
    [port] = free_ports(1)
    with turn(engine, "kafka.events") as held:
        assert held
        done = _publish(ledger_url, tmp_path, "--from", "start", bootstrap=f"127.0.0.1:{port}")
    assert done.returncode == 1
    assert "another process publishes kafka.events" in done.stderr.splitlines()[-1]


@on_sqlite
def test_without_a_broker_it_says_so_goes_on_trying_and_ends_at_once_when_told(
    engine: sa.Engine, ledger_url: str, tmp_path: Path
) -> None:
    fill(engine, 2)
    [port] = free_ports(1)
    settings = Settings(database_url=ledger_url, data_dir=tmp_path, kafka_bootstrap=f"127.0.0.1:{port}")
    with publisher(settings) as process:
        wait_for(lambda: cursor(engine, "kafka.events").get("error"))
        assert "does not answer" in cursor(engine, "kafka.events")["error"]["why"]
        assert position(engine, "kafka.events") == 0
        process.terminate()
        _, said = process.communicate(timeout=30)
    assert process.returncode == 0
    assert f"publishes to 127.0.0.1:{port} and delivers webhooks" in said
    assert "Traceback" not in said
    status = subprocess.run(
        [str(INFORCE), "status"], env=_surroundings(ledger_url, tmp_path), capture_output=True, text=True
    )
    assert "channels kafka.events error why" in status.stdout


def _publish(
    url: str, directory: Path, *arguments: str, bootstrap: str | None = None
) -> subprocess.CompletedProcess[str]:
    surroundings = _surroundings(url, directory) | ({"INFORCE_KAFKA_BOOTSTRAP": bootstrap} if bootstrap else {})
    return subprocess.run([str(INFORCE), "publish", *arguments], env=surroundings, capture_output=True, text=True)


def _surroundings(url: str, directory: Path) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("INFORCE_")}
    return own | {"INFORCE_DATABASE_URL": url, "INFORCE_DATA_DIR": str(directory)}
