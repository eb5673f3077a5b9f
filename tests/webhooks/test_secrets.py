"""Secrets: encrypted at rest under a key of the operator's or of this machine's, never told twice."""

import base64
import os
import stat
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from events.errors import Unavailable
from services.projection.publish import cursors
from services.projection.publish.webhooks import keys, sealing, subscriptions
from services.settings import Settings
from tests.waiting import wait_for
from tests.webhooks.ledger import amend, delivering, settings_for, shown, subscribe
from tests.webhooks.receiver import receiving

NOW = datetime(2026, 3, 1, tzinfo=UTC)
KEY = base64.b64encode(bytes(range(32))).decode()


def test_no_row_holds_a_secret_in_clear(engine: sa.Engine, tmp_path: Path) -> None:
    settings = settings_for(engine, tmp_path)
    with receiving() as receiver, delivering(engine, settings):
        own, secret = subscribe(engine, settings, receiver.url)
        with engine.begin() as connection:
            _, fresh = subscriptions.rotate(connection, own, keys.key(settings), datetime.now(UTC))
        amend(engine, 1)
        wait_for(lambda: shown(engine, own)["position"] == 1)
    with engine.connect() as connection:
        tables = ("subscription", "delivery", "publish_cursor", "event_log")
        rows = [row for table in tables for row in connection.execute(sa.text(f"SELECT * FROM {table}"))]
    held = b"".join(
        bytes(each) if isinstance(each, bytes | memoryview) else str(each).encode() for row in rows for each in row
    )
    for one in (secret, fresh):
        bare = one.removeprefix("whsec_")
        assert bare.encode() not in held
        assert base64.b64decode(bare) not in held
    assert keys.key(settings) not in held


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "new")
    with pytest.raises(keys.NoKey, match="neither INFORCE_SECRET_KEY nor"):
        keys.key(settings)
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(keys.key(settings, make=True))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert [path.name for path in settings.data_dir.iterdir()] == ["secret.key"]
    assert stat.S_IMODE((settings.data_dir / "secret.key").stat().st_mode) == 0o600
    assert keys.key(Settings(data_dir=tmp_path / "none", secret_key=KEY)) == bytes(range(32))
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("text", ["nonsense!", "c2hvcnQ=", base64.b64encode(bytes(33)).decode(), "\u00e9"])
def test_a_key_that_is_none_is_said_without_showing_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "secret.key").write_text(text)
    for settings in (Settings(data_dir=tmp_path), Settings(secret_key=text)):
        with pytest.raises(keys.NoKey) as refusal:
            keys.key(settings, make=True)
        assert text not in str(refusal.value)
    assert (tmp_path / "secret.key").read_text() == text


def test_with_another_key_nothing_is_delivered_or_made_and_the_reason_is_told(
    engine: sa.Engine, tmp_path: Path
) -> None:
    right, wrong = settings_for(engine, tmp_path), settings_for(engine, tmp_path, secret_key=KEY)
    amend(engine, 2)
    with receiving() as receiver:
        own, secret = subscribe(engine, right, receiver.url)
        with pytest.raises(sealing.WrongKey, match="another key") as refusal:
            subscribe(engine, wrong, receiver.url)
        assert secret not in str(refusal.value)
        with engine.begin() as connection, pytest.raises(sealing.WrongKey):
            subscriptions.rotate(connection, own, keys.key(wrong), NOW)
        with delivering(engine, wrong):
            wait_for(lambda: "another key" in str(shown(engine, own)["error"]))
            wait_for(lambda: _channel_error(engine))
        assert receiver.got == []
        with delivering(engine, right):
            wait_for(lambda: shown(engine, own)["position"] == 2)
            wait_for(lambda: not _channel_error(engine))
    assert isinstance(refusal.value, Unavailable)
    assert shown(engine, own)["error"] is None


def _channel_error(engine: sa.Engine) -> str | None:
    with engine.connect() as connection:
        told = {each["channel"]: each["error"] for each in cursors.told(connection, 2)}
    error = told.get("webhooks")
    return error["why"] if error else None


def test_a_replaced_secret_signs_for_a_day_and_no_longer() -> None:
    held = sealing.replaced([sealing.Secret("old", None)], "new", NOW)
    assert [each.value for each in held if sealing.valid(each, NOW + timedelta(hours=23))] == ["new", "old"]
    assert [each.value for each in held if sealing.valid(each, NOW + timedelta(hours=24))] == ["new"]
    again = sealing.replaced(held, "newest", NOW + timedelta(hours=1))
    assert [each.value for each in again] == ["newest", "new", "old"]
    assert again[2].until == NOW + timedelta(hours=24)


def test_what_is_encrypted_for_one_subscription_opens_for_no_other() -> None:
    key = bytes(32)
    sealed = sealing.seal(key, "one", [sealing.Secret("whsec_x", None)])
    assert sealing.unseal(key, "one", sealed) == [sealing.Secret("whsec_x", None)]
    for owner, found in (("other", sealed), ("one", sealed[:-1] + b"x"), ("one", b"")):
        with pytest.raises(sealing.WrongKey):
            sealing.unseal(key, owner, found)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_the_command_prints_the_secret_once_and_refuses_what_the_api_refuses(
    engine: sa.Engine, ledger_url: str, tmp_path: Path
) -> None:
    amend(engine, 2)
    with receiving() as receiver:
        done = _inforce(
            ledger_url, tmp_path, receiver.url, "--from", "1", "--type", "section.*", "--affected", "section/H"
        )
        assert done.returncode == 0, done.stderr
        own, secret = (line.partition(": ")[2] for line in done.stdout.splitlines())
        assert secret.startswith("whsec_")
        assert shown(engine, own)["created_by"] == "cli"
        with delivering(engine, settings_for(engine, tmp_path)):
            wait_for(lambda: receiver.sequences() == [2])
    refused = _inforce(ledger_url, tmp_path, "https://127.1/")
    assert (refused.returncode, refused.stdout, len(refused.stderr.splitlines())) == (1, "", 1)


def _inforce(url: str, directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    own = {"INFORCE_DATABASE_URL": url, "INFORCE_DATA_DIR": str(directory), "INFORCE_WEBHOOK_ALLOW_PRIVATE": "1"}
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("INFORCE_")} | own
    command = [str(Path(sys.executable).with_name("inforce")), "subscribe", *arguments]
    return subprocess.run(command, env=surroundings, capture_output=True, text=True, timeout=60)
