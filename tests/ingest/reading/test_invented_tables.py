"""Tables made up together with what they say are read back exactly, however they are set."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.reading import Reading
from tests.ingest.invented import Invented, invented
from tests.ingest.reading.facts import expected, read_cells, said
from tests.ingest.typesetter import Sheet, generated_rows

SHEETS = st.builds(
    Sheet, date=st.integers(9, 24), reason=st.integers(14, 70), overview=st.integers(14, 90), lines=st.just(10_000),
    doubled=st.booleans(), hyphens=st.booleans(), newline=st.sampled_from(("\n", "\r\n")),
)  # fmt: skip


def of_rows(rows: list[Invented], sheet: Sheet) -> Reading:
    return read_cells([row.cells for row in rows], sheet)


def assert_reads_back(rows: list[Invented], reading: Reading) -> None:
    assert [said(version) for version in reading.versions] == [expected(row.row) for row in rows]
    assert reading.unread == ()
    assert reading.coverage.ratio == 1.0
    assert {warning.code for warning in reading.warnings} <= set()


@pytest.mark.parametrize("seed", range(8))
def test_forty_made_up_rows_read_back_exactly(seed: int) -> None:
    rows = invented(40, seed)
    assert_reads_back(rows, of_rows(rows, Sheet(lines=10_000)))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), SHEETS)
def test_made_up_rows_read_back_exactly_at_any_width(seed: int, sheet: Sheet) -> None:
    rows = invented(4, seed)
    assert_reads_back(rows, of_rows(rows, sheet))


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10_000), st.randoms(use_true_random=False), st.booleans())
def test_rows_broken_over_pages_read_back_exactly_or_say_what_is_unclear(
    seed: int, chance: random.Random, fed: bool
) -> None:
    rows = invented(8, seed)
    sheet = Sheet(
        reason=chance.randint(18, 30), overview=chance.randint(26, 40), lines=chance.randint(12, 60),
        feed="\f" if fed else "",
    )  # fmt: skip
    reading = of_rows(rows, sheet)
    assert [version.label for version in reading.versions] == [row.row.label for row in rows]
    unclear = {warning.row for warning in reading.warnings}
    for version, row in zip(reading.versions, rows, strict=True):
        assert version.label in unclear or said(version) == expected(row.row)


@pytest.mark.parametrize(("reason", "overview", "lines"), [(26, 28, 19), (23, 31, 40), (25, 30, 39), (30, 30, 12)])
def test_a_list_that_goes_on_below_a_page_in_this_column_or_in_that_is_in_doubt(
    reason: int, overview: int, lines: int
) -> None:
    reading = of_rows(invented(8, 2925), Sheet(reason=reason, overview=overview, lines=lines))
    [unread] = reading.unread
    assert (unread.row, unread.text, unread.why) == (
        "2.5", "and SEC Section A3.5", "words beside a page's end that may belong to either column",
    )  # fmt: skip
    version = next(each for each in reading.versions if each.label == "2.5")
    assert [(each.action, each.ref) for each in version.changes] == [("designated", "K")]
    assert [each.legal_basis for each in version.instruments] == [("SEC X5.4", "DCC Licence Condition 22")]


def test_the_same_seed_makes_the_same_table_and_another_seed_another() -> None:
    assert generated_rows(30, 1) == generated_rows(30, 1)
    assert generated_rows(30, 1) != generated_rows(30, 2)
    assert len(generated_rows(30, 1)) == 30
