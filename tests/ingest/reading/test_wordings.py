"""The table's ways of saying things, of other provisions than the shipped one's: lists, ranges, versions, proposals, acts."""

import pytest

from services.ingest.reading import Reading
from tests.ingest.reading.facts import DIRECTED, change, read_cells, read_overview, said
from tests.ingest.typesetter import Cells

BOARD = "Implementation of a Modification Proposal approved via Change Board vote on 3rd May 2018."


def facts(reading: Reading) -> list[object]:
    assert reading.unread == ()
    assert reading.warnings == ()
    assert reading.coverage.ratio == 1.0
    (version,) = reading.versions
    changes = said(version)["changes"]
    assert isinstance(changes, list)
    return changes


def documents(action: str, **titles: str) -> list[object]:
    return [change(action, "document", ref.replace("_", "-"), title) for ref, title in titles.items()]


def sections(action: str, *refs: str, **more: str) -> list[object]:
    return [change(action, "section", ref, **more) for ref in refs]


LISTS = {
    "Activation of Sections K1, K2 and K3.22": sections("activated", "K1", "K2", "K3.22"),
    "Amendments to Section B, Section D and Section T.": sections("amended", "B", "D", "T"),
    "Amendments to SEC Sections B and D": sections("amended", "B", "D"),
    "Deletion of Section Q": sections("deleted", "Q"),
    "Appendix CF removed": [change("deleted", "appendix", "CF")],
    "Removal of Sections Q and R from the SEC; and amendments to Section B": [
        *sections("deleted", "Q", "R"),
        *sections("amended", "B"),
    ],
    "Amendments to Sections B and D in respect of SMETS1": sections("amended", "B", "D"),
    "Amendment of Sections K4.5(a), W2.1 (b), W2.2 (ii) and K14.31A": sections(
        "amended", "K4.5(a)", "W2.1(b)", "W2.2(ii)", "K14.31A"
    ),
    "Amendments to SEC Section M ‘General’, Section K “Widget Methodology” and Appendix CX – ‘Widget Procedure’": [
        change("amended", "section", "M", "General"),
        change("amended", "section", "K", "Widget Methodology"),
        change("amended", "appendix", "CX", "Widget Procedure"),
    ],
    "Designation of the Widget Release Policy (WRP) as Appendix CT and the Key Plan as a new Appendix CU": [
        change("designated", "appendix", "CT", "Widget Release Policy"),
        change("designated", "appendix", "CU", "Key Plan"),
    ],
    "Amendments to Section D6.3 to D6.4.": sections("amended", "D6.3-D6.4"),
    "Activation of Section K10.9-K10.13": sections("activated", "K10.9-K10.13"),
    "Deletion of Appendices W to Y": [change("deleted", "appendix", "W-Y")],
    "Activation of Section K3 (DCC Things), but excluding K3.27": [
        change("activated", "section", "K3", "DCC Things", exclusions=["K3.27"])
    ],
    "Activation of Section K3, excluding K3.1 and K3.2, and Section K4": [
        change("activated", "section", "K3", exclusions=["K3.1", "K3.2"]),
        change("activated", "section", "K4"),
    ],
    "Designation of Appendix BT - Gateway Policy, Appendix BU- Gateway Interface Procedure, and Appendix BV: Key Plan.": [
        change("designated", "appendix", "BT", "Gateway Policy"),
        change("designated", "appendix", "BU", "Gateway Interface Procedure"),
        change("designated", "appendix", "BV", "Key Plan"),
    ],
    "Designation of Appendix BV - DCCKI Widget CoCo and DCCKI Repository CoCo.": [
        change("designated", "appendix", "BV", "DCCKI Widget CoCo and DCCKI Repository CoCo")
    ],
    "SEC Appendices D, E and F deleted and re-designated.": [
        change(action, "appendix", ref) for ref in "DEF" for action in ("deleted", "redesignated")
    ],
    "Amendments to Section G: Widget Meters, including the designation of a new Section G4A": [
        change("amended", "section", "G", "Widget Meters"),
        change("designated", "section", "G4A"),
    ],
    "Designation of provisions for Interim Widget Testing (Section W9).": [
        change("designated", "section", "W9", "Interim Widget Testing")
    ],
    "Redesignation of an updated version of SEC Appendix CJ – Widget Testing Approach Document.": [
        change("redesignated", "appendix", "CJ", "Widget Testing Approach Document")
    ],
    "Amendments made to Sections B and D": sections("amended", "B", "D"),
    "Amended Sections B and D due to SECMP0042": sections("amended", "B", "D", proposal="SECMP0042"),
    "Amendments to the following: Section F; Schedule 8; Appendix CB": [
        *sections("amended", "F"),
        change("amended", "schedule", "8"),
        change("amended", "appendix", "CB"),
    ],
    "Amendments to the following SEC Sections: B, D and T": sections("amended", "B", "D", "T"),
    "Amendments to the following Subsidiary Documents: Appendix CT and Appendix CU": [
        change("amended", "appendix", "CT"),
        change("amended", "appendix", "CU"),
    ],
    "Designation of the following Appendices: CT - Widget Document; and CU – Key Plan": [
        change("designated", "appendix", "CT", "Widget Document"),
        change("designated", "appendix", "CU", "Key Plan"),
    ],
    "November 2019 SEC Release: amendments to Sections B and D": sections("amended", "B", "D"),
    "June 2020 Release – MP079: amendments to Section B": sections("amended", "B", proposal="MP079"),
    "MP079 and SECMP0019 “Widgets”: amendments to Section B": [
        *sections("amended", "B", proposal="MP079"),
        *sections("amended", "B", proposal="SECMP0019"),
    ],
    "Designation of Section P – Production Proving; and amendments to Section A and Section X as directed by the Secretary of "
    "State.": [change("designated", "section", "P", "Production Proving"), *sections("amended", "A", "X")],
}
VERSIONS = {
    "Amendments to Schedule 7 – SMETS1 v1.2, Schedule 7 – SMETS2 v2.0 and Schedule 11 – TS Widget Tables.": [
        change("amended", "schedule", "7", spec="SMETS1", version="1.2"),
        change("amended", "schedule", "7", spec="SMETS2", version="2.0"),
        change("amended", "schedule", "11", "TS Widget Tables"),
    ],
    "Re-designation of Appendix BC – Inventory Widget Procedures (version 1.2); and Appendix BD – Interface Specification "
    "(version 1.1).": [
        change("redesignated", "appendix", "BC", "Inventory Widget Procedures", version="1.2"),
        change("redesignated", "appendix", "BD", "Interface Specification", version="1.1"),
    ],
    "The Secretary of State direction designates Schedule 12 and Widget Equipment Technical Specifications Version 1.2.": [
        change("designated", "schedule", "12"),
        change(
            "designated", "document", "widget-equipment-technical-specifications", "Widget Equipment Technical Specifications",
            version="1.2",
        ),
    ],
}  # fmt: skip
DOCUMENTS = {
    "Designation of the Widget Gateway Code of Connection as a Subsidiary Document": documents(
        "designated", widget_gateway_code_of_connection="Widget Gateway Code of Connection"
    ),
    "Designation of the SMKI and Widget Test Scenarios Document and Subsidiary Document": documents(
        "designated", smki_and_widget_test_scenarios_document="SMKI and Widget Test Scenarios Document"
    ),
    "Designation of the Widget Policies and Procedure (W RAPP) and Widget Recovery Procedure": documents(
        "designated", widget_policies_and_procedure="Widget Policies and Procedure", widget_recovery_procedure="Widget Recovery Procedure"
    ),
    "Designation of Widget Interface Specification, Widget Code of Connection and the Common Widget Document.": documents(
        "designated", widget_interface_specification="Widget Interface Specification",
        widget_code_of_connection="Widget Code of Connection", common_widget_document="Common Widget Document",
    ),
}  # fmt: skip


@pytest.mark.parametrize("words", [*LISTS, *VERSIONS, *DOCUMENTS])
def test_an_overview_says_these_changes_and_no_others(words: str) -> None:
    assert facts(read_overview(words)) == {**LISTS, **VERSIONS, **DOCUMENTS}[words]


PROPOSALS = {
    "Amendment to Section L due to SECMP0122 “Expanding Section Q and removing Appendix B”": [("L", "SECMP0122")],
    "Amendments to Sections A and J due to implementation of SECMP0116 “Consideration of “maximum value” in cover”.": [
        ("A", "SECMP0116"), ("J", "SECMP0116"),
    ],
    "Amendments to Section A due to implementation of MP102A “Updates to SEC Schedule 5 – Lists”.": [("A", "MP102A")],
    "Amendments to Section A due to implementation of DP099": [("A", "DP099")],
    "Amendments to Section A due to SECMP0101 and SECMP0102": [("A", "SECMP0101"), ("A", "SECMP0102")],
    "Amendments to Section A due to SECMP 0101": [("A", "SECMP0101")],
    "SECMP0122 “Expanding Section Q” – amendments to Section L and deletion of Section M": [
        ("L", "SECMP0122"), ("M", "SECMP0122"),
    ],
    "MP122: amendments to Section L": [("L", "MP122")],
}  # fmt: skip


@pytest.mark.parametrize("words", PROPOSALS)
def test_a_change_names_the_proposal_that_made_it(words: str) -> None:
    reading = read_overview(words, reason=BOARD)
    facts(reading)
    assert [(change.ref, change.proposal) for change in reading.versions[0].changes] == PROPOSALS[words]
    (act,) = reading.versions[0].instruments
    assert act.proposals == tuple(dict.fromkeys(proposal for _, proposal in PROPOSALS[words]))
    assert (act.authority, str(act.decided_on), act.base_version) == ("Change Board", "2018-05-03", None)


RELEASES = (
    "November 2019 SEC Release: MP079, SECMP0019",
    "June 2020 Release – MP079 “Amendments to Section G” and SECMP0019 – “Widgets”",
    "Implementation of Modification Proposals MP079 “Widgets” and SECMP0019",
)


@pytest.mark.parametrize("words", RELEASES)
def test_proposals_made_part_of_the_code_with_no_word_of_where_are_a_topic_and_of_the_act(words: str) -> None:
    reading = read_overview(words, reason=BOARD)
    assert facts(reading) == []
    (version,) = reading.versions
    assert [topic.text for topic in version.topics] == [words]
    assert version.instruments[0].proposals == ("MP079", "SECMP0019")


def test_two_proposals_under_one_heading_keep_their_own_changes() -> None:
    reading = read_overview(
        "Implementation of Modification Proposals:", "", "• Amendment to Section L due to SECMP0122 “Expanding things”", "",
        "• Amendments to Schedule 5 due to SECMP0120 “Removal of the identifiers listed in SEC Schedule 6”",
        reason="Implementation of two Modifications Proposals approved via Change Board vote on 23rd November 2016.",
    )  # fmt: skip
    assert facts(reading) == [
        change("amended", "section", "L", proposal="SECMP0122"),
        change("amended", "schedule", "5", proposal="SECMP0120"),
    ]
    assert reading.versions[0].instruments[0].proposals == ("SECMP0122", "SECMP0120")


def test_a_list_under_its_heading_takes_action_and_standing_from_it() -> None:
    heading = "Designation of new SEC Schedules and Appendices to sit alongside existing versions:"
    reading = read_overview(
        heading, "", "• Schedule 7 – GBCS v2.0", "• Schedule 7 – GBCS v3.0", "• Appendix BF – MMC v2.0"
    )
    assert facts(reading) == [
        change("designated", "schedule", "7", spec="GBCS", version="2.0", alongside=True),
        change("designated", "schedule", "7", spec="GBCS", version="3.0", alongside=True),
        change("designated", "appendix", "BF", spec="MMC", version="2.0", alongside=True),
    ]


TOPICS = (
    "Housekeeping changes to the SEC",
    "Widget Financing Provisions",
    "SEC9 amendments to sections of SEC already in force",
    "SEC9.1 amendments to sections already in force",
    "Amendments to sections of SEC already in force",
    "Amendments to SEC sections already in force",
    "Designation of further Widget provisions",
    "SEC Schedule 6 providing a Specimen Widget Agreement",
    "Updating the SEC to reflect abolition of the National Widget Council",
)


@pytest.mark.parametrize("words", TOPICS)
def test_a_subject_without_a_provision_is_a_topic_and_no_change(words: str) -> None:
    reading = read_overview(words)
    assert facts(reading) == []
    assert [(topic.text, topic.instrument) for topic in reading.versions[0].topics] == [(words, 0)]


BASES = {
    "pursuant to section 88(1) of the Energy Act 2008": ["Energy Act 2008 s88(1)"],
    "pursuant to Section 88 (1) and 89 of the Energy Act 2008.": ["Energy Act 2008 s88(1)", "Energy Act 2008 s89"],
    "pursuant to section 12 of the Widgets Act 2031": ["Widgets Act 2031 s12"],
    "in accordance with SEC Section X5.4 and Condition 22 of the DCC Licence": ["SEC X5.4", "DCC Licence Condition 22"],
    "pursuant to SEC Section X3.1, X5 and Condition 22.27 of the DCC Licence": [
        "SEC X3.1", "SEC X5", "DCC Licence Condition 22.27",
    ],
    "in accordance with SEC Section X3.1, SEC Section X5.4 and Condition 9 of the DCC Licence": [
        "SEC X3.1", "SEC X5.4", "DCC Licence Condition 9",
    ],
    "pursuant to Section 88(1) of the Energy Act 2008, and pursuant to SEC Appendix BJ.": [
        "Energy Act 2008 s88(1)", "SEC Appendix BJ",
    ],
    "pursuant to Section 89 of the Energy Act 2008, and pursuant to SEC Sections X3.1, X5, and X6": [
        "Energy Act 2008 s89", "SEC X3.1", "SEC X5", "SEC X6",
    ],
}  # fmt: skip


ACTS = {
    "Implementation of a Modification Proposal as approved by the Change Board on 3rd May 2018.": "Change Board",
    "Implementation of SECMP0712, approved by the SEC Change Board on 3rd May 2018.": "Change Board",
    "Implementation of a Modification Proposal under the Fast-Track route approved by the SEC Panel on 3rd May 2018": "SEC Panel",
    "Implementation of three Modification Proposals via the Self-Governance process, as decided by the Panel on 3 May 2018": "SEC Panel",
    "Implementation of an Authority-led Variation (MP712) as determined by Ofgem on 3rd May 2018": "Authority",
    "Authority-Led Variation MP712, as determined by the Authority on 3rd May 2018": "Authority",
    "Implementation of MP712 and MP713, with effect from 21st May 2018, as determined by Ofgem on 3rd May 2018": "Authority",
    "Modifications as approved by the Panel on 3rd May 2018, coming into force on 21st May 2018": "SEC Panel",
    "Modifications as approved by the Panel on 3rd May 2018, w.e.f. 21/05/2018": "SEC Panel",
    "Modifications as decided by the Authority (Ofgem) on 3rd May 2018": "Authority",
    "Implementation of MP712 approved by the Gas and Electricity Markets Authority (GEMA) on 3rd May 2018": "Authority",
    "Modifications directed by the Secretary of State (DESNZ) on 3rd May 2018": "Secretary of State",
    "Modifications as directed by the Department for Energy Security and Net Zero on 3rd May 2018": "Secretary of State",
}


@pytest.mark.parametrize("reason", ACTS)
def test_an_act_is_that_of_the_body_under_whichever_name(reason: str) -> None:
    reading = read_cells([Cells("5.1", "21st May 2018", (reason,), ("Amendments to Section B",))])
    assert (reading.unread, reading.warnings) == ((), ())
    [version] = reading.versions
    assert [(each.authority, str(each.decided_on)) for each in version.instruments] == [(ACTS[reason], "2018-05-03")]


@pytest.mark.parametrize("day", ["26.01.2011", "26/01/2011", "2011-01-26", "26 Jan 2011"])
def test_a_day_of_decision_is_read_before_a_full_stop(day: str) -> None:
    reading = read_overview("Amendments to Section B", reason=f"Modifications as approved by the Panel on {day}.")
    facts(reading)
    assert str(reading.versions[0].instruments[0].decided_on) == "2011-01-26"


def test_of_an_act_of_two_bodies_none_is_taken_for_whose_it_is() -> None:
    reason = "Implementation of SECMP0712 and SECMP0713 approved by the Authority on 2nd May 2018 and by the Change Board on 3rd May 2018"
    reading = read_cells([Cells("5.1", "21st May 2018", (reason,), ("Amendments to Section B",))])
    [version] = reading.versions
    assert version.instruments == ()
    assert {each.code for each in reading.warnings} == {"unknown-reason"}


def test_a_body_that_is_glossed_as_another_is_itself_and_that_is_said() -> None:
    reason = "Modifications as approved by the Authority (BEIS) on 3rd May 2018"
    reading = read_cells([Cells("5.1", "21st May 2018", (reason,), ("Amendments to Section B",))])
    [version] = reading.versions
    assert [each.authority for each in version.instruments] == ["Authority"]
    assert [each.text for each in reading.unread] == ["(BEIS)"]


@pytest.mark.parametrize("basis", BASES)
def test_legal_bases_are_listed_as_the_reason_names_them(basis: str) -> None:
    reason = f"Modification to SEC version 7.0 as directed by the Secretary of State {basis}"
    reading = read_overview("Amendments to Section B.", reason=reason)
    facts(reading)
    (act,) = reading.versions[0].instruments
    assert (act.authority, list(act.legal_basis), act.base_version) == ("Secretary of State", BASES[basis], "7.0")


FIRST = DIRECTED.replace("SEC Section X5", "Section 89 of the Energy Act 2008")
PANEL = "Modification to SEC version 7.0 as directed by the SEC Panel pursuant to SECMP0117 with effect 1st March 2019."


def paired(*overview: str, second: str = DIRECTED) -> Reading:
    return read_cells([Cells("7.1", "3rd March 2019", (FIRST, "", second), overview)])


def acts_of(reading: Reading) -> list[tuple[str, int | None]]:
    return [(change.ref, change.instrument) for change in reading.versions[0].changes]


def test_paragraphs_that_stand_beside_their_reasons_belong_to_them() -> None:
    assert acts_of(paired("Amendments to Section B", "", "", "", "Designation of Appendix BJ – Widget Document")) == [
        ("B", 0),
        ("BJ", 1),
    ]


def test_an_act_of_a_proposal_gives_it_to_its_changes_and_has_a_day_of_its_own() -> None:
    reading = paired(
        "Re-designation of SEC Appendix J – Widget Document.", "", "Amendments to Section D.", second=PANEL
    )
    assert [(change.ref, change.proposal, change.instrument) for change in reading.versions[0].changes] == [
        ("J", None, 0), ("D", "SECMP0117", 1),
    ]  # fmt: skip
    act = reading.versions[0].instruments[1]
    assert (act.authority, act.proposals, str(act.effective)) == ("SEC Panel", ("SECMP0117",), "2019-03-01")


def test_with_more_paragraphs_than_reasons_the_act_of_a_change_stays_open() -> None:
    reading = paired("Amendments to Section B", "", "Amendments to Section C", "", "Amendments to Section D")
    assert acts_of(reading) == [("B", None), ("C", None), ("D", None)]


def test_a_direction_that_designates_is_the_act_that_is_no_statute() -> None:
    reading = paired(
        "Widgets and their testing.", "", "Widgets for testing.", "",
        "The Secretary of State direction designates Schedule 12.",
    )  # fmt: skip
    assert acts_of(reading) == [("12", 1)]


def test_an_act_without_a_base_version_builds_on_the_row_above_and_says_so() -> None:
    rows = [
        Cells("7.1", "3rd March 2019", (DIRECTED,), ("Amendments to Section B.",)),
        Cells("7.2", "4th March 2019", (BOARD,), ("Amendments to Section C due to SECMP0001.",)),
    ]
    acts = [version.instruments[0] for version in read_cells(rows).versions]
    assert [(act.base_version, act.base_inferred) for act in acts] == [("7.0", False), ("7.1", True)]


def test_a_base_that_is_not_the_row_above_is_kept_as_written_and_said() -> None:
    rows = [
        Cells("7.1", "3rd March 2019", (DIRECTED,), ("Amendments to Section B.",)),
        Cells("7.2", "4th March 2019", (DIRECTED.replace("7.0", "6.9"),), ("Amendments to Section C.",)),
    ]
    reading = read_cells(rows)
    assert reading.versions[1].instruments[0].base_version == "6.9"
    assert [(warning.code, warning.row) for warning in reading.warnings] == [("base-mismatch", "7.2")]


def test_the_first_publication_designates_the_whole_code() -> None:
    reading = read_overview(
        "First Publication",
        reason="Designation by The Secretary of State pursuant to section 3 of the Widgets Act 2031",
    )
    assert facts(reading) == [change("designated", "code", "SEC")]
    assert reading.versions[0].instruments[0].base_version is None


def test_a_scope_in_the_reason_is_no_change() -> None:
    scope = (
        "Activation of multiple SEC Sections, and incorporation of new Subsidiary Documents necessary for DCC Things."
    )
    reading = read_cells([Cells("7.1", "3rd March 2019", (DIRECTED, "", scope), ("Activation of SEC Section K2.",))])
    assert facts(reading) == [change("activated", "section", "K2")]
    assert len(reading.versions[0].instruments) == 1
