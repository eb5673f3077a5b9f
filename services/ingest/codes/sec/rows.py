"""Lines to rows: a row begins at a version label with a date; before the first stand the headings."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.ingest.codes.sec.labels import begins_row, begins_undated
from services.ingest.sources.lines import read_lines
from services.ingest.sources.words import Word, split


@dataclass(slots=True)
class RawRow:
    """The words of a row, label first, column after column on each page; `line` is where it begins in the text."""

    words: list[Word]
    line: int
    page: int = 0


def read_rows(text: str) -> Iterator[RawRow]:
    """First what stands before the rows, then each row."""
    row = RawRow([], 1)
    lines = read_lines(text)
    line = next(lines, None)
    while line is not None:
        following = next(lines, None)
        if begins_row(text, line, following) or begins_undated(text, line, row.words):
            yield row
            row = RawRow([], line.number)
            line.breaks = 0
        elif line.closing and row.words:
            row.words[-1].closes = True
        row.page += line.breaks
        row.words.extend(split(text, line.start, line.end, len(row.words), line.gap, row.page))
        line = following
    yield row
