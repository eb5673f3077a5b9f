"""Saying that two titles are one document: Procedure and Procedures, with or without a trailing Document. Pure."""

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+|&")
_GENERIC_ENDINGS = frozenset({"document"})


@lru_cache(maxsize=65_536)
def title_key(title: str) -> str:
    """What titles of one document have in common: words alone, singular, lower case, without a generic last word."""
    plain = unicodedata.normalize("NFKC", title).casefold().replace("’", "'").replace("'s ", "s ")
    words = [_singular("and" if word == "&" else word) for word in _WORD.findall(plain)]
    if len(words) > 1 and words[-1] in _GENERIC_ENDINGS:
        words.pop()
    return " ".join(words)


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


@dataclass(frozen=True, slots=True)
class Titled:
    """A provision that has borne a title, and since when (null: undated)."""

    kind: str
    ref: str
    since: date | None

    def __str__(self) -> str:
        """As users write it."""
        return f"{self.kind}/{self.ref}"


@dataclass
class Titles:
    """Which provisions have borne which titles, first come first; `lettered` are the documents that got a letter since."""

    by_key: dict[str, list[Titled]] = field(default_factory=lambda: defaultdict(list))
    lettered: set[str] = field(default_factory=set)

    def copy(self) -> "Titles":
        """The same, to go on with apart."""
        held = {key: list(titled) for key, titled in self.by_key.items()}
        return Titles(defaultdict(list, held), set(self.lettered))

    def note(self, title: str, titled: Titled) -> bool:
        """Keeps that a provision bears a title; whether that is new."""
        key = title_key(title)
        if not key or any((each.kind, each.ref) == (titled.kind, titled.ref) for each in self.by_key.get(key, ())):
            return False
        self.by_key[key].append(titled)
        return True

    def provisions(self, title: str, day: date | None) -> list[Titled]:
        """The provisions with a letter or number that bore the title on a day (null: at any time)."""
        found = self.by_key.get(title_key(title), ())
        return [each for each in found if each.kind != "document" and (not day or not each.since or each.since <= day)]

    def document(self, title: str) -> Titled | None:
        """The document without a letter that bore it first."""
        found = self.by_key.get(title_key(title), ())
        return next((each for each in found if each.kind == "document"), None)
