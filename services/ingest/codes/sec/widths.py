"""How wide the lines of a cell are: whether one was broken because the next word had no room on it."""

from collections.abc import Sequence

from services.ingest.sources.words import Word, leaves

_MOST_ON_A_LINE = 40
_MOST_GLUED = 4


def widest_line(words: Sequence[Word]) -> int:
    """Characters in the longest line that the words stand on."""
    widest = start = page = 0
    for at, word in enumerate(leaves(words)):
        if not at or word.first or word.page != page:
            start, page = word.start, word.page
        widest = max(widest, word.end - start)
    return widest


def has_room(words: Sequence[Word], at: int, width: int) -> bool:
    """Whether the word would have stood on the line before the page break, had its sentence gone on from there."""
    line = leaves(words[max(at - _MOST_ON_A_LINE, 0) : at])
    begin = len(line) - 1
    while begin and not line[begin].first and line[begin].page == line[begin - 1].page:
        begin -= 1
    return line[-1].end - line[begin].start + 1 + _glued(leaves(words[at : at + _MOST_GLUED])) <= width


def _glued(words: Sequence[Word]) -> int:
    """Characters up to the first blank."""
    end = 0
    while end + 1 < len(words) and words[end + 1].start == words[end].end:
        end += 1
    return words[end].end - words[0].start
