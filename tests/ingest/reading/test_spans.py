"""The text at the spans, white space folded, is what a field was read from."""

import itertools
import re

import pytest

from services.ingest.codes.grammars import read
from services.ingest.reading import ReadChange, Reading, Spans
from tests.ingest.reading.document import CELLS
from tests.ingest.reading.test_shipped_table import SHIPPED
from tests.ingest.typesetter import Sheet, typeset

TEXT = SHIPPED.read_text(encoding="utf-8")
VERBS = {
    "designated": r"designat", "redesignated": r"re-?\s?designat", "activated": r"activat", "amended": r"amend",
    "deleted": r"delet",
}  # fmt: skip


@pytest.fixture(scope="module")
def reading() -> Reading:
    return read(TEXT, "sec")


def pieces(text: str, spans: Spans) -> list[str]:
    return [" ".join(text[begin:end].split()) for begin, end in spans]


def the(reading: Reading, label: str, ref: str, at: int = 0) -> ReadChange:
    version = next(version for version in reading.versions if version.label == label)
    return [change for change in version.changes if change.ref == ref][at]


@pytest.mark.parametrize(
    ("label", "ref", "words"),
    [
        ("1.0", "SEC", ["Designation", "First Publication"]),
        ("4.1", "H15", ["Activation of Section H15"]),
        ("4.11", "H2", ["Activation of Sections", "H2"]),
        ("4.14", "U", ["Designation of", "Appendix U- DCCKI Repository Interface", "Design Specification"]),
        ("4.15", "J", ["Re-designation of an updated version of SEC Appendix J – Enduring Testing Approach Document"]),
        ("5.0", "H3", ["Activation of SEC Sections", "H3 (DCC User Interface), but excluding H3.27"]),
        ("5.0", "AE", ["Designation of new SEC Appendices", "Appendix AE - DCC User Interface Code of Connection"]),
        ("5.1", "5", ["Amendments to Schedule 5 due to SECMP0020"]),
        ("5.4", "11", ["The Secretary of State direction designates Schedule 11"]),
        ("5.16", "L", ["amendments to", "Section L", "as directed by the Secretary of State"]),
        ("5.16", "X", ["amendments to", "Section X as directed by the Secretary of State"]),
    ],
)
def test_a_change_points_at_its_own_words(label: str, ref: str, words: list[str], reading: Reading) -> None:
    assert pieces(TEXT, the(reading, label, ref).spans) == words


@pytest.mark.parametrize(
    ("label", "act", "words"),
    [
        ("4.8", 1, ["Modifications to SEC version 4.6 as directed by the Secretary of",
                    "State in accordance with SEC Section X5.4 and Condition 22 of the DCC Licence"]),
        ("4.14", 0, ["Modifications to SEC version 4.13 as directed by the Secretary of State pursuant to Section 88 (1) and 89 "
                     "of the Energy Act 2008, and pursuant to SEC", "Sections X3.1, X5, and X6"]),
        ("5.16", 0, ["Modifications to SEC version 5.15 as directed by the Secretary of State pursuant to",
                     "Section 88(1) of the Energy Act 2008"]),
    ],
)  # fmt: skip
def test_an_act_cut_by_a_page_break_points_at_both_pieces(
    label: str, act: int, words: list[str], reading: Reading
) -> None:
    version = next(version for version in reading.versions if version.label == label)
    assert pieces(TEXT, version.instruments[act].spans) == words


def test_a_topic_is_its_words(reading: Reading) -> None:
    for version in reading.versions:
        for topic in version.topics:
            assert " ".join(pieces(TEXT, topic.spans)) == topic.text


def assert_words_of_changes(text: str, reading: Reading) -> None:
    for version in reading.versions:
        for change in version.changes:
            words = " ".join(pieces(text, change.spans))
            assert re.search(VERBS[change.action], words, re.IGNORECASE), (version.label, change, words)
            assert change.kind in ("document", "code") or all(part in words for part in change.ref.split("-")), words
            assert change.title is None or change.title in words.replace("Self- ", "Self-"), (change, words)
            assert all(left_out in words for left_out in change.exclusions)
            assert change.spec is None or f"{change.spec} v{change.spec_version}" in words


def assert_in_order_within(text: str, outer: Spans, inner: Spans) -> None:
    assert inner
    assert all(begin < end for begin, end in inner)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(inner))
    assert all(any(a <= begin and end <= b for a, b in outer) for begin, end in inner)
    assert not any(text[begin].isspace() or text[end - 1].isspace() for begin, end in inner)


def assert_spans_stand(text: str, reading: Reading) -> None:
    for version in reading.versions:
        for part in (*version.instruments, *version.changes, *version.topics):
            assert_in_order_within(text, version.spans, part.spans)
        assert text[version.spans[0][0] :].startswith(version.label)


def test_every_change_of_the_table_holds_its_action_reference_and_title(reading: Reading) -> None:
    assert_words_of_changes(TEXT, reading)


def test_spans_stand_in_order_within_their_row(reading: Reading) -> None:
    assert_spans_stand(TEXT, reading)


@pytest.mark.parametrize(
    "sheet", [Sheet(lines=15), Sheet(lines=23, doubled=False, feed="\f"), Sheet(reason=30, newline="\r\n")]
)
def test_spans_count_the_text_as_it_is_however_set(sheet: Sheet) -> None:
    text = typeset(CELLS, sheet)
    reading = read(text, "sec")
    assert_spans_stand(text, reading)


def test_spans_count_characters_not_bytes_and_leave_no_return_out() -> None:
    text = TEXT.replace("\n", "\r\n")
    crlf = read(text, "sec")
    assert pieces(text, the(crlf, "5.13", "AF").spans)[-1] == "Appendix AF – MMC v2.0"


def test_what_one_column_says_holds_no_words_of_the_other(reading: Reading) -> None:
    for version in reading.versions:
        acts = {place for act in version.instruments for begin, end in act.spans for place in range(begin, end)}
        for change in version.changes:
            if change.kind != "code" and not (
                change.proposal and version.instruments[change.instrument or 0].proposals
            ):
                assert not acts & {place for begin, end in change.spans for place in range(begin, end)}
