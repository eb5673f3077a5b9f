"""Sets rows of cells as the text that comes out of such a document's pages: cell after cell, page after page."""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

HEADINGS = ("Version Number", "Implementation Date", "Reason for Change", "Overview of Modifications incorporated")


@dataclass(frozen=True, slots=True)
class Cells:
    """A row as its cells: the paragraphs of Reason and Overview in order, an empty one for a blank line."""

    label: str
    date: str
    reason: tuple[str, ...]
    overview: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Characters a column is wide, lines a page is long, empty lines between lines or not, and what marks a new page."""

    date: int = 14
    reason: int = 23
    overview: int = 34
    lines: int = 40
    doubled: bool = True
    hyphens: bool = True
    feed: str = ""
    newline: str = "\n"
    repeat_headings: bool = False


PLAIN = Sheet()


def typeset(rows: Sequence[Cells], sheet: Sheet = PLAIN) -> str:
    """The text of the pages, as a reader of such a document's characters gives it."""
    pages = [["VERSION CONTROL"]]
    _place(pages, _headings(sheet), sheet)
    for row in rows:
        columns = (sheet.date, sheet.reason, sheet.overview)
        cells = zip(((row.date,), row.reason, row.overview), columns, strict=True)
        _place(pages, [[row.label], *(_wrap(cell, width, sheet) for cell, width in cells)], sheet)
    between = sheet.newline * (2 if sheet.doubled else 1)
    new_page = sheet.newline + sheet.feed
    return new_page.join(between.join(_printed(page, sheet)) for page in pages) + between + " "


def _headings(sheet: Sheet) -> list[list[str]]:
    widths = (8, sheet.date, sheet.reason, sheet.overview)
    return [_wrap((name,), width, sheet) for name, width in zip(HEADINGS, widths, strict=True)]


def _printed(page: Sequence[str], sheet: Sheet) -> Iterator[str]:
    for at, line in enumerate(page):
        lead = " " if at == 0 else ""
        yield f"{lead}{line} " if line or lead or sheet.doubled else ""


def _wrap(paragraphs: Sequence[str], width: int, sheet: Sheet) -> list[str]:
    lines: list[str] = []
    for paragraph in paragraphs:
        wrapped = textwrap.wrap(paragraph, width, break_long_words=False, break_on_hyphens=sheet.hyphens)
        lines.extend(wrapped or [""])
    return lines


def _place(pages: list[list[str]], cells: Sequence[list[str]], sheet: Sheet) -> None:
    """Sets one row, what finds no room going on at the top of the next page."""
    rest = list(cells)
    used = _used(pages[-1])
    while any(rest):
        room = sheet.lines - used
        if room <= 0:
            pages.append(_emitted(_headings(sheet)) if sheet.repeat_headings else [])
            used = 0
            continue
        pages[-1].extend(_emitted([cell[:room] for cell in rest]))
        used += max(len(cell) for cell in rest)
        rest = [cell[room:] for cell in rest]
    pages[-1] = _Page(pages[-1], used)


class _Page(list[str]):
    """A page's lines, and how much of its height they take, cells side by side."""

    def __init__(self, lines: Sequence[str], used: int) -> None:
        super().__init__(lines)
        self.used = used


def _used(page: list[str]) -> int:
    return page.used if isinstance(page, _Page) else len(page)


def _emitted(cells: Sequence[Sequence[str]]) -> list[str]:
    """Cell after cell; what stands at the height where the cell before it ended stands on the same line."""
    lines: list[str] = []
    height = -1
    for cell in cells:
        for at, text in enumerate(cell):
            if at == height and text and lines and lines[-1]:
                lines[-1] += " " + text
            else:
                lines.append(text)
            height = at
    return lines


def generated_rows(count: int, seed: int) -> list[Cells]:
    """Rows of a table that no code ever had, for measuring; the same for the same seed."""
    from tests.ingest.invented import invented

    return [each.cells for each in invented(count, seed)]
