"""Version labels: where a row begins, and how many rows a text has."""

import re
from collections.abc import Sequence
from itertools import islice

from services.ingest.codes.sec.vocabulary import MONTHS
from services.ingest.sources.lines import Line
from services.ingest.sources.words import Word

_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_DATE = rf"\d{{1,2}}\s?(?:st|nd|rd|th)\b|\d{{1,2}}\s+(?:{_MONTH})\b|\d{{4}}-\d\d-\d\d\b|\d{{1,2}}([./-])\d{{1,2}}\2\d{{4}}\b"
_ROW = re.compile(rf"\s*(v?\d+(?:\.\d+)*[a-z]?)\s+(?={_DATE})", re.IGNORECASE)
_ROW_LINE = re.compile(rf"^[^\S\r\n]*(v?\d+(?:\.\d+)*[a-z]?)[^\S\r\n]+(?={_DATE})", re.IGNORECASE | re.MULTILINE)
_LABEL_ALONE = re.compile(r"\s*(\d+(?:\.\d+)+[a-z]?)\s*")
_DATE_FIRST = re.compile(rf"\s*\d{{1,2}}\s?(?:st|nd|rd|th)?\s+(?:{_MONTH})\b", re.IGNORECASE)
_LABEL_AND_DAY = re.compile(r"\s*\d+(?:\.\d+)*[a-z]?\s+\d{1,2}\s*")
_MONTH_FIRST = re.compile(rf"\s*(?:{_MONTH})\b", re.IGNORECASE)
_LABEL_AND_DAY_FIRST = re.compile(r"\s*\d+(?:\.\d+)+[a-z]?\s+\d{1,2}\s+[A-Z]")
# A label whose date is in no form known, told by the Reason that soon follows.
_UNDATED = re.compile(
    r"\s*v?\d+(?:\.\d+)+[a-z]?{0}(?:(?!\d+\.\d+\s|(?:as|of|the|directed|by|version|SEC|Section|Act)\b)\S++{0}){{0,7}}?"
    r"(?:Urgent{0}|Fast-Track{0})?(?:Modifications?{0}(?:to|as)|Implementation{0}of|Designation{0}by)\b".format(
        r"[^\S\r\n]*+(?:\r?\n){0,2}+[^\S\r\n]*+(?<=\s)"
    )
)
_MID_SENTENCE = frozenset(
    {"version", "versions", "v", "to", "and", "or", "of", ",", "(", "-", "–", "section", "sections", "condition", "conditions"}
)  # fmt: skip
_TWO_LINES = ((_LABEL_ALONE, _DATE_FIRST), (_LABEL_AND_DAY, _MONTH_FIRST))


def line_beyond(text: str, most: int) -> int | None:
    """The line of the first row too many, told by counting alone; none where there are no more rows than that."""
    found = next(islice(_ROW_LINE.finditer(text), most, None), None)
    return None if found is None else text.count("\n", 0, found.start()) + 1


def begins_row(text: str, line: Line, following: Line | None) -> bool:
    """Whether a row begins here: a label and a date, on this line or cut by its end."""
    if _ROW.match(text, line.start, line.end):
        return True
    if following is None:
        return False
    for before, after in _TWO_LINES:
        if before.fullmatch(text, line.start, line.end) and after.match(text, following.start, following.end):
            return True
    # The page ends after the first line of the row, which all of its cells share.
    shared = _LABEL_AND_DAY_FIRST.match(text, line.start, line.end) and following.breaks
    return bool(shared and _MONTH_FIRST.match(text, following.start, following.end))


def begins_undated(text: str, line: Line, before: Sequence[Word]) -> bool:
    """Whether a row begins here whose date is missing or in no form known."""
    goes_on = bool(before) and before[-1].low in _MID_SENTENCE
    return not goes_on and _UNDATED.match(text, line.start) is not None
