"""The shipped table says what a person reads in it: every row, act, change and topic, and nothing else."""

from pathlib import Path

import pytest

from services.ingest.codes.grammars import read
from services.ingest.reading import Reading
from services.ingest.sources.text import decode
from tests.ingest.reading.document import CELLS, FACTS
from tests.ingest.reading.facts import Row, expected, read_cells, said

SHIPPED = Path("services/ingest/shipped/sec-version-control-v5.16.txt")


@pytest.fixture(scope="module")
def reading() -> Reading:
    return read(decode(SHIPPED.read_bytes(), 1_000_000), "sec")


@pytest.mark.parametrize("row", FACTS, ids=[row.label for row in FACTS])
def test_a_row_says_what_the_document_says(row: Row, reading: Reading) -> None:
    found = [version for version in reading.versions if version.label == row.label]
    assert [said(version) for version in found] == [expected(row)]


def test_the_rows_are_those_of_the_document_in_its_order(reading: Reading) -> None:
    assert [version.label for version in reading.versions] == [row.label for row in FACTS]
    assert len(reading.versions) == 40


def test_fourteen_versions_took_effect_in_2016_as_the_administrator_counts(reading: Reading) -> None:
    dated = [version.label for version in reading.versions if version.effective and version.effective.year == 2016]
    assert len(dated) == 14
    assert (dated[0], dated[-1]) == ("4.7", "5.2")


def test_the_only_thing_amiss_is_the_base_of_the_second_reason_of_4_8(reading: Reading) -> None:
    assert [(warning.code, warning.row) for warning in reading.warnings] == [("base-mismatch", "4.8")]
    assert "4.6" in reading.warnings[0].message
    assert "4.7" in reading.warnings[0].message


def test_every_character_belongs_to_something_understood(reading: Reading) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert reading.unread == ()
    assert reading.coverage.chars == sum(not character.isspace() for character in text)
    assert reading.coverage.accounted == reading.coverage.chars


def test_the_transcribed_cells_are_the_words_of_the_document() -> None:
    words = SHIPPED.read_text(encoding="utf-8").split()
    cells = [
        word for row in CELLS for cell in (row.label, row.date, *row.reason, *row.overview) for word in cell.split()
    ]
    headings = (
        "VERSION CONTROL Version Number Implementation Date Reason for Change Overview of Modifications incorporated"
    )
    assert sorted("".join([*headings.split(), *cells])) == sorted("".join(words))


def test_set_anew_without_page_breaks_it_says_the_same() -> None:
    reading = read_cells(CELLS)
    assert [said(version) for version in reading.versions] == [expected(row) for row in FACTS]
    assert reading.unread == ()
