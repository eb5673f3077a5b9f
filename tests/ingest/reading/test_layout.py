"""How a text is laid out does not change what it says: lines, pages, widths, blanks."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.codes.grammars import read
from services.ingest.reading import Reading
from tests.ingest.reading.document import CELLS, FACTS
from tests.ingest.reading.facts import changes_of, codes_of, expected, read_cells, read_overview, said
from tests.ingest.reading.test_shipped_table import SHIPPED
from tests.ingest.typesetter import Cells, Sheet, typeset

TEXT = SHIPPED.read_text(encoding="utf-8")
WHOLE = [expected(row) for row in FACTS]
VARIANTS = {
    "lines end as on Windows": TEXT.replace("\n", "\r\n"),
    "lines end as on old Macs": TEXT.replace("\n", "\r"),
    "no empty lines": re.sub(r"\n\n+", "\n", TEXT),
    "no empty lines, no trailing blanks": re.sub(r"\n\n+", "\n", TEXT).replace(" \n", "\n"),
    "no trailing blanks": re.sub(r" +\n", "\n", TEXT),
    "blanks that do not break": TEXT.replace(" ", "\u00a0"),
    "tabs at the ends": TEXT.replace(" \n", "\t\n"),
    "no last blank line": TEXT.rstrip(),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_other_blanks_say_the_same(name: str) -> None:
    reading = read(VARIANTS[name], "sec")
    assert [said(version) for version in reading.versions] == WHOLE
    assert reading.unread == ()


def agreed(reading: Reading, sheet: Sheet) -> bool:
    """Whether every row says the same, or is said to be unclear."""
    unclear = {warning.row for warning in reading.warnings if warning.code != "base-mismatch"}
    assert [version.label for version in reading.versions] == [row.label for row in FACTS], sheet
    rows = zip(reading.versions, WHOLE, strict=True)
    return all(version.label in unclear or said(version) == facts for version, facts in rows)


SHEETS = st.builds(
    Sheet, date=st.integers(12, 20), reason=st.integers(16, 44), overview=st.integers(20, 60),
    lines=st.integers(14, 70), doubled=st.booleans(), hyphens=st.booleans(), feed=st.sampled_from(("", "\f")),
    newline=st.sampled_from(("\n", "\r\n")), repeat_headings=st.booleans(),
)  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(SHEETS)
def test_set_at_other_widths_and_page_lengths_it_says_the_same_or_what_is_unclear(sheet: Sheet) -> None:
    assert agreed(read_cells(CELLS, sheet), sheet)


def test_of_forty_layouts_nearly_all_are_read_without_a_doubt() -> None:
    sheets = [
        Sheet(reason=18 + at % 11, overview=26 + at % 17, lines=20 + at % 29, doubled=at % 3 > 0, feed="\f" * (at % 2))
        for at in range(0, 200, 5)
    ]
    exact = 0
    for sheet in sheets:
        reading = read_cells(CELLS, sheet)
        exact += [said(version) for version in reading.versions] == WHOLE and reading.unread == ()
    assert exact >= 39


def test_a_row_spread_over_five_pages_is_one_row() -> None:
    sheet = Sheet(lines=16)
    reading = read_cells(CELLS[28:29], sheet)
    assert [said(version)["changes"] for version in reading.versions] == [WHOLE[28]["changes"]]


@pytest.mark.parametrize("lines", range(3, 16))
def test_wherever_the_page_breaks_a_row_its_columns_are_told_apart(lines: int) -> None:
    row = Cells(
        "7.4", "3rd March 2019",
        ("Modifications to SEC version 7.3 as directed by the Secretary of State pursuant to Section 88(1) of the Energy Act 2008",),
        ("Designation of Section P – Production Proving; and amendments to Section A, Section C, Section E, Section F, "
         "Section H, Section K and Section X as directed by the Secretary of State.",),
    )  # fmt: skip
    above = Cells("7.3", "2nd March 2019", (row.reason[0].replace("7.3", "7.2"),), ("Amendments to Section A",))
    reading = read_cells([above, row], Sheet(lines=9 + lines))
    assert [act.legal_basis for act in reading.versions[1].instruments] == [("Energy Act 2008 s88(1)",)]
    assert changes_of(reading)[1:] == [
        ("designated", "section", "P"),
        *(("amended", "section", ref) for ref in "ACEFHKX"),
    ]


def test_headings_repeated_on_each_page_are_no_part_of_a_row() -> None:
    reading = read_cells(CELLS, Sheet(lines=30, repeat_headings=True))
    assert [said(version) for version in reading.versions] == WHOLE


def test_headings_repeated_where_nothing_else_tells_a_new_page_are_no_part_of_a_row() -> None:
    sheet = Sheet(lines=30, repeat_headings=True)
    text = typeset(CELLS, sheet).replace("\n Version \n", "\n\nVersion \n")
    assert [version.label for version in read(text, "sec").versions] == [row.label for row in FACTS]
    assert not any(
        "Overview of Modifications" in topic.text for each in read(text, "sec").versions for topic in each.topics
    )


def test_dashes_that_begin_the_items_of_a_list_are_its_bullets() -> None:
    lines = ("- K15 (Widget Things);", "- M (General)", "- N4A", "- Appendix CT - Widget - Key Document")
    reading = read_overview("Activation of SEC Sections:", *lines)
    assert (changes_of(reading), reading.unread) == (
        [
            ("activated", kind, ref)
            for kind, ref in (("section", "K15"), ("section", "M"), ("section", "N4A"), ("appendix", "CT"))
        ],
        (),
    )


def test_a_list_s_last_item_is_not_done_to_what_the_next_page_begins_with() -> None:
    reading = read_overview(
        "Designation of new SEC Appendices:", "• Appendix CG - Widget Support Materials", "SEC Appendix B deleted."
    )
    assert ("deleted", "appendix", "CG") not in changes_of(reading)
    assert codes_of(reading)


def test_lines_that_begin_with_a_number_are_no_rows() -> None:
    reading = read_cells(
        [Cells("9.1", "1st May 2020",
               ("Modification to SEC version 9.0 as directed by the SEC Panel pursuant to SECMP 0001 with effect 2nd May 2020.",),
               ("Re-designation of Appendix AC – Inventory Enrolment and Withdrawal Procedures (version 1.2); and Appendix AD "
                "– DCC User Interface Specification (version 1.1).",))],
        Sheet(reason=8, overview=12),
    )  # fmt: skip
    assert [version.label for version in reading.versions] == ["9.1"]
    assert reading.versions[0].instruments[0].proposals == ("SECMP0001",)
    assert [(change.ref, change.spec_version) for change in reading.versions[0].changes] == [
        ("AC", "1.2"),
        ("AD", "1.1"),
    ]


def test_labels_are_names_not_numbers() -> None:
    rows = [
        Cells(label, f"{at + 1}th May 2020", ("Modifications as directed by the Secretary of State pursuant to SEC Section X5",),
              ("Amendments to Section A",))
        for at, label in enumerate(("4.1", "4.9", "4.10", "27.0", "40"), start=3)
    ]  # fmt: skip
    assert [version.label for version in read_cells(rows).versions] == ["4.1", "4.9", "4.10", "27.0", "40"]
