"""The fields of a command's body: words of bounded length without control characters, names, days."""

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, StringConstraints


def day(value: object) -> object:
    """A day as it may be written, null among them; ValueError for any other way."""
    if value is None or isinstance(value, date):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        raise ValueError("expected a day, as YYYY-MM-DD")
    return value


_PRINTABLE = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
Word = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True, pattern=_PRINTABLE)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=1_000, strip_whitespace=True, pattern=_PRINTABLE)]
Quote = Annotated[str, StringConstraints(min_length=1, max_length=20_000, strip_whitespace=True, pattern=_PRINTABLE)]
Day = Annotated[date | None, BeforeValidator(day)]
DayNamed = Annotated[date, BeforeValidator(day)]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
Action = Literal["designated", "redesignated", "activated", "amended", "deleted"]
