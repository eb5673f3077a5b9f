"""The version-control table of the Smart Energy Code, read from its text."""

from collections.abc import Sequence

from services.ingest.codes.sec.assemble import assemble
from services.ingest.codes.sec.checks import check_row
from services.ingest.codes.sec.columns import Columns, read_columns
from services.ingest.codes.sec.cuts import perhaps_cut, refuse_cut
from services.ingest.codes.sec.headings import other_words
from services.ingest.codes.sec.labels import line_beyond
from services.ingest.codes.sec.rows import RawRow, read_rows
from services.ingest.reading import Coverage, Reading, ReadVersion, Unread, Warned
from services.ingest.sources.text import TooLarge, UnreadableSource
from services.ingest.sources.words import Word, phrase, spans

READER = "sec-table/1"
MOST_ROWS = 10_000


def read_table(text: str) -> Reading:
    """All that the table asserts, row by row, and what of it was not understood; a text that is no such table is refused."""
    _refuse_beyond(line_beyond(text, MOST_ROWS))
    rows = read_rows(text)
    chars, doubtful, unread = _before_rows(next(rows))
    versions: list[ReadVersion] = []
    warnings: list[Warned] = []
    labels: set[str] = set()
    last: tuple[RawRow, Columns] | None = None
    for raw in rows:
        if len(versions) == MOST_ROWS:
            _refuse_beyond(raw.line)
        chars += _characters(raw.words)
        columns = read_columns(raw.words[1:])
        row = assemble(raw.words[0], raw.words, columns, versions[-1] if versions else None)
        check_row(row, columns, versions[-1] if versions else None, labels)
        labels.add(row.version.label)
        versions.append(row.version)
        unread += row.unread
        warnings += row.warnings
        doubtful += row.doubtful
        last = raw, columns
    if last is None:
        raise UnreadableSource(
            "found the headings of a version-control table but no row under them; "
            "expected rows that begin with a version and a date, like '4.2 18th March 2015'"
        )
    refuse_cut(text, *last)
    warnings += perhaps_cut(text, last[0])
    return Reading("sec", READER, tuple(versions), Coverage(chars, chars - doubtful), tuple(unread), tuple(warnings))


def _refuse_beyond(line: int | None) -> None:
    if line is not None:
        raise TooLarge(f"found row {MOST_ROWS + 1} at line {line}; expected at most {MOST_ROWS} rows")


def _before_rows(raw: RawRow) -> tuple[int, int, list[Unread]]:
    others = other_words(raw.words)
    if others is None:
        found = phrase(raw.words[:8]) or "nothing"
        raise UnreadableSource(
            f"found {found!r} at line 1, no version-control table; expected the headings 'Version Number', "
            "'Implementation Date', 'Reason for Change', 'Overview of Modifications' before the first row"
        )
    unread = [Unread(phrase(others), spans(others), None, "stands before the table")] if others else []
    return _characters(raw.words), _characters(others), unread


def _characters(words: Sequence[Word]) -> int:
    return sum(len(word.text) for word in words)
