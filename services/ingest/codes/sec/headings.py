"""The headings of the table's columns, however the page breaks them."""

from collections.abc import Sequence

from services.ingest.codes.sec.cursor import Cursor
from services.ingest.codes.sec.vocabulary import HEADINGS, TITLE
from services.ingest.sources.words import Word

_ENOUGH = 3


def headings_end(words: Sequence[Word], at: int) -> int:
    """The place after the headings that begin at a place, the same place where none do."""
    cursor = Cursor(words, at)
    cursor.take(*TITLE)
    for column in HEADINGS:
        if not cursor.take(*column):
            return at
    return cursor.at


def other_words(words: Sequence[Word]) -> list[Word] | None:
    """What stands before the first row beside the headings; nothing at all where there are no headings."""
    left = list(words)
    found = 0
    for column in (*HEADINGS, TITLE):
        at = next((at for at in range(len(left)) if _stands(left, at, column)), None)
        if at is not None:
            del left[at : at + len(column)]
            found += column is not TITLE
    return left if found >= _ENOUGH else None


def _stands(words: Sequence[Word], at: int, column: Sequence[str]) -> bool:
    return all(at + ahead < len(words) and words[at + ahead].low == word for ahead, word in enumerate(column))
