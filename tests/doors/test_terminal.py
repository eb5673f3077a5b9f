"""Tokens on the terminal, and starting a service that others could reach."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
import typer
from sqlalchemy import Engine

from services import cli
from services.database import open_engine
from services.doors import tokens
from services.doors.guarded import Unguarded, refuse_unguarded
from services.settings import Settings
from tests.doors.posting import bearing, made, nothing_written, post, refused
from tests.journeys.test_demo import INFORCE

SECRET = re.compile(r"inf_[A-Za-z0-9_-]{43}")


class Said(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Said]


@pytest.fixture
def run(ledger_url: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """A command on the test's own ledger."""
    monkeypatch.setenv("INFORCE_DATABASE_URL", ledger_url)
    monkeypatch.setenv("INFORCE_DATA_DIR", str(tmp_path / "data"))

    def command(*words: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["inforce", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return Said(int(ended.value.code or 0), *capfd.readouterr())

    return command


def test_a_token_is_printed_once_alone_and_the_warning_beside_it(run: Run, engine: Engine) -> None:
    said = run("token", "create", "robot", "--scope", "ingest", "--scope", "audit")
    assert said.code == 0
    assert SECRET.fullmatch(said.out.removesuffix("\n"))
    assert "not shown again" in said.err
    with engine.connect() as connection:
        assert list(tokens.holders(connection, [said.out.strip()]).values()) == [("robot", {"ingest", "audit"})]
    shown = run("token", "list").out + run("token", "list", "--format", "json").out
    assert said.out.strip() not in shown


def test_a_token_comes_as_json_too(run: Run) -> None:
    told = json.loads(run("token", "create", "robot", "--scope", "command", "--format", "json").out)
    assert SECRET.fullmatch(told.pop("token"))
    assert told == {"name": "robot", "scopes": ["command"]}


def test_tokens_are_listed_with_what_became_of_them(run: Run) -> None:
    run("token", "create", "a", "--scope", "ingest")
    run("token", "create", "b", "--scope", "audit", "--scope", "subscribe")
    assert run("token", "revoke", "a").code == 0
    first, second = json.loads(run("token", "list", "--format", "json").out)["items"]
    assert (first["name"], first["scopes"], bool(first["revoked_at"])) == ("a", ["ingest"], True)
    assert (second["name"], second["scopes"], second["revoked_at"]) == ("b", ["subscribe", "audit"], None)
    shown = run("token", "list").out
    assert "revoked" in shown
    assert "subscribe, audit" in shown
    assert first["created_at"] in shown


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (("revoke", "nobody"), 1, "nobody"),
        (("create", "robot", "--scope", "ingest"), 1, "robot"),
        (("create", "local", "--scope", "ingest"), 1, "reserved"),
        (("create", "x" * 101, "--scope", "ingest"), 1, "100"),
        (("create", "other"), 2, "--scope"),
        (("create", "other", "--scope", "everything"), 2, "everything"),
        (("create",), 2, "NAME"),
        ((), 2, "command"),
    ],
)
def test_what_makes_no_token_says_why_in_one_line(
    run: Run, engine: Engine, words: tuple[str, ...], code: int, why: str
) -> None:
    made(engine, "robot")
    said = run("token", *words)
    assert (said.code, said.out) == (code, "")
    assert why in said.err
    assert len(said.err.splitlines()) == 1
    with engine.connect() as connection:
        assert [each["name"] for each in tokens.listed(connection)] == ["robot"]


def test_each_command_of_it_has_help_and_each_option() -> None:
    group = typer.main.get_command(cli.app()).commands["token"]  # type: ignore[attr-defined]
    assert set(group.commands) == {"create", "list", "revoke"}
    for command in group.commands.values():
        assert command.help
        assert all(parameter.help for parameter in command.params), command.name


@pytest.mark.parametrize("command", ["serve all", "serve ingest", "serve projection", "demo"])
@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_beyond_loopback_without_a_token_it_does_not_start(ledger_url: str, engine: Engine, command: str) -> None:
    words = [str(INFORCE), *command.split(), "--host", "0.0.0.0", "--port", "0"]
    data = Path(str(engine.url.database)).with_name("data")
    if command == "demo":  # it has a ledger of its own, which is this one
        data.mkdir()
        ledger_url = f"sqlite:///{shutil.copy(str(engine.url.database), data / 'inforce.sqlite3')}"
    surroundings = own_surroundings() | {"INFORCE_DATABASE_URL": ledger_url, "INFORCE_DATA_DIR": str(data)}
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, env=surroundings)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert all(word in done.stderr for word in ("0.0.0.0", "inforce token create NAME --scope", "--open"))
    own = open_engine(ledger_url)
    assert nothing_written(own)
    own.dispose()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "inforce.example", "localhost.example", "0", "127.1"])
def test_every_address_but_a_loopback_one_is_one_that_others_may_reach(engine: Engine, host: str) -> None:
    with pytest.raises(Unguarded, match=re.escape(host)):
        refuse_unguarded(engine, Settings(host=host))
    refuse_unguarded(engine, Settings(host=host, open=True))
    for own in ("127.0.0.1", "127.0.0.9", "localhost", "::1"):
        refuse_unguarded(engine, Settings(host=own))
    made(engine)
    refuse_unguarded(engine, Settings(host=host))


def own_surroundings() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("INFORCE_")}


@contextmanager
def started(url: str, *words: str, **settings: str) -> Iterator[httpx.Client]:
    """A client on this machine of a service as a process of its own."""
    command = [str(INFORCE), "serve", "all", "--host", "0.0.0.0", "--port", "0", *words]
    surroundings = own_surroundings() | {"INFORCE_DATABASE_URL": url} | settings
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=surroundings) as process:
        try:
            line = process.stderr.readline() if process.stderr else ""
            found = re.search(r"http://0\.0\.0\.0:(\d+)", line)
            assert found, line
            with httpx.Client(base_url=f"http://127.0.0.1:{found.group(1)}", timeout=30) as client:
                yield client
        finally:
            process.terminate()


def test_with_a_token_it_starts_and_asks_for_it(ledger_url: str, engine: Engine) -> None:
    secret = made(engine)
    with started(ledger_url) as client:
        refused(post(client), 401, "unauthorized")
        assert nothing_written(engine)
        assert post(client, **bearing(secret)).status_code == 201


def test_told_open_it_starts_without_one(ledger_url: str) -> None:
    with started(ledger_url, "--open") as client:
        assert post(client).status_code == 201


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_header_makes_nobody_another_client_of_the_service_as_it_is_started(ledger_url: str) -> None:
    with started(ledger_url, "--open", INFORCE_REQUESTS_PER_SECOND="0.001") as client:
        assert client.get("/v1/codes").status_code == 200
        assert client.get("/v1/codes", headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 429
