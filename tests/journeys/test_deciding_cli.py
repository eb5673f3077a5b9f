"""Conflicts, resolutions, proposals and impact on the command line."""

import json
from pathlib import Path

import pytest

from tests.journeys.test_cli import Run, data_dir, run  # noqa: F401 - fixtures
from tests.journeys.test_conflicts import NEWS, TABLE


@pytest.fixture
def ready(run: Run, tmp_path: Path) -> Run:  # noqa: F811
    for name, data, kind in (("table.txt", TABLE, "table"), ("news.txt", NEWS, "newsletter")):
        path = tmp_path / name
        path.write_bytes(data)
        assert run("ingest", path, "--kind", kind).code == 0
    return run


def test_a_conflict_is_listed_decided_and_shown_with_how_it_was_decided(ready: Run) -> None:
    items = json.loads(ready("conflicts", "--format", "json").out)["items"]
    assert [each["about"] for each in items] == ["instrument/4.8-2", "instrument/5.6-1"]
    name = items[1]["id"]
    words = ("--reason", "the letter says so", "--source-name", "Letter", "--quote", "decided on 26 January")
    assert ready("resolve", name, "--use", 1).code == 2
    tried = ready("resolve", name, "--use", 1, *words, "--dry-run")
    assert "nothing is written" in tried.out
    stale = ready("resolve", name, "--use", 1, *words, "--if-match", 9)
    assert (stale.code, "expected version 9" in stale.err) == (1, True)
    assert ready("resolve", name, "--use", 1, *words, "--if-match", 2).code == 0
    again = ready("resolve", name, "--use", 1, *words)
    assert (again.code, "used already" in again.err) == (1, True)
    shown = ready("conflicts", name)
    assert "decided by local" in shown.out
    assert "2017-01-17" in shown.out
    assert ready("conflicts", "nothing").code == 1


def test_a_proposal_and_the_impact_of_a_version_are_shown(ready: Run) -> None:
    told = ready("proposal", "SECMP0016", "--as-of", "2018-06-01")
    assert (told.code, "implemented" in told.out, "2017-01-17" in told.out) == (0, True, True)
    assert json.loads(ready("impact", "5.6", "--format", "json").out)["counts"]["provisions"] == 2
    assert "section/J" in ready("impact", "2017-04-01..2017-04-01").out
    assert [ready("impact", of).code for of in ("9.9", "5,16")] == [1, 1]


def test_a_step_of_a_proposal_is_tried_recorded_and_shown(ready: Run) -> None:
    words = ("--source-name", "Form", "--quote", "Raised by A Supplier")
    raised = ("progress", "DP099", "raised", "--on", "2018-01-10", "--by", "A Supplier", *words)
    assert "nothing is written" in ready(*raised, "--dry-run").out
    assert ready(*raised, "--key", "k").out == ready(*raised, "--key", "k").out
    assert (ready(*raised).code, ready("progress", "DP099", "decided", "--on", "2018-01-10", *words).code) == (1, 1)
    assert ready("progress", "DP099", "raised", "--on", "2018-02-30", *words).code == 2
    shown = ready("proposal", "MP099", "--as-of", "2018-06-01")
    assert (shown.code, "2018-01-10" in shown.out, "A Supplier" in shown.out) == (0, True, True)


def test_a_kind_of_source_that_is_none_is_refused(run: Run, tmp_path: Path) -> None:  # noqa: F811
    path = tmp_path / "table.txt"
    path.write_bytes(TABLE)
    refused = run("ingest", path, "--kind", "rumour")
    assert (refused.code, "newsletter" in refused.err) == (1, True)
