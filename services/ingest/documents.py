"""Saying that two titles are one document: Procedure and Procedures, with or without a trailing Document. Pure."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

_WORD = re.compile(r"[^\W_]+")
_GENERIC_ENDINGS = frozenset({"document"})


def title_key(title: str) -> str:
    """What titles of one document have in common: words alone, singular, lower case, without a generic last word."""
    words = [_singular(word) for word in _WORD.findall(title.casefold())]
    if len(words) > 1 and words[-1] in _GENERIC_ENDINGS:
        words.pop()
    return " ".join(words)


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


@dataclass(frozen=True, slots=True)
class Titled:
    """A provision that has borne a title, and since when."""

    kind: str
    ref: str
    since: date | None


@dataclass
class Titles:
    """Which provisions have borne which titles, by title key; documents without a letter among them."""

    by_key: dict[str, list[Titled]] = field(default_factory=lambda: defaultdict(list))
    lettered: dict[str, tuple[str, str]] = field(default_factory=dict)

    def note(self, title: str, kind: str, ref: str, since: date | None) -> bool:
        """Keeps that a provision bears a title; whether that is new."""
        titled = self.by_key[title_key(title)]
        if any((each.kind, each.ref) == (kind, ref) for each in titled):
            return False
        titled.append(Titled(kind, ref, since))
        return True

    def provisions(self, title: str) -> list[Titled]:
        """The provisions with a letter or number that have borne the title."""
        return [each for each in self.by_key.get(title_key(title), ()) if each.kind != "document"]

    def documents(self, title: str) -> list[Titled]:
        """The documents without a letter that have borne it, the first one first."""
        return [each for each in self.by_key.get(title_key(title), ()) if each.kind == "document"]
