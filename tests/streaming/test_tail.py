"""`inforce tail` as a process of its own: what it prints, and how it ends."""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from events import store
from events.envelope import cloud_event
from events.vocabulary import Quotation
from services import cli
from tests.factories import SHA256, amended, implemented, received
from tests.streaming.service import record

INFORCE = Path(sys.executable).with_name("inforce")
URL = "http://127.0.0.1:8000"


@contextmanager
def tail(ledger_url: str, *options: str) -> Iterator[subprocess.Popen[str]]:
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("INFORCE_")}
    surroundings["INFORCE_DATABASE_URL"] = ledger_url
    command = [str(INFORCE), "tail", *options]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=surroundings) as process:
        try:
            yield process
        finally:
            process.kill()


def lines(process: subprocess.Popen[str], number: int) -> list[str]:
    assert process.stdout
    return [process.stdout.readline().rstrip("\n") for _ in range(number)]


def test_tail_prints_each_event_on_a_line_as_it_is_recorded_until_it_is_stopped(
    engine: sa.Engine, ledger_url: str
) -> None:
    source = Quotation(sha256=SHA256, spans=((0, 1),), quote=f"Amendments to \x1b[31mSection H15 {'and more ' * 40}")
    record(engine, received(), amended("H15", source=source))
    with tail(ledger_url, "--after", "0") as process:
        one, two = lines(process, 2)
        record(engine, implemented(effective=None))
        (three,) = lines(process, 1)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert process.stderr
        assert process.stderr.read() == ""
    assert one.split()[0] == "1"
    assert one.split()[3:] == ["sec", "source.received", f"source/{SHA256[:16]}…", "no", "date"]
    assert two.split()[3:7] == ["sec", "section.amended", "section/H15", "2018-05-31"]
    assert two.endswith("“Amendments to \\x1b[31mSection H15 and …”")
    assert three.split()[3:] == ["sec", "version.implemented", "version/5.16", "no", "date"]


def test_tail_in_json_prints_cloud_events_of_what_the_filters_let_through(engine: sa.Engine, ledger_url: str) -> None:
    record(
        engine, received(), amended("H15"), amended("G1"), implemented(), amended("H3.2"), amended("H9", code="other")
    )
    with engine.connect() as connection:
        events = store.read(connection)
    wanted = {"--type": "section.*", "--code": "sec", "--affected": "section/H"}
    with tail(
        ledger_url, "--after", "1", "--format", "json", *(each for pair in wanted.items() for each in pair)
    ) as one:
        found = [json.loads(line) for line in lines(one, 2)]
    assert found == [cloud_event(events[1], URL), cloud_event(events[4], URL)]


def test_tail_begins_with_what_comes_from_now_on(engine: sa.Engine, ledger_url: str) -> None:
    record(engine, received())
    with tail(ledger_url) as process:
        assert process.poll() is None
        while process.poll() is None and not _told(process):
            record(engine, implemented())
        first = lines(process, 1)[0].split()
    assert int(first[0]) > 1
    assert first[4] == "version.implemented"


def _told(process: subprocess.Popen[str]) -> bool:
    return bool(select.select([process.stdout], [], [], 0.2)[0])


def test_tail_ends_without_a_word_when_nobody_reads_it_any_more(engine: sa.Engine, ledger_url: str) -> None:
    record(engine, received())
    with tail(ledger_url, "--after", "0") as process:
        lines(process, 1)
        assert process.stdout
        process.stdout.close()
        assert process.wait(30) == 0
        assert process.stderr
        assert process.stderr.read() == ""


@pytest.mark.parametrize(
    ("options", "name"),
    [
        (["--after", "2"], "position 2 lies beyond the log's last one, 1"),
        (["--type", "section.celebrated"], "section.celebrated"),
        (["--affected", "chapter/1"], "chapter"),
    ],
)
def test_tail_refuses_what_it_cannot_follow_in_one_line(
    engine: sa.Engine,
    ledger_url: str,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    name: str,
) -> None:
    record(engine, received())
    monkeypatch.setenv("INFORCE_DATABASE_URL", ledger_url)
    monkeypatch.setattr(sys, "argv", ["inforce", "tail", *options])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capfd.readouterr().err
    assert ended.value.code == 1
    assert name in said
    assert len(said.splitlines()) == 1
