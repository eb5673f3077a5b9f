"""A table cut anywhere is refused with the place, or read as far as it goes, and where no one can tell it says so."""

import re

import pytest

from events.errors import Rejected
from services.ingest.codes.grammars import read
from tests.ingest.reading.facts import codes_of, read_overview, said
from tests.ingest.reading.test_shipped_table import SHIPPED

TEXT = SHIPPED.read_bytes().decode()
READ = read(TEXT, "sec")
WHOLE = [said(version) for version in READ.versions]
STARTS = [version.spans[0][0] for version in READ.versions]
BEGINS = STARTS[0]
# After a full stop, or below one, a cell may go on or not: the text alone does not tell.
PARAGRAPH_ENDS = re.compile(r"[.”]\s*\Z")


def cut(end: int) -> str:
    """The headings and the rows about a place, up to there: what stands far above has no part in it."""
    rows = [at for at in STARTS if at <= end]
    return TEXT[:BEGINS] + TEXT[rows[-3] if len(rows) > 2 else BEGINS : end]


def assert_refused_or_read(end: int) -> bool:
    """Whether the text up to there is refused; if it is read, the rows are whole or the last is said to be in doubt."""
    text = cut(end)
    try:
        versions = (reading := read(text, "sec")).versions
    except Rejected as error:
        assert re.search(r"the table is cut: .*line \d+|no row under them", str(error)), end
        return True
    doubted = versions[-1].label in {warning.row for warning in reading.warnings}
    assert said(versions[-1]) in WHOLE or doubted or PARAGRAPH_ENDS.search(text), text[-60:]
    return False


@pytest.mark.parametrize("first", range(0, 50, 7))
def test_cut_at_any_character_it_is_refused_or_its_rows_are_whole_or_in_doubt(first: int) -> None:
    refused = [assert_refused_or_read(end) for end in range(BEGINS + 40 + first, len(TEXT), 50)]
    assert sum(refused) > 0.9 * len(refused)


def test_cut_at_any_line_it_is_refused_or_its_rows_are_whole_or_in_doubt() -> None:
    refused = [
        assert_refused_or_read(line.end()) for line in re.finditer(r"(?<=\S) +\n", TEXT) if line.start() > BEGINS
    ]
    assert sum(refused) > 0.6 * len(refused)


def test_the_whole_table_is_not_said_to_be_cut_however_its_end_is_kept() -> None:
    for text in (TEXT, TEXT.rstrip(), TEXT.rstrip() + "\n", TEXT + "\n"):
        assert "perhaps-cut" not in codes_of(read(text, "sec"))


@pytest.mark.parametrize("label", ["2.1 6th", "4.7 9th", "5.2 21st"])
def test_a_label_begun_is_a_row_begun(label: str) -> None:
    at = TEXT.index(f"{label} ")
    for end in (1, 2):
        with pytest.raises(Rejected, match="the row that begins there"):
            read(TEXT[: at + end], "sec")


@pytest.mark.parametrize(
    "words",
    ["Designation of Appendix AK – Widget", "Activation of Section H3 (Widget", "Amendments to Section A and consequential",
     "Amendments to the revised", "Activation", "Amendments to Sections A and"],
)  # fmt: skip
def test_words_that_cannot_end_a_row_show_the_cut(words: str) -> None:
    text = TEXT[: TEXT.index("5.16 31st")] + (
        "5.16 31st May 2018 Modifications to SEC \n\nversion 5.15 as directed \n\nby the Secretary of \n\nState pursuant to \n\n"
        f"Section X5. \n\n{words} \n\n"
    )
    with pytest.raises(Rejected, match="the table is cut"):
        read(text, "sec")


@pytest.mark.parametrize(
    "words", ["Amendments to Section A", "Amendments to Section AN", "Designation of Appendix AK – Widget"]
)
def test_a_row_that_a_person_typed_may_end_without_a_full_stop(words: str) -> None:
    assert codes_of(read_overview(words)) == []
