from dataclasses import replace
from datetime import date

import pytest

from events.catalogue import Event
from events.knowing_better import ConflictNoted
from services.ingest.reading import ReadVersion
from tests.ingest.deciding.ledger import Ledger, act, did, row, told, topic

BOARD = act(
    "Change Board", proposals=("SECMP0022",), decided_on=date(2016, 11, 23), base_version="5.1", base_inferred=True
)
FIRST = row("5.1", "2016-12-14", did("amended", "section/L"))
SECOND = row("5.2", "2016-12-21", did("amended", "section/M", title="M"), acts=[BOARD], topics=[topic("Other")])
THIRD = row("5.3", "2017-01-26", did("designated", "section/N4A"))


def test_the_same_document_twice_adds_nothing() -> None:
    ledger = Ledger()
    assert ledger.take(FIRST, SECOND)
    assert ledger.take(FIRST, SECOND) == []


def test_a_longer_edition_adds_its_arrival_and_its_new_rows() -> None:
    ledger = Ledger()
    ledger.take(FIRST, SECOND)
    added = ledger.take(FIRST, SECOND, THIRD)
    assert [each.event.type for each in added[:2]] == ["SourceReceived", "SourceRead"]
    assert told(added) == [
        "ModificationDirected sec/instrument/5.3-1",
        "VersionImplemented sec/version/5.3",
        "SectionDesignated sec/section/N4A",
    ]


def test_an_edition_that_lacks_rows_or_starts_later_is_no_contradiction() -> None:
    ledger = Ledger()
    ledger.take(FIRST, SECOND, THIRD)
    assert told(ledger.take(FIRST)) == []
    unbased = replace(SECOND, instruments=(replace(BOARD, base_version=None, base_inferred=False),))
    assert told(ledger.take(unbased, THIRD)) == []


def test_an_edition_that_goes_on_where_the_last_one_ended_knows_the_row_before() -> None:
    whole, parts = Ledger(), Ledger()
    whole.take(FIRST, SECOND)
    parts.take(FIRST)
    parts.take(replace(SECOND, instruments=(replace(BOARD, base_version=None, base_inferred=False),)))
    assert parts.facts() == whole.facts()


@pytest.mark.parametrize(
    ("now", "about"),
    [
        (replace(SECOND, effective=date(2016, 12, 22)), "version/5.2"),
        (replace(SECOND, instruments=(replace(BOARD, decided_on=None),)), "instrument/5.2-1"),
        (replace(SECOND, instruments=(replace(BOARD, authority="Secretary of State"),)), "instrument/5.2-1"),
        (replace(SECOND, changes=()), "change/5.2/amended/section/M"),
        (replace(SECOND, changes=(*SECOND.changes, did("amended", "section/Q"))), "change/5.2/amended/section/Q"),
        (replace(SECOND, changes=(did("amended", "section/M", title="Em"),)), "change/5.2/amended/section/M"),
        (replace(SECOND, changes=(did("amended", "section/M", title="M", proposal="SECMP1"),)), "change/5.2/amended/section/M"),
        (replace(SECOND, topics=(topic("Others"),)), "topic/5.2"),
    ],
)  # fmt: skip
def test_a_row_that_says_something_else_is_one_contradiction_noted_once(now: ReadVersion, about: str) -> None:
    ledger = Ledger()
    ledger.take(FIRST, SECOND)
    before = ledger.facts()
    noted = [each.event for each in ledger.take(FIRST, now)][2:]
    assert [type(each).__name__ for each in noted] == ["ConflictNoted"]
    assert isinstance(noted[0], ConflictNoted)
    assert (noted[0].about, noted[0].used, noted[0].rule, noted[0].version) == (about, 0, "first-recorded", "5.2")
    assert told(ledger.take(FIRST, now, text="the same said by another document")) == []
    assert [each for each in ledger.facts() if each["type"] != "ConflictNoted"] == before


def test_a_contradiction_holds_both_claims_and_goes_to_the_stream_of_the_fact() -> None:
    ledger = Ledger()
    first = ledger.take(FIRST)
    (noted,) = ledger.take(replace(FIRST, effective=date(2016, 12, 15)))[2:]
    recorded = next(each for each in first if each.stream == "sec/version/5.1")
    assert noted.stream == "sec/version/5.1"
    assert isinstance(noted.event, ConflictNoted)
    assert noted.event.recorded == recorded.id
    claims = noted.event.claims
    assert [each.fact and each.fact.effective for each in claims] == [date(2016, 12, 14), date(2016, 12, 15)]
    assert len({each.source.sha256 for each in claims if each.source}) == 2


def test_a_change_that_only_one_source_holds_is_a_claim_without_a_fact() -> None:
    ledger = Ledger()
    ledger.take(FIRST)
    (more,) = _noted(ledger, replace(FIRST, changes=(*FIRST.changes, did("deleted", "section/Q"))))
    assert (more.recorded, more.claims[0].fact) == (None, None)
    (less,) = _noted(ledger, replace(FIRST, changes=()))
    assert less.claims[1].fact is None
    assert less.recorded is not None


def test_a_label_twice_in_one_document_records_the_first_and_notes_the_second() -> None:
    ledger = Ledger()
    again = replace(FIRST, effective=date(2017, 1, 1))
    added = ledger.take(FIRST, again)
    assert told(added)[-1] == "ConflictNoted sec/version/5.1"
    assert [each.event.effective for each in added if each.event.type == "VersionImplemented"] == [date(2016, 12, 14)]
    assert ledger.take(FIRST, again) == []
    assert ledger.take(FIRST, again, reread=True, reader="r/2") == []


def test_a_change_made_by_two_proposals_is_two_changes_in_any_order() -> None:
    ledger = Ledger()
    one, two = (did("amended", "section/A", proposal=name) for name in ("SECMP1", "SECMP2"))
    assert told(ledger.take(row("1.0", "2016-01-01", one, two))).count("SectionAmended sec/section/A") == 2
    assert told(ledger.take(row("1.0", "2016-01-01", two, one))) == []
    (less,) = _noted(ledger, row("1.0", "2016-01-01", two))
    assert less.claims[0].fact is not None
    assert getattr(less.claims[0].fact, "proposal", None) == "SECMP1"


def _noted(ledger: Ledger, *rows: ReadVersion) -> list[ConflictNoted]:
    events: list[Event] = [each.event for each in ledger.take(*rows)]
    return [each for each in events if isinstance(each, ConflictNoted)]
