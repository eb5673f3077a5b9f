"""How unlikely it is that a row is divided between its columns in one way and not in another."""

import re
from collections.abc import Sequence

from services.ingest.codes.sec.marks import open_brackets
from services.ingest.codes.sec.reason import Reason
from services.ingest.codes.sec.vocabulary import DASHES, KNOWN_NAMES
from services.ingest.codes.sec.widths import has_room, widest_line
from services.ingest.sources.words import Word

SHORT = 4
_MID_LINE = 6
_NO_BEGINNING = frozenset({"(", ")", ",", ";", ":", *DASHES})
_SEC_SAID = frozenset({"appendix", "schedule"})
_UNUSUAL = re.compile(r"SEC (?:[A-Z]{1,2}|Schedule .*)")


def unevenness(page: Sequence[Word], cut: int) -> int:
    """How many lines apart the cells end that both go on beyond this page: side by side they fill it to its end."""
    return abs(_lines(page[:cut]) - _lines(page[cut:]))


def _lines(words: Sequence[Word]) -> int:
    return sum(word.first + word.gap for word in words)


def oddly_cut(page: Sequence[Word], end: int) -> int:
    """How unlikely the Overview is to begin here on its page: in a line below the first, or with a mark."""
    if end >= len(page):
        return 0
    mid_line = not page[end].first and any(word.first for word in page[1:end])
    return _MID_LINE * mid_line + SHORT * (page[end].text in _NO_BEGINNING)


def unlikely_reason(reason: Reason, words: Sequence[Word]) -> int:
    """How unlikely it is that these words are one Reason: names not known, lines broken though the next word had room."""
    bases = [basis for clause in reason.clauses for basis in clause.bases]
    odd = sum(20 * (not basis.startswith(KNOWN_NAMES)) + 6 * (_UNUSUAL.fullmatch(basis) is not None) for basis in bases)
    width = widest_line(words)
    broken = [at for at in range(1, len(words)) if _new_line(words, at)]
    odd += 6 * sum(word.low in _SEC_SAID and words[at - 1].low != "sec" for at, word in enumerate(words))
    odd += 8 * sum(clause.words[0].low == "implementation" and clause.decided_on is None for clause in reason.clauses)
    return odd + 3 * sum(has_room(words, at, width) for at in broken) + 4 * open_brackets(words)


def _new_line(words: Sequence[Word], at: int) -> bool:
    """Whether a line ends before the word in the middle of a paragraph."""
    word, before = words[at], words[at - 1]
    return (word.first or word.page != before.page) and not word.gap and before.text != "."
