"""What the reader does not know it says, and makes no fact of it."""

import pytest

from services.ingest.reading import Reading
from tests.ingest.reading.facts import DIRECTED, changes_of, codes_of, folded, read_cells, read_overview
from tests.ingest.typesetter import Cells, Sheet, typeset

NO_ACTION_KNOWN = (
    "Suspension of Section K",
    "Withdrawal of Appendix AB",
    "Revocation of Appendix C",
    "Introduction of Section R",
    "Insertion of a new Section R5",
    "Replacement of Appendix C with Appendix D",
    "Renaming of Appendix AC",
    "Re-activation of Section H3",
    "De-activation of Section H3",
    "Partial activation of Section H3",
    "Non-designation of Section Q",
    "Proposed designation of Section Q",
    "Cancellation of the designation of Section Q",
    "Deferral of the activation of Section H3",
    "Correction to the designation of Appendix AB",
    "Modification of Section G",
    "Updates to Schedule 11",
    "Section K updated",
    "Re-designated Appendix C deleted",
    "New Section R",
    "Section G – Security",
    "H15",
)
SENTENCES_NOT_KNOWN = (
    "Section Q was repealed",
    "Section K is no longer in force",
    "Section K was not activated",
    "Amendments to Section B were rejected",
    "Amendments to Section B have not been made",
    "Designation of Section Q postponed",
    "Designation of Section Q cancelled",
    "Activation of Section Q subject to approval",
    "Activation of Section Q with effect from 1st May 2018",
    "Activation of part of Section H",
    "Activation of the remainder of Section H",
    "Activation of Section H3 in respect of SMETS1",
    "Activation of Section H3 (in part)",
    "Deletion of Section H3 (temporary)",
    "Removal of references to Appendix C",
    "Removal of Section G from the scope of Appendix C",
    "Amendments to Appendix AD (Section 3)",
    "Amendments to Appendix AD – Section 3",
    "Amendments to Section E until 1st May 2022",
    "Re-designation of Appendix BL – Widget Document for Energy under SEC Section X2.4",
    "Activation of SEC consequential changes to sections already in force",
    "Amendments to paragraphs 3 and 4 of Section M",
    "Amendments to Part 3 of Schedule 7",
    "Amendment to the title of Appendix AC",
)
NO_PROVISION_KNOWN = (
    "Amendments to Widget 7",
    "Designation of the Foo Bar",
    "Amendments to the Smart Energy Code",
    "Amendments made to the Smart Widgets",
    "Amended documents",
    "Designation of Annex B",
)


@pytest.mark.parametrize("words", NO_ACTION_KNOWN)
def test_an_action_not_known_on_a_provision_is_no_fact_but_a_warning(words: str) -> None:
    reading = read_overview(words)
    assert changes_of(reading) == []
    assert codes_of(reading) == ["unknown-action"]
    assert [piece.text for piece in reading.unread] == [words]


@pytest.mark.parametrize("words", SENTENCES_NOT_KNOWN + NO_PROVISION_KNOWN)
def test_a_sentence_not_known_is_no_fact_but_a_warning(words: str) -> None:
    reading = read_overview(words)
    assert changes_of(reading) == []
    assert codes_of(reading)
    assert words in " ".join(piece.text for piece in reading.unread)


def test_of_a_list_the_items_known_are_read_and_the_one_that_is_not_is_said() -> None:
    reading = read_overview("Amendments to Sections A, ?? and J")
    assert changes_of(reading) == [("amended", "section", "A"), ("amended", "section", "J")]
    assert [(piece.text, piece.row) for piece in reading.unread] == [("??", "7.1")]
    assert codes_of(reading) == ["unknown-reference"]


@pytest.mark.parametrize(
    ("item", "code"), [("MP079", "unknown-reference"), ("new Appendix AK – Widget Document", "unknown-action")]
)
def test_an_item_that_cannot_be_amended_is_said_and_its_neighbours_are_read(item: str, code: str) -> None:
    reading = read_overview(f"Amendments to Section A, {item}")
    assert changes_of(reading) == [("amended", "section", "A")]
    assert [piece.text for piece in reading.unread] == [item]
    assert codes_of(reading) == [code]


def test_a_clause_not_known_leaves_its_neighbours_read() -> None:
    reading = read_overview("Amendments to Section B.", "", "Suspension of Section K.", "", "Activation of Section F2.")
    assert changes_of(reading) == [("amended", "section", "B"), ("activated", "section", "F2")]
    assert [piece.text for piece in reading.unread] == ["Suspension of Section K"]


def test_unread_words_stand_where_their_spans_say_and_weigh_on_the_coverage() -> None:
    overview = "Amendments to Section B.", "", "Suspension of Section K and of the whole of Appendix AC for a year."
    cells = Cells("7.1", "3rd March 2019", (DIRECTED,), overview)
    text = typeset([cells], Sheet(overview=24))
    reading = read_cells([cells], Sheet(overview=24))
    (piece,) = reading.unread
    assert folded(text, piece.spans) == piece.text
    assert reading.coverage.chars - reading.coverage.accounted == len("".join(piece.text.split()))
    assert reading.warnings[0].spans == piece.spans


UNKNOWN_REASONS = (
    "Modifications to SEC version 7.0 as directed by the Lord Chancellor pursuant to SEC Section X5",
    "Implementation of a Modification Proposal rejected by the Authority on 3rd May 2018.",
    "Implementation of a Modification Proposal approved by the Change Sub-Committee on 3rd May 2018.",
    "Corrections to SEC version 7.0",
)


@pytest.mark.parametrize("reason", UNKNOWN_REASONS)
def test_a_reason_not_known_makes_no_act_and_the_changes_have_none(reason: str) -> None:
    reading = read_overview("Amendments to Section B.", reason=reason)
    (version,) = reading.versions
    assert version.instruments == ()
    assert [change.instrument for change in version.changes] == [None]
    assert codes_of(reading)[0] in ("unknown-reason", "unknown-authority")


def test_a_basis_not_known_is_said_and_not_put_among_the_bases() -> None:
    reason = "Modifications to SEC version 7.0 as directed by the Secretary of State pursuant to a letter"
    reading = read_overview("Amendments to Section B.", reason=reason)
    (version,) = reading.versions
    assert [(act.authority, act.legal_basis) for act in version.instruments] == [("Secretary of State", ())]
    assert reading.unread[0].text == "pursuant to a letter"
    assert codes_of(reading)


def test_a_day_that_no_calendar_has_is_no_date() -> None:
    reading = read_overview("Amendments to Section B.", date="30th February 2019")
    assert reading.versions[0].effective is None
    assert codes_of(reading) == ["impossible-date"]


def two_rows(second: str, date: str) -> Reading:
    reason = ("Modifications to SEC version {} as directed by the Secretary of State pursuant to SEC Section X5.",)
    return read_cells([
        Cells("7.1", "3rd March 2019", (reason[0].format("7.0"),), ("Amendments to Section B.",)),
        Cells(second, date, (reason[0].format("7.1"),), ("Amendments to Section C.",)),
    ])  # fmt: skip


def test_a_row_dated_before_the_row_above_is_said() -> None:
    assert codes_of(two_rows("7.2", "2nd March 2019")) == ["date-out-of-order"]
    assert codes_of(two_rows("7.2", "3rd March 2019")) == []


def test_a_label_that_stands_twice_is_said_and_both_rows_are_read() -> None:
    reading = two_rows("7.1", "4th March 2019")
    assert [version.label for version in reading.versions] == ["7.1", "7.1"]
    assert len(codes_of(reading)) == 1
    assert "label" in codes_of(reading)[0]


def test_labels_are_read_as_written_and_never_as_numbers() -> None:
    reading = two_rows("61.0", "4th March 2019")
    assert [version.label for version in reading.versions] == ["7.1", "61.0"]
    assert codes_of(reading) == []
    assert [version.label for version in two_rows("7.10", "4th March 2019").versions] == ["7.1", "7.10"]
