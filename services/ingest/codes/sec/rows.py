"""Lines to rows: a row begins at a version label with a date; before the first stand the headings."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.ingest.codes.sec.vocabulary import MONTHS
from services.ingest.sources.lines import Line, read_lines
from services.ingest.sources.words import Word, split

_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_DATE = rf"\d{{1,2}}\s?(?:st|nd|rd|th)\b|\d{{1,2}}\s+(?:{_MONTH})\b|\d{{4}}-\d\d-\d\d\b|\d{{1,2}}/\d{{1,2}}/\d{{4}}\b"
_ROW = re.compile(rf"\s*(\d+(?:\.\d+)*[a-z]?)\s+(?={_DATE})", re.IGNORECASE)
_LABEL_ALONE = re.compile(r"\s*(\d+(?:\.\d+)+[a-z]?)\s*")
_DATE_FIRST = re.compile(rf"\s*\d{{1,2}}\s?(?:st|nd|rd|th)?\s+(?:{_MONTH})\b", re.IGNORECASE)


@dataclass(slots=True)
class RawRow:
    """The words of a row, column after column on each page that it stands on; no label: what stands before the rows."""

    label: Word | None
    words: list[Word]
    line: int


def read_rows(text: str) -> Iterator[RawRow]:
    """First what stands before the rows, then each row."""
    row = RawRow(None, [], 1)
    page = 0
    pending: Line | None = None
    for line in read_lines(text):
        if pending is not None:
            begins = _DATE_FIRST.match(text, line.start, line.end) is not None
            if begins:
                yield row
                row, page = RawRow(None, [], pending.number), 0
                pending.breaks = 0
            page = _add(row, text, pending, page)
            pending = None
            if begins:
                row.label = row.words.pop(0)
        elif text[line.start].isspace() or text[line.start].isdigit():
            pass
        if _ROW.match(text, line.start, line.end):
            yield row
            row, page = RawRow(None, [], line.number), 0
            line.breaks = 0
            _add(row, text, line, page)
            row.label = row.words.pop(0)
        elif _LABEL_ALONE.fullmatch(text, line.start, line.end):
            pending = line
        else:
            page = _add(row, text, line, page)
    if pending is not None:
        _add(row, text, pending, page)
    yield row


def _add(row: RawRow, text: str, line: Line, page: int) -> int:
    page += line.breaks
    order = row.words[-1].order + 1 if row.words else 1
    row.words.extend(split(text, line.start, line.end, order, line.gap, page))
    return page
