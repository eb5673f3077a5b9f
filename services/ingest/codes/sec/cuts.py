"""A table that ends in the middle of its last row is refused: what is missing may be law."""

from services.ingest.codes.sec.columns import Columns
from services.ingest.codes.sec.rows import RawRow
from services.ingest.codes.sec.vocabulary import DASHES, KINDS
from services.ingest.sources.text import UnreadableSource
from services.ingest.sources.words import Word, phrase

_UNFINISHED = frozenset(
    {",", "and", "of", "to", "the", "a", "an", "new", ":", "(", "as", "by", "due", "including", "implementation", "with",
     "directed", "in", "for", "or", "excluding", "from",
     "“", "&", "version", *DASHES}
)  # fmt: skip


def refuse_cut(raw: RawRow, columns: Columns) -> None:
    """Refuses a table whose last row stops before its date, its reason or its overview is complete."""
    last = raw.words[-1]
    missing = _missing(columns, last)
    if missing:
        label = raw.words[0].text
        raise UnreadableSource(
            f"the table is cut: found the end of the text after {phrase(raw.words[-3:])!r} (character {last.end}) in the row of "
            f"version {label} (line {raw.line}); expected {missing}"
        )


def _missing(columns: Columns, last: Word) -> str:
    if not columns.date.whole:
        return "the rest of its date"
    if columns.open_reason:
        return "the rest of its reason"
    if not columns.clauses and not columns.doubts:
        return "its reason and its overview"
    if not columns.overview_words:
        return "its overview"
    if last.text in _UNFINISHED or (last.low in KINDS and last.capital):
        return "the rest of its overview"
    return ""
