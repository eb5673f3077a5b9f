"""Dates as the table writes them, whole or cut by a page break."""

import re
from dataclasses import dataclass
from datetime import date

from services.ingest.codes.sec.cursor import Cursor
from services.ingest.codes.sec.vocabulary import MONTHS

_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?")
_YEAR = re.compile(r"\d{4}")
_MONTHS_IN_A_YEAR = 12
_NUMBERS = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


@dataclass(slots=True)
class DateParts:
    """What of a date has been read so far, in the order it is written: day, month, year."""

    day: int | None = None
    month: int | None = None
    year: int | None = None
    ambiguous: bool = False

    @property
    def whole(self) -> bool:
        """Whether nothing is missing."""
        return self.year is not None

    def value(self) -> date | None:
        """The day, or nothing where there is no such day, a part is missing or two days could be meant."""
        if self.day is None or self.month is None or self.year is None or self.ambiguous:
            return None
        try:
            return date(self.year, self.month, self.day)
        except ValueError:
            return None


def read_date(cursor: Cursor, parts: DateParts) -> bool:
    """Goes on with a date from where `parts` stopped; whether it is whole now."""
    if parts.day is None and (_numeric(cursor, parts) or not _day(cursor, parts)):
        return parts.whole
    if parts.month is None:
        cursor.take("of")
        parts.month = MONTHS.get(cursor.low())
        if parts.month is None:
            return False
        cursor.step()
        cursor.take(".")
        cursor.take(",")
    if parts.year is None and _YEAR.fullmatch(cursor.text()):
        parts.year = int(cursor.text())
        cursor.step()
    return parts.whole


def _day(cursor: Cursor, parts: DateParts) -> bool:
    match = _DAY.fullmatch(cursor.low())
    if match is None:
        return False
    parts.day = int(match.group(1))
    cursor.step()
    if cursor.low() in ("st", "nd", "rd", "th"):
        cursor.step()
    return True


def _numeric(cursor: Cursor, parts: DateParts) -> bool:
    """Reads 2018-05-31, 31/05/2018 or 31.05.2018, which no line break divides; 04/05/2018 may be April or May."""
    count = 1
    while count < 5 and cursor.at + count < cursor.end and _glued(cursor, count):
        count += 1
    iso = numbers = None
    while count and not (iso or numbers):
        written = "".join(cursor.text(ahead) for ahead in range(count))
        iso, numbers = _ISO.fullmatch(written), _NUMBERS.fullmatch(written)
        count -= 1
    if iso:
        parts.year, parts.month, parts.day = (int(part) for part in iso.groups())
    elif numbers:
        parts.day, parts.month, parts.year = int(numbers[1]), int(numbers[3]), int(numbers[4])
        parts.ambiguous = parts.day != parts.month and max(parts.day, parts.month) <= _MONTHS_IN_A_YEAR
    else:
        return False
    cursor.step(count + 1)
    return True


def _glued(cursor: Cursor, ahead: int) -> bool:
    return cursor.words[cursor.at + ahead].start == cursor.words[cursor.at + ahead - 1].end
