"""The command line as its users meet it: exit codes, one clear line for each refusal, answers on both formats."""

import io
import json
import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from importlib import metadata
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest
import typer
from sqlalchemy import make_url

from services import cli
from services.terminal import running
from tests.conftest import database_url

TABLE = files("services.ingest").joinpath("shipped", running.SHIPPED)
COMMANDS = typer.main.get_command(cli.app()).commands  # type: ignore[attr-defined]


class Said(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Said]


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INFORCE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("INFORCE_DATABASE_URL", raising=False)
    return tmp_path / "data"


@pytest.fixture
def run(data_dir: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    def command(*words: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["inforce", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return Said(int(ended.value.code or 0), *capfd.readouterr())

    return command


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table.txt"
    path.write_bytes(TABLE.read_bytes())
    return path


@pytest.fixture
def bare_postgresql(postgresql_url: str) -> Iterator[str]:
    """A database that nothing has been migrated in."""
    server, name = conninfo(postgresql_url), f"inforce_bare_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as administrator:
        administrator.execute(f"CREATE DATABASE {name}".encode())
    yield database_url(postgresql_url, name)
    with psycopg.connect(server, autocommit=True) as administrator:
        administrator.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def conninfo(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def test_every_command_and_every_option_has_help() -> None:
    assert {"demo", "read", "ingest", "in-force", "history", "diff", "serve", "project", "migrate", "status"} <= set(
        COMMANDS
    )
    for name, command in COMMANDS.items():
        assert command.help, name
        assert all(parameter.help for parameter in command.params), name


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_help_is_no_error(run: Run, name: str) -> None:
    said = run(name, "--help")
    assert said.code == 0
    assert name in said.out


def test_it_says_which_release_it_is(run: Run) -> None:
    assert run("--version").out == f"inforce {metadata.version('inforce')}\n"


def test_a_document_comes_from_standard_input_as_well(run: Run, table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read, given = run("read", table, "--format", "json"), io.BytesIO(TABLE.read_bytes())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(given))
    piped = run("read", "-", "--format", "json")
    assert (piped.code, piped.out) == (0, read.out.replace('"table.txt"', '"standard input"'))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"x" * 2_000)))
    monkeypatch.setenv("INFORCE_MAX_SOURCE_BYTES", "1000")
    refused(run("read", "-"), 1, "standard input", "1000")


def test_a_document_that_is_not_there_is_refused_by_name(run: Run, tmp_path: Path) -> None:
    refused(run("read", tmp_path / "nothing.txt"), 1, "nothing.txt", "no such file")


def test_a_directory_is_refused_by_name(run: Run, tmp_path: Path) -> None:
    refused(run("ingest", tmp_path), 1, str(tmp_path), "directory")


def test_a_document_that_may_not_be_read_is_no_matter_of_usage(
    run: Run, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table.chmod(0)
    monkeypatch.setattr(os, "access", lambda _, mode: mode != os.R_OK)  # what anybody but root is told
    for command in ("read", "ingest"):
        assert run(command, table).code == (1 if os.geteuid() else 0)


def test_a_document_over_the_limit_is_refused_with_the_limit(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "large.txt").write_bytes(b"a" * 101)
    monkeypatch.setenv("INFORCE_MAX_SOURCE_BYTES", "100")
    refused(run("read", tmp_path / "large.txt"), 1, "large.txt", "100 bytes")


@pytest.mark.parametrize(
    ("content", "word"), [(b"", "empty"), (b"%PDF-1.7", "PDF"), (b"abc\0def", "NUL"), (b"Version \xff", "0xff")]
)
def test_what_is_no_text_is_refused_with_what_was_found(run: Run, tmp_path: Path, content: bytes, word: str) -> None:
    (tmp_path / "odd.txt").write_bytes(content)
    refused(run("read", tmp_path / "odd.txt"), 1, "odd.txt", word)


def test_a_refused_document_leaves_the_ledger_as_it_was(run: Run, tmp_path: Path, table: Path) -> None:
    run("ingest", table)
    before = answered(run("status", "--format", "json"))
    (tmp_path / "odd.txt").write_bytes(b"\0")
    assert run("ingest", tmp_path / "odd.txt").code == 1
    assert answered(run("status", "--format", "json"))["log"] == before["log"]


@pytest.mark.parametrize(
    "words",
    [
        ("no-such-command",),
        ("read",),
        ("in-force", "--no-such-option"),
        ("in-force", "--as-of", "2018-5-31"),
        ("in-force", "--as-of", "2018-02-30"),
        ("in-force", "--known-at", "yesterday"),
        ("in-force", "--known-at", "2018-01-01T00:00:00"),
        ("diff", "2018-02-30", "5.16"),
        ("serve", "nothing"),
        ("status", "--format", "xml"),
    ],
)
def test_using_it_wrongly_ends_with_two_and_writes_nothing(run: Run, data_dir: Path, words: tuple[str, ...]) -> None:
    said = run(*words)
    assert said.code == 2
    assert said.err
    assert not data_dir.exists()


def test_a_setting_that_is_none_is_a_usage_error_that_names_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFORCE_PORT", "eighty")
    refused(run("status"), 2, "INFORCE_PORT", "eighty")


def test_a_database_that_is_away_ends_with_three(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFORCE_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    for words in (("status",), ("in-force", "H15"), ("migrate",)):
        refused(run(*words), 3)


def test_a_database_url_that_is_none_is_refused_without_repeating_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFORCE_DATABASE_URL", "mysql://me:secret@somewhere/x")
    assert "secret" not in refused(run("status"), 1, "INFORCE_DATABASE_URL").err


def test_a_file_that_is_no_database_is_refused(run: Run, data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "inforce.sqlite3").write_bytes(b"this is no database, and long enough to be looked at" * 100)
    said = run("status")
    assert said.code in {1, 3}
    assert len(said.err.splitlines()) == 1


def test_a_database_of_a_newer_release_is_refused_with_both_revisions(run: Run, data_dir: Path) -> None:
    assert run("migrate").code == 0
    with sqlite3.connect(data_dir / "inforce.sqlite3") as connection:
        (ours,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    refused(run("status"), 1, "9999", ours)


def test_a_server_that_is_not_migrated_says_what_to_run(
    run: Run, bare_postgresql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INFORCE_DATABASE_URL", bare_postgresql)
    refused(run("status"), 1, "inforce migrate")
    assert run("migrate").code == 0
    assert run("status").code == 0


def test_reading_prints_the_reading_and_writes_nothing(run: Run, table: Path, data_dir: Path) -> None:
    said = answered(run("read", table, "--format", "json"))
    assert list(said) == ["source", "code", "reader", "versions", "coverage", "unread", "warnings"]
    assert said["source"]["name"] == "table.txt"
    assert said["source"]["chars"] == len(table.read_text(encoding="utf-8-sig"))
    assert "5.16" in run("read", table).out
    assert not data_dir.exists()


def test_a_document_is_recorded_once(run: Run, table: Path) -> None:
    first = answered(run("ingest", table, "--format", "json"))
    assert first["new_events"] > 0
    assert first["positions"] == [1, first["new_events"]]
    again = answered(run("ingest", table, "--format", "json"))
    assert again["new_events"] == 0
    assert "nothing new" in run("ingest", table).out


def test_an_edition_that_contradicts_the_record_is_shown_side_by_side(run: Run, table: Path) -> None:
    run("ingest", table)
    table.write_bytes(table.read_bytes().replace(b"31st May", b"30th May"))
    said = run("ingest", table)
    assert said.code == 0
    assert "2018-05-31" in said.out
    assert "2018-05-30" in said.out
    assert answered(run("in-force", "--format", "json"))["version"]["effective"] == "2018-05-31"


def test_of_several_documents_those_before_a_refused_one_are_recorded(run: Run, table: Path, tmp_path: Path) -> None:
    said = run("ingest", table, tmp_path / "nothing.txt")
    assert said.code == 1
    assert "new events" in said.out
    state = answered(run("status", "--format", "json"))
    assert state["log"]["position"] == state["projection"]["position"] > 0


def test_a_provision_is_answered_for_a_day(run: Run, table: Path) -> None:
    run("ingest", table)
    answer = answered(run("in-force", "H15", "--as-of", "2018-05-31", "--format", "json"))
    assert (answer["kind"], answer["ref"]) == ("section", "H15")
    assert answer["meta"]["as_of"] == "2018-05-31"
    assert answer == answered(run("in-force", "section/H15", "--as-of", "2018-05-31", "--format", "json"))
    shown = run("in-force", "H15", "--as-of", "2018-05-31")
    assert answer["state"].replace("_", " ") in shown.out
    assert answer["because"][0]["version"] in shown.out


def test_the_code_as_a_whole_is_answered(run: Run, table: Path) -> None:
    run("ingest", table)
    answer = answered(run("in-force", "--as-of", "2018-05-31", "--format", "json"))
    assert answer["version"]["label"] == "5.16"
    assert "5.16" in run("in-force", "--as-of", "2018-05-31").out


def test_an_answer_can_be_had_as_it_was_known_at_a_position(run: Run, table: Path) -> None:
    recorded = answered(run("ingest", table, "--format", "json"))
    last = recorded["positions"][1]
    answer = answered(run("in-force", "H15", "--known-at", f"pos:{last}", "--format", "json"))
    assert answer["meta"]["position"] == last
    refused(run("in-force", "H15", "--known-at", f"pos:{last + 1}"), 1, str(last))


def test_history_and_diff_are_answered(run: Run, table: Path) -> None:
    run("ingest", table)
    steps = answered(run("history", "appendix/G", "--format", "json"))["items"]
    assert [step["version"] for step in steps] == ["4.1", "4.9", "5.0"]
    assert "5.0" in run("history", "appendix/G").out
    answer = answered(run("diff", "5.15", "5.16", "--format", "json"))
    assert {change["version"] for change in answer["changes"]} == {"5.16"}
    assert run("diff", "2018-01-01", "2018-05-31").code == 0
    refused(run("diff", "5.16", "5.15"), 1, "5.15")


def test_an_unknown_provision_names_the_nearest(run: Run, table: Path) -> None:
    run("ingest", table)
    refused(run("in-force", "section/HH15"), 1, "nearest", "section/H")


def test_a_reference_that_several_kinds_write_asks_for_the_kind(run: Run) -> None:
    refused(run("in-force", "J"), 1, "section/J", "appendix/J")


def test_a_kind_that_the_code_does_not_have_is_refused(run: Run) -> None:
    refused(run("history", "paragraph/1"), 1, "paragraph", "section")


def test_an_empty_ledger_says_that_it_is_empty(run: Run) -> None:
    refused(run("in-force"), 1, "sec")


def test_a_terminal_that_knows_ascii_alone_is_answered_all_the_same(
    run: Run, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("ingest", table)
    for words in (("history", "section/H15"), ("in-force", "section/H3"), ("read", table)):
        screen = io.BytesIO()
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(screen, "ascii"))
        assert run(*words).code == 0
        assert b"H3" in screen.getvalue() or b"H15" in screen.getvalue()


def test_status_says_as_rest_does_where_it_binds(run: Run, table: Path) -> None:
    last = answered(run("ingest", table, "--format", "json"))["positions"][1]
    meta = answered(run("status", "--format", "json"))["meta"]
    assert (meta["position"], meta["known_at"], meta["basis"]) == (last, f"pos:{last}", "recorded")


def test_words_of_a_document_cannot_steer_the_terminal(run: Run, tmp_path: Path, table: Path) -> None:
    (tmp_path / "odd.txt").write_bytes(table.read_bytes().replace(b"Communications Hub", b"\x1b[31mHub [red]x[/red]"))
    said = run("read", tmp_path / "odd.txt")
    assert said.code == 0
    assert "\x1b" not in said.out + said.err
    assert "[red]x[/red]" in said.out.replace("\n", "")


def test_the_projection_can_be_brought_up_to_date_by_itself(run: Run, table: Path) -> None:
    last = answered(run("ingest", table, "--format", "json"))["positions"][1]
    assert str(last) in run("project", "--once").err


def refused(said: Said, code: int, *words: str) -> Said:
    assert said.code == code, said
    assert said.out == ""
    assert len(said.err.splitlines()) == 1, said.err
    assert all(word in said.err for word in words), said.err
    return said


def answered(said: Said) -> dict:
    assert said.code == 0, said.err
    assert said.err == ""
    return json.loads(said.out)
