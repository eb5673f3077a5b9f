"""A table that ends in the middle of its last row is refused: what is missing may be law."""

from collections.abc import Sequence

from services.ingest.codes.sec.columns import Columns
from services.ingest.codes.sec.rows import RawRow
from services.ingest.codes.sec.vocabulary import BULLETS, DASHES, KINDS
from services.ingest.sources.text import UnreadableSource
from services.ingest.sources.words import Word, phrase

_UNFINISHED = frozenset(
    {",", "and", "of", "to", "the", "a", "an", "new", ":", "(", "as", "by", "due", "including", "implementation", "with",
     "directed", "in", "for", "or", "excluding", "from",
     "“", "&", "version", *DASHES}
)  # fmt: skip


def refuse_cut(text: str, raw: RawRow, columns: Columns) -> None:
    """Refuses a table whose last row stops before its date, its reason or its overview is complete."""
    last = raw.words[-1]
    missing = _missing(columns, last) or _broken_off(text, last)
    if missing:
        label = raw.words[0].text
        raise UnreadableSource(
            f"the table is cut: found the end of the text after {phrase(raw.words[-3:])!r} (character {last.end}) in the row of "
            f"version {label} (line {raw.line}); expected {missing}"
        )


def _missing(columns: Columns, last: Word) -> str:
    if not columns.date.whole and not (columns.clauses and columns.overview_words):
        return "the rest of its date"
    if columns.open_reason:
        return "the rest of its reason"
    if not columns.clauses and not columns.doubts:
        return "its reason and its overview"
    if not columns.overview_words:
        return "its overview"
    if columns.overview_words[-1].text != "." and _open_quote(columns.overview_words):
        return "the end of a quotation"
    if last.text in _UNFINISHED or (last.low in KINDS and last.capital):
        return "the rest of its overview"
    return ""


def _open_quote(words: Sequence[Word]) -> bool:
    """Whether the last sentence opens more quotations than it closes."""
    depth = 0
    for word in words:
        if word.text in BULLETS or word.gap:
            depth = 0
        depth += (word.text == "“") - (word.text == "”")
    return depth > 0


def _broken_off(text: str, last: Word) -> str:
    """Whether the text ends within a line, in a document whose lines all have a blank or a line's end after them."""
    if last.end < len(text) or last.text in (".", "”"):
        return ""
    before = text[: last.start]
    lines = before.count("\n") - before.count("\n\n")
    return "the rest of its last line" if 2 * (before.count(" \n") + before.count(" \r\n")) > lines else ""
