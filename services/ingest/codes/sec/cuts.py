"""A table that ends in the middle of its last row is refused: what is missing may be law."""

import re
from collections.abc import Sequence

from services.ingest.codes.sec.columns import Columns
from services.ingest.codes.sec.rows import RawRow
from services.ingest.codes.sec.vocabulary import (
    ACTION_NOUNS,
    BULLETS,
    DASHES,
    DETERMINERS,
    DOCUMENT_NOUNS,
    HARMLESS,
    KINDS,
    PREPOSITIONS,
    QUANTIFIERS,
)
from services.ingest.reading import Warned
from services.ingest.sources.text import UnreadableSource
from services.ingest.sources.words import Word, phrase, spans

_UNFINISHED = frozenset(
    {",", "and", "of", "to", "the", "a", "an", "new", ":", "(", "as", "by", "due", "including", "implementation", "with",
     "directed", "in", "for", "or", "excluding", "from",
     "“", "&", "version", *DASHES, *ACTION_NOUNS, *DETERMINERS, *(HARMLESS - {"other"}),
     *QUANTIFIERS}
)  # fmt: skip

_ACTED = ("updated", "revised")
"""Said of a document that is named next, or of one that was: `Section D updated`."""

_LONGEST_LETTER = 2
_FULL_STOPS = frozenset({".", "”"})
_LABEL_BEGUN = re.compile(r"\s*\d+(?:\.\d*)?\s*")
_LAST_LINE = re.compile(r"\S[^\S\r\n]*(?:\r?\n){1,2}[^\S\r\n]+\Z")


def refuse_cut(text: str, raw: RawRow, columns: Columns) -> None:
    """Refuses a table whose last row stops before its date, its reason or its overview is complete."""
    last = raw.words[-1]
    missing = _missing(raw, columns) or _broken_off(text, last) or _cut_title(text, columns, last)
    if missing:
        label = raw.words[0].text
        raise UnreadableSource(
            f"the table is cut: found the end of the text after {phrase(raw.words[-3:])!r} (character {last.end}) in the row of "
            f"version {label} (line {raw.line}); expected {missing}"
        )


def _missing(raw: RawRow, columns: Columns) -> str:
    last = raw.words[-1]
    if not columns.date.whole and not (columns.clauses and columns.overview_words):
        return "the rest of its date"
    if columns.open_reason:
        return "the rest of its reason"
    if not columns.clauses and not columns.doubts:
        return "its reason and its overview"
    if not columns.overview_words:
        return "its overview"
    if columns.overview_words[-1].text != "." and _open(columns.overview_words, "“", "”"):
        return "the end of a quotation"
    if columns.overview_words[-1].text != "." and _open(columns.overview_words, "(", ")"):
        return "the end of a bracket"
    if last.low in _ACTED and raw.words[-2].low not in (*PREPOSITIONS, *DETERMINERS, "and", "for"):
        return ""
    unnumbered = last.low in KINDS and last.capital and raw.words[-2].low not in ("all", *QUANTIFIERS)
    if (last.low if len(last.text) > _LONGEST_LETTER else last.text) in _UNFINISHED or unnumbered:
        return "the rest of its overview"
    return ""


def _open(words: Sequence[Word], opening: str, closing: str) -> bool:
    """Whether the last sentence opens more of these marks than it closes."""
    depth = 0
    for word in words:
        if word.text in BULLETS or word.gap:
            depth = 0
        depth += (word.text == opening) - (word.text == closing)
    return depth > 0


def _broken_off(text: str, last: Word) -> str:
    """Whether the text ends within a line, in a document whose lines all have a blank and a line's end after them."""
    after = text[last.end :]
    if _LABEL_BEGUN.fullmatch(text, 1 + max(text.rfind("\n"), text.rfind("\r"))):
        return "the rest of the row that begins there"
    if "\n" in after or "\r" in after or last.text in _FULL_STOPS:
        return ""
    return "the rest of its last line" if _blank_after_lines(text) else ""


def _cut_title(text: str, columns: Columns, last: Word) -> str:
    """Whether a title stops that does not end as a document's does, where the page does not end as pages do."""
    drafts = columns.overview.found.drafts
    if not drafts or _ends_as_pages_do(text):
        return ""
    target = drafts[-1].target
    stops = target.title is not None and target.title.endswith(last.text) and target.kind != "section"
    return "the rest of a title" if stops and last.low not in DOCUMENT_NOUNS else ""


def perhaps_cut(text: str, raw: RawRow) -> list[Warned]:
    """A warning where the text stops at a line's end with no full stop, and not as its pages do: no one can tell."""
    last = raw.words[-1]
    stopped = last.text in _FULL_STOPS and not (last.end == len(text) and text[last.start - 1].isdigit())
    if stopped or _ends_as_pages_do(text):
        return []
    label = raw.words[0].text
    message = f"version {label}: the text ends after {last.text!r}, not as its pages do; words or rows may be missing"
    return [Warned("perhaps-cut", message, label, spans([last]))]


def _ends_as_pages_do(text: str) -> bool:
    """Whether a line of blanks ends the text, as it does where every line has a blank after it."""
    return _LAST_LINE.search(text) is not None or not _blank_after_lines(text)


def _blank_after_lines(text: str) -> bool:
    before = text.rstrip()
    lines = before.count("\n") - before.count("\n\n")
    return 2 * (before.count(" \n") + before.count(" \r\n")) > lines
