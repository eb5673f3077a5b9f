"""The commands on the command line: what they print, what they refuse, and with which exit code."""

import io
import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from services import cli
from tests.ingest.commands.asking import direction
from tests.ingest.recording.table import TABLE

SOURCE = ("--source-name", "Letter", "--quote", "It is directed.")
AHEAD = (
    "direct",
    "--basis",
    "SEC X5",
    "--effective",
    "2097-07-01",
    "--version",
    "5.17",
    "--change",
    "activated section/K9",
)


class Said(NamedTuple):
    code: int
    out: str
    err: str


class Terminal:
    def __init__(self, capfd: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self._capfd, self._patch = capfd, patch

    def run(self, *words: object) -> Said:
        self._capfd.readouterr()
        self._patch.setattr(sys, "argv", ["inforce", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return Said(int(ended.value.code or 0), *self._capfd.readouterr())

    def json(self, *words: object) -> Any:
        said = self.run(*words, "--format", "json")
        assert (said.code, said.err) == (0, "")
        return json.loads(said.out)


@pytest.fixture
def terminal(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("INFORCE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("INFORCE_DATABASE_URL", raising=False)
    (tmp_path / "table.txt").write_bytes(TABLE)
    found = Terminal(capfd, monkeypatch)
    assert found.run("ingest", tmp_path / "table.txt").code == 0
    return found


def test_a_dry_run_shows_the_answers_that_would_change_and_writes_nothing(terminal: Terminal) -> None:
    said = terminal.run(*AHEAD, *SOURCE, "--dry-run")
    assert said.code == 0
    assert all(
        word in said.out for word in ("section/K9", "2097-07-01", "active", "nothing is written", "SectionActivated")
    )
    assert terminal.json("status")["log"]["position"] == 238


def test_what_is_recorded_is_told_with_its_warnings(terminal: Terminal) -> None:
    said = terminal.run(*AHEAD, "--change", "redesignated appendix/AZ The Title", "--change", "amended K9", *SOURCE)
    assert said.code == 0
    assert all(word in said.out for word in ("sec/version/5.17", "never-designated", "instrument 5.17-1", "239"))
    answer = terminal.json("in-force", "appendix/AZ", "--as-of", "2097-07-01")
    assert (answer["state"], answer["title"]) == ("designated", "The Title")


def test_a_body_comes_from_a_file_or_from_standard_input(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "body.json").write_text(json.dumps(direction()))
    assert terminal.json("direct", tmp_path / "body.json", "--key", "k")["instrument"] == "5.17-1"
    again = terminal.json("direct", tmp_path / "body.json", "--key", "k")
    assert [each["position"] for each in again["events"]] == [239, 240, 241, 242]
    (tmp_path / "twice.json").write_text(
        json.dumps(direction()).replace('"effective"', '"effective": null, "effective"', 1)
    )
    twice = terminal.run("direct", tmp_path / "twice.json")
    assert (twice.code, "effective: given more than once" in twice.err) == (1, True)
    stdin = io.TextIOWrapper(io.BytesIO(json.dumps(direction(version="5.18")).encode()))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert terminal.json("direct", "-")["instrument"] == "5.18-1"


def test_a_day_moves_and_falls_away_and_the_clock_tells_what_came(terminal: Terminal) -> None:
    told = terminal.json(*AHEAD, *SOURCE)
    assert terminal.json("in-force", "--as-of", "2097-07-01")["version"]["label"] == "5.17"
    terminal.json("reschedule", "--version", "5.17", "--to", "none", *SOURCE)
    assert terminal.json("in-force", "--as-of", "2097-07-01")["version"]["label"] == "5.16"
    terminal.json("reschedule", "--instrument", "5.17-1", "--to", "2019-01-01", *SOURCE, "--if-match", "2")
    assert terminal.json("in-force", "--as-of", "2019-01-01")["version"]["label"] == "5.17"
    change = told["events"][-1]["id"]
    terminal.json("correct", change, "--set", "ref=K10", "--set", "exclusions=K10.1,K10.2", "--reason", "r", *SOURCE)
    assert terminal.json("in-force", "K10", "--as-of", "2019-01-01")["exclusions"] == ["K10.1", "K10.2"]
    terminal.json("retract", change, "--reason", "r", *SOURCE)
    assert terminal.json("in-force", "K10", "--as-of", "2019-01-01")["version"] != "5.17"
    terminal.json("cancel", "--version", "5.17", "--reason", "withdrawn", *SOURCE)
    assert terminal.json("in-force", "--as-of", "2019-01-01")["version"]["label"] == "5.16"
    assert "0 changes took effect" in terminal.run("clock", "--once").err


@pytest.mark.parametrize(
    ("words", "code", "named"),
    [
        (("direct", "--effective", "2018-07-01", "--change", "amended section/H"), 2, "--source-name"),
        (("direct", "--change", "amended section/H", *SOURCE), 2, "--effective"),
        (("direct", "--effective", "soon", *SOURCE), 2, "soon"),
        (("direct", "--effective", "none", "--change", "amended", *SOURCE), 2, "amended"),
        (("direct", "nothing.json", "--effective", "none"), 2, "nothing.json"),
        (("direct", "nothing.json"), 1, "no such file"),
        (("direct", "--effective", "none", "--change", "repealed section/H", *SOURCE), 1, "repealed"),
        (("direct", "--effective", "none", "--change", "amended J", *SOURCE), 1, "appendix/J"),
        (("direct", "--effective", "none", "--version", "5,17", *SOURCE), 1, "5,17"),
        (("direct", "--effective", "none", "--version", "5.16", *SOURCE), 1, "5.16"),
        (("direct", "--effective", "none", "--authority", "Ofgem", *SOURCE), 1, "Ofgem"),
        (("direct", "--effective", "none", "--code", "dcusa", *SOURCE), 1, "dcusa"),
        (("direct", "--effective", "2018-02-30", *SOURCE), 2, "2018-02-30"),
        (("direct", "--effective", "20180201", *SOURCE), 2, "20180201"),
        (("direct", "--effective", "2018-W05-4", *SOURCE), 2, "2018-W05-4"),
        (("direct", "--effective", "0001-01-01", *SOURCE), 1, "2013-09-23"),
        (("direct", "--effective", "none", "--basis", "Magna Carta", *SOURCE), 1, "Magna Carta"),
        (("progress", "DP099", "raised", "--on", "none", *SOURCE), 1, "effective"),
        (("progress", "5,16", "raised", "--on", "2018-01-01", *SOURCE), 1, "5,16"),
        (("progress", "DP099", "raised", "--on", "2018-01-01"), 2, "--source-name"),
        (("approve", "--effective", "none", "--proposal", "X1", *SOURCE), 1, "X1"),
        (("correct", "nothing", "--set", "effective", "--reason", "r", *SOURCE), 2, "effective"),
        (("correct", "nothing", "--set", "ref=H", "--reason", "r", *SOURCE), 1, "nothing"),
        (("retract", "nothing", *SOURCE), 2, "--reason"),
        (("reschedule", "--to", "2019-01-01", *SOURCE), 1, "exactly one"),
        (("reschedule", "--version", "9.9", "--to", "2019-01-01", *SOURCE), 1, "9.9"),
        (("reschedule", "--version", "5.16", *SOURCE), 2, "--to"),
        (("cancel", "--version", "5.16", "--if-match", "9", *SOURCE), 1, "found version 1"),
    ],
)
def test_what_is_refused_is_one_line_and_writes_nothing(
    terminal: Terminal, words: tuple[str, ...], code: int, named: str
) -> None:
    said = terminal.run(*words)
    assert (said.code, said.out) == (code, ""), said
    assert len(said.err.splitlines()) == 1
    assert named in said.err
    assert terminal.json("status")["log"]["position"] == 238
