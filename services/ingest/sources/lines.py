"""A text to its lines, with the blank paragraphs and the page breaks between them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_BREAKS = r"\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_LINE = re.compile(rf"([^{_BREAKS}]*)(\r\n|[{_BREAKS}]|\Z)")
_EMPTY = re.compile(r"(\r\n|\n|\r)\1")
_SAMPLE = 4000


@dataclass(slots=True)
class Line:
    """A line that holds something: its characters, its number in the text, the blank paragraphs and breaks before it.

    `closing` counts the blank paragraphs that stand before the breaks, at the end of a page, `gap` the others.
    """

    start: int
    end: int
    number: int
    gap: int
    breaks: int
    closing: int = 0


def read_lines(text: str) -> Iterator[Line]:
    """The lines that hold something; a break is a new page, told by the missing empty line, the indent or a form feed."""
    doubled = _double_spaced(text)
    # Where no line is empty, one that holds only blanks divides paragraphs; among empty ones it begins a page.
    separates = doubled or not _EMPTY.search(text)
    gap = breaks = closing = 0
    empties = 1
    fed = False
    for number, match in enumerate(_LINE.finditer(text), start=1):
        start, end = match.span(1)
        if start == end:
            empties += match.group(2) != "\f"
        else:
            paragraphs = (empties - 1) // 2 if doubled else empties
            gap += max(paragraphs, 0)
            blank = match.group(1).isspace()
            indented = text[start].isspace() and not doubled and number > 1
            if fed or (doubled and empties == 0) or (not separates if blank else indented and not breaks):
                breaks, closing, gap = breaks + 1, closing + gap, 0
            empties, fed = 0, False
            if blank:
                gap += separates
                empties = 0 if separates else 1
            else:
                yield Line(start, end, number, gap, breaks, closing)
                gap = breaks = closing = 0
        fed = fed or match.group(2) == "\f"


def _double_spaced(text: str) -> bool:
    """Whether most lines have an empty one after them."""
    followed = held = 0
    before = False
    for count, match in enumerate(_LINE.finditer(text)):
        holds = match.start(1) != match.end(1)
        if before:
            held += 1
            followed += not holds
        before = holds
        if count > _SAMPLE:
            break
    return followed * 2 > held
