"""Small tables of the same kind with other sections, proposals, wordings and layouts, and what a careful person reads in them."""

from dataclasses import dataclass, replace

import pytest

from tests.ingest.reading.facts import Act, Row, change, codes_of, expected, read_cells, said
from tests.ingest.typesetter import Cells, Sheet

SOS = "Secretary of State"
X5 = "Modifications to SEC version {} as directed by the Secretary of State pursuant to SEC Section X5."
ABOVE = Cells("6.20", "1 April 2017", (X5.format("6.19"),), ("Amendments to Section B.",))
FIRST = Row("6.20", "2017-04-01", [Act(SOS, ["SEC X5"], "6.19")], [change("amended", "section", "B")])
ACT = Act(SOS, ["SEC X5"], "6.20")


@dataclass(frozen=True)
class Table:
    """The row under the first one, what it says, and of what the reader warns."""

    cells: Cells
    row: Row
    warned: tuple[str, ...]
    sheet: Sheet


def amended(*refs: str, kind: str = "section", **more: object) -> list[tuple[object, ...]]:
    return [change("amended", kind, ref, **more) for ref in refs]  # type: ignore[arg-type]


def table(
    *overview: str, changes: object = (), acts: object = (ACT,), reason: object = X5.format("6.20"), label: str = "6.21",
    date: str = "29th November 2019", effective: str | None = "2019-11-29", topics: object = (), warned: tuple[str, ...] = (),
    sheet: Sheet = Sheet(),  # noqa: B008 - frozen
) -> Table:  # fmt: skip
    reasons = (reason,) if isinstance(reason, str) else reason
    row = Row(label, effective, acts, changes, topics)  # type: ignore[arg-type]
    return Table(Cells(label, date, reasons, overview), row, warned, sheet)  # type: ignore[arg-type]


VOTED = "Implementation of Modification Proposals approved via Change Board vote on 23 October 2019."
BY_PANEL = "Modifications to SEC version 6.20 as approved by the SEC Panel on 2nd June 2019"
BY_VOTE = Act("Change Board", [], "6.20", inferred=True, proposals=["DP099", "MP102A"], decided="2019-10-23")
BY_TWO = Act("Authority", [], "6.20", inferred=True, proposals=["SECMP0049"], decided="2019-05-03")

TABLES = {
    "a later scheme of labels": table("Amendments to Section D.", changes=amended("D"), label="27.0", date="4 November 2021",
                                      effective="2021-11-04"),
    "proposals of other series": table(
        "Amendments to Sections D, E1 and F4.9 due to the implementation of DP099 ‘Incorporation of SMETS2 v5’.", "",
        "Amendments to Schedules 8 and 9 due to implementation of MP102A “Power Outage Alerts – Part 1”.",
        reason=VOTED, acts=[BY_VOTE], changes=[*amended("D", "E1", "F4.9", proposal="DP099"),
                                               *amended("8", "9", kind="schedule", proposal="MP102A")]),
    "straight quotes with a provision in them": table(
        "Amendments to Section D due to implementation of SECMP0049 'Section D Review: Amendments to the SEC Modification Process'.",
        reason="Implementation of a Modification Proposal approved by the Authority on 3rd May 2019.", acts=[BY_TWO],
        changes=amended("D", proposal="SECMP0049"), sheet=Sheet(reason=17, overview=29, doubled=False)),
    "ranges of whole sections": table("Amendments to Sections A, C to E, and G3.4(b)", changes=amended("A", "C-E", "G3.4(b)")),
    "a version in brackets": table(
        "Designation of Appendix AK – Smart Meter Testing Approach Document (version 1.3)",
        changes=[change("designated", "appendix", "AK", "Smart Meter Testing Approach Document", version="1.3")],
        sheet=Sheet(date=9, reason=40, overview=24)),
    "the panel acts": table("Amendments to Sections M8 and C.", reason=BY_PANEL, changes=amended("M8", "C"),
                            acts=[Act("SEC Panel", [], "6.20", decided="2019-06-02")]),
    "the Authority directs, with effect from a day": table(
        "Amendments to Section K.", reason="Modifications to SEC version 6.20 as directed by the Authority with effect from 2 June 2019",
        acts=[Act("Authority", [], "6.20", effective="2019-06-02")], changes=amended("K")),
    "to take effect": table(
        "Deletion of Section T (Testing During Transition)",
        reason="Modifications to SEC version 6.20 as directed by the Secretary of State under Section X5 of the SEC, to take effect on 3 June 2019",
        acts=[Act(SOS, ["SEC X5"], "6.20", effective="2019-06-03")],
        changes=[change("deleted", "section", "T", "Testing During Transition")]),
    "an urgent proposal": table(
        "Amendments to Section J.", reason="Urgent Modification Proposal SECMP0064 approved by the Authority on 3rd May 2019.",
        acts=[Act("Authority", [], "6.20", inferred=True, proposals=["SECMP0064"], decided="2019-05-03")],
        changes=amended("J", proposal="SECMP0064")),
    "kinds and a colon before a list in one sentence": table(
        "Designation of SEC Appendices: Appendix AK – Widget Policy; Appendix AL – Widget Procedure.",
        changes=[change("designated", "appendix", "AK", "Widget Policy"), change("designated", "appendix", "AL", "Widget Procedure")]),
    "housekeeping": table("Housekeeping amendments to Section G and Appendix C",
                          changes=[*amended("G"), *amended("C", kind="appendix")]),
    "gerunds": table("Amending Section G and designating Appendix AZ.",
                     changes=[*amended("G"), change("designated", "appendix", "AZ")]),
    "another Act": table(
        "Designation of Section P2A.", acts=[Act(SOS, ["Electricity Act 1989 s56(3)", "Energy Act 2008 s89"], "6.20")],
        reason="Modifications to SEC version 6.20 as directed by the Secretary of State pursuant to section 56(3) of the Electricity Act "
        "1989 and section 89 of the Energy Act 2008.", changes=[change("designated", "section", "P2A")]),
    "every Section, named by none": table("Amendments to all Sections", warned=("unknown-wording",)),
    "a day and month that may be a month and day": table(
        "Amendments to Section G.", date="01/04/2018", effective=None, changes=amended("G"), warned=("ambiguous-date",)),
    "a day in numbers": table("Amendments to Section G.", date="25.04.2018", effective="2018-04-25", changes=amended("G")),
    "a day that there is not": table("Amendments to Section G.", date="31st June 2019", effective=None, changes=amended("G"),
                                     warned=("impossible-date",)),
    "no day at all": table("Amendments to Section G.", date="To be confirmed", effective=None, changes=amended("G"),
                           warned=("unreadable-date",)),
    "a month and a year": table("Amendments to Section G.", date="June 2019", effective=None, changes=amended("G"),
                                warned=("unreadable-date",), sheet=Sheet(date=5)),
    "two days": table("Amendments to Section G.", date="28th February 2019 and 1st March 2019", effective=None,
                      changes=amended("G"), warned=("unreadable-date",)),
    "votes on two days": table(
        "Amendments to Section G.", reason="Implementation of two Modification Proposals approved via Change Board vote on 22nd May 2019 "
        "and 26th June 2019.", acts=[Act("Change Board", [], "6.20", inferred=True)], changes=amended("G"), warned=("several-dates",)),
    "a label below the one above": table("Amendments to Section G.", label="6.3", changes=amended("G"), warned=("label-out-of-order",)),
    "a label for the second time": table("Amendments to Section G.", label="6.20", changes=amended("G"), warned=("label-doubled",)),
    "a row out of order": table("Amendments to Section G.", date="31st March 2017", effective="2017-03-31", changes=amended("G"),
                                warned=("date-out-of-order",)),
    "a suspension": table("Suspension of Section H5", warned=("unknown-action",)),
    "a repeal": table("Section Q is hereby repealed", warned=("unknown-wording",)),
    "another letter": table("Renumbering of Appendix B as Appendix BA", warned=("unknown-action",)),
    "a range that is none": table("Amendments to Sections H5 to H3", warned=("unknown-wording",)),
    "a range of different depths": table("Amendments to Section B and Sections H5 to H7.3", changes=amended("B"),
                                         warned=("unknown-reference",)),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_a_table_not_seen_before_says_what_a_careful_person_reads(name: str) -> None:
    one = TABLES[name]
    reading = read_cells([ABOVE, one.cells], one.sheet)
    assert [said(version) for version in reading.versions] == [expected(FIRST), expected(one.row)]
    assert codes_of(reading) == list(one.warned)


@pytest.mark.parametrize("name", TABLES)
def test_a_row_below_it_is_read_on_its_own(name: str) -> None:
    one = TABLES[name]
    below = Cells("7.0", "30th November 2029", (X5.format(one.row.label),), ("Activation of Section C4.",))
    reading = read_cells([ABOVE, one.cells, below], one.sheet)
    assert [said(version) for version in reading.versions[:2]] == [expected(FIRST), expected(one.row)]
    (act,) = reading.versions[2].instruments
    assert act.base_version == one.row.label
    assert [change.ref for change in reading.versions[2].changes] == ["C4"]


@pytest.mark.parametrize("name", TABLES)
def test_wherever_a_page_ends_in_it_it_says_the_same_or_what_is_unclear(name: str) -> None:
    one = TABLES[name]
    below = Cells("7.0", "30th November 2029", (X5.format(one.row.label),), ("Activation of Section C4.",))
    # A Reason can end in a blank paragraph, which on a later page stands where the Overview goes on.
    padded = replace(one.cells, reason=(*one.cells.reason, ""))
    for lines in range(9, 29, 3):
        sheet = replace(one.sheet, lines=lines)
        reading = read_cells([ABOVE, (one.cells, padded)[lines % 2], below], sheet)
        assert len(reading.versions) == 3, sheet
        more = [
            warning for warning in reading.warnings if warning.row == one.row.label and warning.code not in one.warned
        ]
        assert more or said(reading.versions[1]) == expected(one.row), sheet
