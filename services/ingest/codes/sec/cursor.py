"""A place in a row of words, moved forward by what the grammar recognises there."""

from collections.abc import Collection, Sequence

from services.ingest.codes.sec.vocabulary import Phrases
from services.ingest.sources.words import Word

LONGEST_RUN = 6


class Cursor:
    """Reads words one after the other; `reached` is the farthest place that anything was recognised up to."""

    __slots__ = ("at", "end", "reached", "words")

    def __init__(self, words: Sequence[Word], at: int = 0, end: int | None = None) -> None:
        self.words = words
        self.at = at
        self.end = len(words) if end is None else end
        self.reached = at

    def low(self, ahead: int = 0) -> str:
        """The word `ahead` in lower case, empty at the end."""
        place = self.at + ahead
        return self.words[place].low if place < self.end else ""

    def text(self, ahead: int = 0) -> str:
        """The word `ahead` as written, empty at the end."""
        place = self.at + ahead
        return self.words[place].text if place < self.end else ""

    def done(self) -> bool:
        """Whether no word is left."""
        return self.at >= self.end

    def step(self, count: int = 1) -> None:
        """Moves over words that were recognised."""
        self.at += count
        if self.at > self.reached:
            self.reached = self.at

    def take(self, *expected: str) -> bool:
        """Moves over the phrase where it stands here; else stays, `reached` at the first word that differs."""
        return self._take(expected)

    def take_any(self, words: Collection[str]) -> bool:
        """Moves over one word where it is one of these."""
        if self.at < self.end and self.words[self.at].low in words:
            self.step()
            return True
        return False

    def run(self, words: Collection[str], ahead: int = 0) -> int:
        """How far ahead a run of these words ends; a run longer than anybody writes is not followed."""
        most = ahead + LONGEST_RUN
        while ahead < most and self.at + ahead < self.end and self.words[self.at + ahead].low in words:
            ahead += 1
        return ahead

    def take_phrase(self, phrases: Phrases) -> tuple[str, ...]:
        """Moves over the longest of the phrases that stands here; empty where none does."""
        if self.at < self.end:
            for wanted in phrases.get(self.words[self.at].low, ()):
                if self._take(wanted):
                    return wanted
        return ()

    def _take(self, expected: Sequence[str]) -> bool:
        place = self.at
        for word in expected:
            if place >= self.end or self.words[place].low != word:
                if place > self.reached:
                    self.reached = place
                return False
            place += 1
        self.at = place
        if place > self.reached:
            self.reached = place
        return True
