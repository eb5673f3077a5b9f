"""Dates as the table writes them, whole or cut by a page break."""

import re
from dataclasses import dataclass
from datetime import date

from services.ingest.codes.sec.cursor import Cursor
from services.ingest.codes.sec.vocabulary import MONTHS

_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?")
_YEAR = re.compile(r"\d{4}")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


@dataclass(slots=True)
class DateParts:
    """What of a date has been read so far, in the order it is written: day, month, year."""

    day: int | None = None
    month: int | None = None
    year: int | None = None

    @property
    def whole(self) -> bool:
        """Whether nothing is missing."""
        return self.year is not None

    def value(self) -> date | None:
        """The day, or nothing where there is no such day or a part is missing."""
        if self.day is None or self.month is None or self.year is None:
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
    """Reads 2018-05-31 or 31/05/2018, which no line break divides."""
    five = [cursor.text(ahead) for ahead in range(5)]
    iso = _ISO.fullmatch("".join(five))
    if iso:
        parts.year, parts.month, parts.day = (int(part) for part in iso.groups())
    elif five[1] == five[3] == "/" and _YEAR.fullmatch(five[4]) and five[0].isdigit() and five[2].isdigit():
        parts.day, parts.month, parts.year = int(five[0]), int(five[2]), int(five[4])
    else:
        return False
    cursor.step(5)
    return True
