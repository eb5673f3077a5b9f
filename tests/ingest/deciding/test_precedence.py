"""Which of two sources that disagree is believed follows from their kinds, and what is recorded follows that."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from events.knowing_better import ConflictNoted, FactCorrected, FactRetracted
from services.ingest.reading import ReadVersion
from tests.ingest.deciding.ledger import Ledger, act, did, row, topic

NEWS = row("5.3", "2017-01-26", did("designated", "section/N4A"), did("amended", "section/M"), topics=[topic("Other")])
TABLE = replace(NEWS, effective=date(2017, 1, 17))


def noted(ledger: Ledger, *rows: ReadVersion, kind: str) -> list[Any]:
    return [each.event for each in ledger.take(*rows, kind=kind)][2:]


@pytest.mark.parametrize(
    ("first", "second", "used", "rule"),
    [
        ("table", "newsletter", 0, "precedence: table over newsletter"),
        ("newsletter", "table", 1, "precedence: table over newsletter"),
        ("newsletter", "page", 0, "precedence: newsletter over page"),
        ("table", "instrument", 1, "precedence: instrument over table"),
        ("newsletter", "newsletter", 0, "first-recorded"),
    ],
)
def test_the_kinds_of_the_sources_choose_the_claim_and_name_the_rule(
    first: str, second: str, used: int, rule: str
) -> None:
    ledger = Ledger()
    ledger.take(NEWS, kind=first)
    (conflict, *rest) = noted(ledger, TABLE, kind=second)
    assert isinstance(conflict, ConflictNoted)
    assert (conflict.used, conflict.rule, conflict.kinds) == (used, rule, (first, second))
    assert (conflict.about, conflict.conflict) == ("version/5.3", None)
    assert bool(rest) == bool(used)


def test_where_the_newcomer_is_believed_the_day_of_all_that_took_its_day_from_the_version_follows() -> None:
    ledger = Ledger()
    ledger.take(NEWS, kind="newsletter")
    (conflict, *rest) = noted(ledger, TABLE, kind="table")
    first = {each.id: each.event.type for each in ledger.events}
    assert all(isinstance(each, FactCorrected) for each in rest)
    assert [first[each.supersedes] for each in rest] == [
        "VersionImplemented",
        "SectionDesignated",
        "SectionAmended",
        "TopicIntroduced",
    ]
    assert {each.fact.effective for each in rest} == {date(2017, 1, 17)}
    assert {each.reason for each in rest} == {conflict.rule}
    (known,) = [each.id for each in ledger.events if each.event is conflict]
    assert {each.causation_id for each in rest} == {known}


def test_a_change_whose_instrument_has_a_day_of_its_own_does_not_follow_the_version() -> None:
    by = act(effective=date(2017, 1, 26))
    ledger = Ledger()
    ledger.take(replace(NEWS, instruments=(by,)), kind="newsletter")
    told = noted(ledger, replace(TABLE, instruments=(by,)), kind="table")
    assert [each.fact.type for each in told[1:]] == ["VersionImplemented"]


def test_an_instrument_believed_to_be_of_another_day_takes_its_changes_with_it() -> None:
    ledger = Ledger()
    ledger.take(replace(NEWS, instruments=(act(effective=date(2017, 1, 20)),)), kind="newsletter")
    told = noted(ledger, replace(NEWS, instruments=(act(),)), kind="table")
    assert [each.type for each in told] == ["ConflictNoted"] + ["FactCorrected"] * 3
    assert {each.fact.effective for each in told[2:]} == {date(2017, 1, 26)}


def test_what_the_believed_source_does_not_hold_is_withdrawn_and_what_it_holds_more_is_recorded() -> None:
    ledger = Ledger()
    ledger.take(NEWS, kind="newsletter")
    other = (did("designated", "section/N4A"), did("amended", "section/L"))
    told = noted(ledger, replace(NEWS, changes=other), kind="table")
    assert [each.type for each in told] == ["ConflictNoted", "SectionAmended", "ConflictNoted", "FactRetracted"]
    assert isinstance(told[3], FactRetracted)
    assert [claim.fact is None for claim in told[2].claims] == [False, True]


def test_the_source_that_was_overruled_says_nothing_new_when_it_says_so_again() -> None:
    ledger = Ledger()
    ledger.take(NEWS, kind="newsletter")
    ledger.take(TABLE, kind="table")
    assert noted(ledger, NEWS, kind="page") == []
    assert [each.event.type for each in ledger.take(NEWS, text="the next newsletter", kind="newsletter")] == [
        "SourceReceived",
        "SourceRead",
    ]
