"""What stands against a command: the real table would be recorded as it is, by commands too."""

from collections import defaultdict
from datetime import date

from services.ingest.codes.grammars import read
from services.ingest.sources.text import decode
from services.law import checks
from services.law.described.sec import CODE as SEC
from services.law.fold import Act, Family
from tests.ingest.recording.table import MOST, TABLE


def findings_of_the_table() -> list[tuple[str, checks.Finding]]:
    """Each change of the shipped table judged as a command that comes after all before it."""
    acts: dict[str, list[Act]] = defaultdict(list)
    found: list[tuple[str, checks.Finding]] = []
    for row in read(decode(TABLE, MOST), "sec").versions:
        for act in row.instruments:
            said = checks.unknown_words(SEC, act.authority, act.legal_basis, act.proposals, row.label)
            found += [(row.label, each) for each in said]
            found += [
                (row.label, each) for each in checks.decided_later(act.decided_on, act.effective or row.effective)
            ]
        for read_change in row.changes:
            own = row.instruments[read_change.instrument].effective if read_change.instrument is not None else None
            new = Act(str(len(found)), sum(map(len, acts.values())), own or row.effective, read_change.action, read_change.ref,
                      row.label, read_change.spec, read_change.spec_version, read_change.alongside, read_change.exclusions)  # fmt: skip
            refs = [read_change.ref, *read_change.exclusions]
            found += [(row.label, each) for each in checks.unknown_reference(SEC, "ref", read_change.kind, refs)]
            found += [
                (row.label, each)
                for each in checks.on_provision(Family(SEC, read_change.kind, acts[read_change.kind]), new)
            ]
            acts[read_change.kind].append(new)
    return found


def test_no_row_of_the_real_table_would_be_refused() -> None:
    assert [each for _, each in findings_of_the_table() if isinstance(each, checks.Refusal)] == []


def test_the_rows_that_would_be_recorded_with_a_warning_are_those_of_the_decision_record() -> None:
    doubts = [(label, each.code) for label, each in findings_of_the_table()]
    assert set(doubts) == {(label, "never-designated") for label in ("4.13", "4.14", "4.15", "4.16", "5.0")}
    assert [label for label, _ in doubts].count("5.0") == 9


def test_an_act_is_judged_on_its_day_by_what_is_in_force_then() -> None:
    def act(number: int, day: str | None, action: str) -> Act:
        return Act(str(number), number, day and date.fromisoformat(day), action, "K", "1.0")

    family = Family(SEC, "section", [act(1, "2015-01-01", "designated"), act(2, "2016-01-01", "deleted")])
    codes = {
        (day, action): [each.code for each in checks.on_provision(family, act(3, day, action))]
        for day in ("2014-01-01", "2015-06-01", "2016-06-01", None)
        for action in ("activated", "designated", "redesignated")
    }
    assert codes == {
        ("2014-01-01", "activated"): [],
        ("2014-01-01", "designated"): ["designated-already"],
        ("2014-01-01", "redesignated"): ["never-designated"],
        ("2015-06-01", "activated"): [],
        ("2015-06-01", "designated"): ["designated-already"],
        ("2015-06-01", "redesignated"): [],
        ("2016-06-01", "activated"): ["deleted"],
        ("2016-06-01", "designated"): ["designated-already"],
        ("2016-06-01", "redesignated"): [],
        (None, "activated"): ["deleted"],
        (None, "designated"): ["designated-already"],
        (None, "redesignated"): [],
    }
