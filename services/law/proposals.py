"""Proposals and their names: one is converted to other letters under its number, a letter behind it is an alternative. Pure."""

import re
from typing import NamedTuple

from services.law.shapes import Code

_NAME = re.compile(r"([A-Za-z]+)(\d+)([A-Z]?)", re.ASCII)


class Identity(NamedTuple):
    """What makes two names those of one proposal: the letters it has in the end, its number, the letter of the alternative."""

    series: str
    number: str
    alternative: str

    @property
    def family(self) -> tuple[str, str]:
        """What it shares with its alternatives."""
        return self.series, self.number


def identity(code: Code, name: str) -> Identity:
    """Which proposal a name means: DP099 and MP099 one, MP102 and MP102A two of a family; a name in no known form is its own."""
    found = _NAME.fullmatch(name)
    if found is None:
        return Identity(name, "", "")
    letters, number, alternative = found.groups()
    return Identity(code.converted.get(letters, letters), number, alternative)
