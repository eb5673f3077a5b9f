"""A place in a row of words, moved forward by what the grammar recognises there."""

from collections.abc import Collection, Iterable, Sequence

from services.ingest.sources.words import Word


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
        self.reached = max(self.reached, self.at)

    def take(self, *expected: str) -> bool:
        """Moves over the phrase where it stands here; else stays, `reached` at the first word that differs."""
        for ahead, word in enumerate(expected):
            if self.low(ahead) != word:
                self.reached = max(self.reached, self.at + ahead)
                return False
        self.step(len(expected))
        return True

    def take_any(self, words: Collection[str]) -> bool:
        """Moves over one word where it is one of these."""
        if self.low() in words and not self.done():
            self.step()
            return True
        return False

    def take_phrase(self, phrases: Iterable[Sequence[str]]) -> Sequence[str] | None:
        """Moves over the longest of the phrases that stands here."""
        best: Sequence[str] = ()
        here = self.low()
        for wanted in phrases:
            if wanted[0] == here and len(wanted) > len(best) and self._stands(wanted):
                best = wanted
        if not best:
            return None
        self.step(len(best))
        return best

    def _stands(self, phrase: Sequence[str]) -> bool:
        for ahead, word in enumerate(phrase):
            if self.low(ahead) != word:
                self.reached = max(self.reached, self.at + ahead)
                return False
        return True
