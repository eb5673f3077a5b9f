from dataclasses import replace
from datetime import date

from events.knowing_better import FactCorrected, FactRetracted
from tests.ingest.deciding.ledger import Ledger, act, did, document, row, told

ROW = row("5.3", "2017-01-26", did("amended", "section/N"))
TEXT = "one document, read by several readers"


def test_a_newer_reader_that_reads_the_same_adds_nothing() -> None:
    ledger = _read_once()
    moved = replace(ROW, spans=((1, 3),), changes=(replace(ROW.changes[0], spans=((1, 2),)),))
    assert ledger.take(moved, text=TEXT, reader="r/2", reread=True) == []


def test_what_a_newer_reader_reads_otherwise_is_corrected_after_a_new_reading() -> None:
    ledger = _read_once()
    recorded = {each.event.type: each.id for each in ledger.events}
    now = replace(ROW, instruments=(act(proposals=("SECMP0001",)),))
    added = ledger.take(now, text=TEXT, reader="r/2", reread=True)
    assert [each.event.type for each in added] == ["SourceRead", "FactCorrected"]
    assert added[1].stream == "sec/instrument/5.3-1"
    event = added[1].event
    assert isinstance(event, FactCorrected)
    assert (event.supersedes, event.reason) == (recorded["ModificationDirected"], "r/2 reads it otherwise than r/1")
    assert getattr(event.fact, "proposals", None) == ("SECMP0001",)
    assert ledger.take(now, text=TEXT, reader="r/2", reread=True) == []


def test_a_correction_of_a_correction_supersedes_the_first_event() -> None:
    ledger = _read_once()
    first = next(each.id for each in ledger.events if each.event.type == "SectionAmended")
    for number in (2, 3):
        now = replace(ROW, changes=(did("amended", "section/N", title=f"Title {number}"),))
        event = ledger.take(now, text=TEXT, reader=f"r/{number}", reread=True)[-1].event
        assert isinstance(event, FactCorrected)
        assert event.supersedes == first
    assert event.reason == "r/3 reads it otherwise than r/2"


def test_a_date_read_otherwise_corrects_all_that_follows_from_it() -> None:
    ledger = _read_once()
    added = ledger.take(replace(ROW, effective=date(2017, 1, 27)), text=TEXT, reader="r/2", reread=True)
    assert told(added) == ["FactCorrected sec/version/5.3", "FactCorrected sec/section/N"]


def test_what_is_read_no_more_is_retracted_and_what_is_new_is_recorded() -> None:
    ledger = _read_once()
    added = ledger.take(replace(ROW, changes=(did("amended", "section/M"),)), text=TEXT, reader="r/2", reread=True)
    assert sorted(told(added)) == ["FactRetracted sec/section/N", "SectionAmended sec/section/M"]


def test_a_row_that_is_read_no_more_is_retracted_whole() -> None:
    ledger = Ledger()
    ledger.take(ROW, row("5.4", "2017-02-09", did("amended", "section/M")), text=TEXT)
    added = ledger.take(ROW, text=TEXT, reader="r/2", reread=True)
    assert sorted(told(added)) == [
        "FactRetracted sec/instrument/5.4-1",
        "FactRetracted sec/section/M",
        "FactRetracted sec/version/5.4",
    ]
    assert ledger.take(ROW, text=TEXT, reader="r/2", reread=True) == []


def test_a_letter_that_its_row_is_read_to_give_no_more_is_retracted() -> None:
    ledger = Ledger()
    first = row("1.0", "2015-01-01", document("designated", "Gateway Policy"))
    ledger.take(first, row("2.0", "2016-01-01", did("redesignated", "appendix/G", "Gateway Policy")), text=TEXT)
    lettering = next(each.id for each in ledger.events if each.event.type == "DocumentLettered")
    other = row("2.0", "2016-01-01", did("redesignated", "appendix/G", "Gateway Specification"))
    added = ledger.take(first, other, text=TEXT, reader="r/2", reread=True)
    assert lettering in [each.event.supersedes for each in added if isinstance(each.event, FactRetracted)]


def test_what_another_source_recorded_is_contradicted_not_corrected() -> None:
    ledger = Ledger()
    ledger.take(ROW, text="another document")
    ledger.take(ROW, text=TEXT)
    now = replace(ROW, changes=(did("amended", "section/N", title="N"),))
    assert told(ledger.take(now, text=TEXT, reader="r/2", reread=True)) == ["ConflictNoted sec/section/N"]


def test_an_edition_that_went_on_from_the_ledger_reads_the_same_again() -> None:
    ledger = Ledger()
    ledger.take(row("5.2", "2016-12-21"), text="another document")
    ledger.take(ROW, text=TEXT)
    assert ledger.take(ROW, text=TEXT, reader="r/2", reread=True) == []


def test_a_document_not_received_before_is_recorded_all_the_same() -> None:
    assert "VersionImplemented sec/version/5.3" in told(Ledger().take(ROW, text=TEXT, reread=True))


def _read_once() -> Ledger:
    ledger = Ledger()
    ledger.take(ROW, text=TEXT)
    return ledger
