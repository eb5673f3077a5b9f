"""Whatever the characters, there is a reading or a refusal, and what is read stands where its spans say."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from events.errors import Rejected
from services.ingest.codes.grammars import read
from services.ingest.reading import Reading
from services.ingest.sources.text import decode
from tests.ingest.reading.test_shipped_table import SHIPPED

BYTES = SHIPPED.read_bytes()
TEXT = BYTES.decode()
FIRST = TEXT[: TEXT.index("1.0 23rd")]
WORDS = (
    "Designation", "Re-", "designation", "of", "to", "the", "Section", "Sections", "Appendix", "Schedule", "A", "H3.22", "AC",
    "8", "–", "-", "•", "(", ")", "“", "”", ":", ";", ",", ".", "and", "but", "excluding", "SECMP", "0001", "SECMP0017",
    "v2.0", "(version", "1.2)", "GBCS", "as", "directed", "by", "Secretary", "State", "pursuant", "88(1)", "Energy", "Act",
    "2008", "with", "effect", "17th", "August", "2016", "4.2", "\n", "\n\n", "\n ", "\f", "deleted", "including", "Condition",
    "Modifications", "SEC", "version", "4.1", "Policy", "alongside", "existing", "versions", "Implementation", "Change", "Board",
)  # fmt: skip


def assert_whole(text: str, reading: Reading) -> None:
    """Every span lies in the text, every part of a row within it, and the coverage counts what is there."""
    assert 0 <= reading.coverage.accounted <= reading.coverage.chars
    assert reading.coverage.chars == sum(not character.isspace() for character in text)
    for version in reading.versions:
        (low, high) = version.spans[0][0], version.spans[-1][1]
        for part in (*version.instruments, *version.changes, *version.topics):
            assert part.spans
            assert all(low <= begin < end <= high <= len(text) for begin, end in part.spans)
        assert all(
            change.instrument is None or change.instrument < len(version.instruments) for change in version.changes
        )
    for piece in (*reading.unread, *reading.warnings):
        assert all(0 <= begin < end <= len(text) for begin, end in piece.spans)


def tried(text: str) -> None:
    try:
        reading = read(text, "sec")
    except Rejected:
        return
    assert_whole(text, reading)


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(0, len(TEXT) - 3_000), st.integers(1, 40))
def test_characters_changed_at_random_are_read_or_refused(chance: random.Random, start: int, count: int) -> None:
    text = list(FIRST + TEXT[start : start + 3_000])
    for _ in range(count):
        at = chance.randrange(len(text))
        text[at] = chance.choice((chance.choice(TEXT), chr(chance.randrange(1, 0x3000)), "", text[at] * 2))
    tried("".join(text))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=80))
def test_words_in_any_order_are_read_or_refused(words: list[str]) -> None:
    tried(FIRST + "4.2 18th March 2015 " + " ".join(words))
    tried(
        f"{FIRST}4.2 18th March 2015 Modifications to SEC version 4.1 as directed by the Panel. \n\n{' '.join(words)}"
    )


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=60), st.integers(0, len(BYTES)))
def test_bytes_put_in_anywhere_are_read_or_refused(data: bytes, at: int) -> None:
    try:
        text = decode(BYTES[:300] + data + BYTES[at : at + 1_500], 10_000)
    except Rejected:
        return
    tried(text)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    tried(text)
    tried(FIRST + "4.2 18th March 2015 " + text)


def test_the_table_cut_anywhere_is_read_or_refused_and_rows_above_stay_as_they_are() -> None:
    whole = read(TEXT, "sec").versions
    for end in range(200, 4_000, 97):
        try:
            versions = read(TEXT[:end], "sec").versions
        except Rejected:
            continue
        assert versions[:-1] == whole[: len(versions) - 1]


def test_deep_nesting_and_long_runs_do_not_exhaust_the_reader() -> None:
    row = FIRST + "4.2 18th March 2015 Modifications to SEC version 4.1 as directed by the Panel.\n\nAmendments to "
    for run in (
        "(" * 3_000,
        "“" * 3_000,
        "Section A, " * 1_500,
        "and " * 3_000,
        "Re-" * 3_000,
        "• " * 2_000,
        "\n " * 2_000,
        "widget " * 20_000,
        "w" * 100_000,
        f"Section A\n5.2{' ' * 20_000}x{' ' * 20_000}y\n",
        "\n" * 200_000,
        "\f Section A and\n" * 3_000,
    ):
        tried(row + run + " Section A")
