"""Wherever a page ends, a row says the same, or the reader says that it is unclear."""

import pytest

from services.ingest.reading import Reading
from tests.ingest.reading.facts import Act, Row, change, expected, read_cells, said
from tests.ingest.typesetter import Cells, Sheet

S88 = "Modifications to SEC version {} as directed by the Secretary of State pursuant to Section 88(1) of the Energy Act 2008"
X5 = "Modifications to SEC version {} as directed by the Secretary of State pursuant to SEC Section X5.4 and Condition 22 of the DCC Licence."
ACT = Act("Secretary of State", ["Energy Act 2008 s88(1)"], "8.0")
BY_X5 = Act("Secretary of State", ["SEC X5.4", "DCC Licence Condition 22"], "8.0")
ABOVE = Cells("8.0", "1st March 2030", (S88.format("7.9"),), ("Amendments to Section B.",))
BELOW = Cells("8.2", "3rd March 2030", (S88.format("8.1"),), ("Activation of Section C4.",))


def alongside(*versions: str) -> list[tuple[object, ...]]:
    return [
        change("designated", "schedule", "10", spec="GBCS", version=version, alongside=True) for version in versions
    ]


ROWS = {
    "a list and a paragraph under it": (
        (S88.format("8.0"),),
        ("Designation of new SEC Schedules to sit alongside existing versions:", "", "• Schedule 10 – GBCS v2.0",
         "• Schedule 10 – GBCS v3.1", "", "SEC Appendices BH, AN and BL deleted and re-designated."),
        Row("8.1", "2030-03-02", [ACT],
            [*alongside("2.0", "3.1"),
             *(change(action, "appendix", ref) for ref in ("BH", "AN", "BL") for action in ("deleted", "redesignated"))]),
    ),
    "a list of titles in brackets": (
        (X5.format("8.0"),),
        ("Activation of SEC Sections:", "• F3 (Panel Dispute Resolution Role)", "• H3 (DCC User Interface), but excluding H3.27",
         "• H6 (Decommissioning, Withdrawal & Suspension of Devices);", "• H10.9-H10.13 (Business Continuity)"),
        Row("8.1", "2030-03-02", [BY_X5],
            [change("activated", "section", "F3", "Panel Dispute Resolution Role"),
             change("activated", "section", "H3", "DCC User Interface", exclusions=["H3.27"]),
             change("activated", "section", "H6", "Decommissioning, Withdrawal & Suspension of Devices"),
             change("activated", "section", "H10.9-H10.13", "Business Continuity")]),
    ),
    "a long list in one sentence": (
        (S88.format("8.0"),),
        ("Designation of Section P – Production Proving; and amendments to Section A, Section C, Section E3.4 to E3.9, "
         "Schedule 8 and Appendix AN as directed by the Secretary of State.",),
        Row("8.1", "2030-03-02", [ACT],
            [change("designated", "section", "P", "Production Proving"),
             *(change("amended", "section", ref) for ref in ("A", "C", "E3.4-E3.9")),
             change("amended", "schedule", "8"), change("amended", "appendix", "AN")]),
    ),
    "two acts and their paragraphs": (
        (S88.format("8.0"), "", X5.format("8.0")),
        ("Amendments to SEC Section A", "", "", "", "Designation of Appendix AJ – SEC Variation Testing Approach Document and "
         "the Enduring Widget Policy and consequential changes to sections already in force."),
        Row("8.1", "2030-03-02", [ACT, BY_X5],
            [change("amended", "section", "A"),
             change("designated", "appendix", "AJ", "SEC Variation Testing Approach Document", act=1),
             change("designated", "document", "enduring-widget-policy", "Enduring Widget Policy", act=1)],
            [("consequential changes to sections already in force", 1)]),
    ),
}  # fmt: skip


def of_row(name: str, sheet: Sheet) -> Reading:
    reason, overview, _ = ROWS[name]
    return read_cells([ABOVE, Cells("8.1", "2nd March 2030", reason, overview), BELOW], sheet)


@pytest.mark.parametrize("doubled", [True, False], ids=["double-spaced", "single-spaced"])
@pytest.mark.parametrize("name", list(ROWS))
def test_wherever_a_page_ends_a_row_says_the_same_or_what_is_unclear(name: str, doubled: bool) -> None:
    layouts = exact = 0
    for lines in range(12, 52):
        for reason, overview in ((19, 38), (23, 34), (26, 27)):
            sheet = Sheet(reason=reason, overview=overview, lines=lines, doubled=doubled, feed="\f" * (lines % 2))
            reading = of_row(name, sheet)
            assert [version.label for version in reading.versions] == ["8.0", "8.1", "8.2"]
            same = said(reading.versions[1]) == expected(ROWS[name][2])
            assert same or [warning for warning in reading.warnings if warning.row == "8.1"], sheet
            layouts, exact = layouts + 1, exact + same
    assert exact >= 0.97 * layouts


@pytest.mark.parametrize("date", ["2nd March 2030", "2 March 2030"])
@pytest.mark.parametrize("width", [6, 9, 12, 20])
def test_a_row_is_found_however_narrow_its_date_is_set(date: str, width: int) -> None:
    reason, overview, row = ROWS["a long list in one sentence"]
    for lines in range(6, 30):
        reading = read_cells([ABOVE, Cells("8.1", date, reason, overview), BELOW], Sheet(date=width, lines=lines))
        assert [version.label for version in reading.versions] == ["8.0", "8.1", "8.2"], lines
        assert reading.versions[1].effective is not None
        assert reading.versions[1].effective.isoformat() == row.effective
