from datetime import date

from events.changes import SectionAmended
from events.facts import ModificationDirected, SourceRead, VersionImplemented
from tests.ingest.deciding.ledger import Ledger, act, did, row, told, topic


def test_a_document_is_received_then_read_then_told_row_by_row_causes_first() -> None:
    added = Ledger().take(
        row("5.3", "2017-01-26", did("amended", "section/N"), topics=[topic("Other changes")]),
        row("5.4", "2017-02-09", did("designated", "schedule/11", instrument=1), acts=[act(), act()]),
    )
    assert [each.event.type for each in added[:2]] == ["SourceReceived", "SourceRead"]
    assert told(added) == [
        "ModificationDirected sec/instrument/5.3-1",
        "VersionImplemented sec/version/5.3",
        "SectionAmended sec/section/N",
        "TopicIntroduced sec/version/5.3",
        "ModificationDirected sec/instrument/5.4-1",
        "ModificationDirected sec/instrument/5.4-2",
        "VersionImplemented sec/version/5.4",
        "ScheduleDesignated sec/schedule/11",
    ]
    assert {each.event.causation_id for each in added[2:]} == {added[1].id}


def test_a_topic_written_before_a_change_is_told_before_it() -> None:
    added = Ledger().take(
        row("1.0", "2013-09-23", did("amended", "section/A", spans=((8, 9),)), topics=[topic("x", 5)])
    )
    assert told(added)[-2:] == ["TopicIntroduced sec/version/1.0", "SectionAmended sec/section/A"]


def test_who_directs_is_for_the_code_to_say() -> None:
    added = Ledger().take(row("5.1", "2016-12-14", acts=[act("Change Board"), act("Authority"), act()]))
    assert [each.event.type for each in added[2:5]] == [
        "ModificationApproved",
        "ModificationApproved",
        "ModificationDirected",
    ]


def test_the_act_that_designates_the_code_is_instrument_and_change_in_one() -> None:
    added = Ledger().take(row("1.0", "2013-09-23", did("designated", "code/SEC")))
    assert told(added) == ["CodeDesignated sec/instrument/1.0-1", "VersionImplemented sec/version/1.0"]


def test_the_code_designated_by_nobody_named_is_a_change_alone() -> None:
    added = Ledger().take(row("1.0", "2013-09-23", did("designated", "code/SEC", instrument=None), acts=[]))
    assert told(added) == ["VersionImplemented sec/version/1.0", "ProvisionDesignated sec/code/SEC"]


def test_a_change_takes_its_instruments_own_day_where_it_has_one() -> None:
    acts = [act(), act("SEC Panel", effective=date(2016, 8, 17))]
    panel, state = did("amended", "section/D6.3-D6.4", instrument=1), did("amended", "section/A")
    added = Ledger().take(row("4.15", "2016-08-18", panel, state, acts=acts))
    assert [each.event.effective for each in added if isinstance(each.event, SectionAmended)] == [
        date(2016, 8, 17),
        date(2016, 8, 18),
    ]
    assert [each.event.effective for each in added if each.event.type.startswith("Modification")] == [
        None,
        date(2016, 8, 17),
    ]


def test_a_version_names_the_row_before_and_the_base_that_is_written_first() -> None:
    acts = [act(base_version="4.7", base_inferred=True), act(base_version="4.6")]
    added = Ledger().take(row("4.7", "2016-02-09"), row("4.8", "2016-02-10", acts=acts))
    versions = [each.event for each in added if isinstance(each.event, VersionImplemented)]
    assert [(each.previous, each.base_version, each.instruments) for each in versions] == [
        (None, None, ("4.7-1",)),
        ("4.7", "4.6", ("4.8-1", "4.8-2")),
    ]


def test_the_source_speaks_up_to_its_last_legal_day() -> None:
    read = Ledger().take(row("1.0", "2018-05-31"), row("1.1", "2018-05-01"), row("1.2", None))[1].event
    assert isinstance(read, SourceRead)
    assert (read.rows, read.up_to_date_as_of) == (3, date(2018, 5, 31))


def test_facts_quote_the_words_at_their_spans_folded_and_cut_at_a_thousand() -> None:
    long = "word  \n" * 400
    added = Ledger().take(row("1.0", "2018-05-31", acts=[act(spans=((0, 11), (2789, 2793)))]), text=long)
    version, quoted = next(each.event for each in added if isinstance(each.event, ModificationDirected)), "word word"
    assert version.source is not None
    assert version.source.quote.startswith(quoted)
    whole = row("1.0", "2018-05-31", acts=[act(spans=((0, len(long)),))])
    source = Ledger().take(whole, text=long)[2].event.source
    assert source is not None
    assert len(source.quote) == 1_000
    assert source.quote.endswith("…")


def test_a_change_longer_than_the_log_holds_is_told_and_not_recorded() -> None:
    ledger = Ledger()
    added = ledger.take(row("1.0", "2018-05-31", did("amended", "section/" + "A" * 400), did("amended", "section/B")))
    assert told(added)[2:] == ["SectionAmended sec/section/B"]
    assert ledger.last is not None
    assert [each.code for each in ledger.last.warnings] == ["too-long"]
