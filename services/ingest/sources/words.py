"""Words of a source text, each with the characters it stands at."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from events.vocabulary import Span

_WORD = re.compile(
    r"(?=[^\W\d_]*?[a-z])[^\W\d_]++(?:['’/-][^\W\d_]+)+"  # Re-Designation, Self-Service: the hyphen belongs to the word
    r"|\w+(?:\.\d\w*)*"  # Section, H10.9, v2.0, 88
    r"|\S"
)


@dataclass(slots=True)
class Word:
    """One word or mark: `order` counts the words of a row, `gap` the blank paragraphs and `page` the breaks before it.

    `closes` where blank paragraphs follow it to the end of its page.
    """

    text: str
    low: str
    start: int
    end: int
    order: int
    first: bool
    gap: int
    page: int
    parts: tuple["Word", ...] = ()
    closes: bool = False

    @property
    def capital(self) -> bool:
        """Whether it begins as a name does."""
        return self.text[0].isupper()


def split(text: str, start: int, end: int, order: int, gap: int, page: int) -> list[Word]:
    """The words of one line; the first carries the line's gap."""
    found: list[Word] = []
    for match in _WORD.finditer(text, start, end):
        word = match.group()
        begins = not found
        found.append(Word(word, word.lower(), match.start(), match.end(), order, begins, gap if begins else 0, page))
        order += 1
    return found


def leaves(words: Iterable[Word]) -> list[Word]:
    """The words as they stand in the source, those within joined and quoted ones included."""
    found: list[Word] = []
    for word in words:
        found.extend(leaves(word.parts) if word.parts else (word,))
    return found


def spans(words: Iterable[Word]) -> tuple[Span, ...]:
    """Where the words stand, in source order, neighbours as one span."""
    found: list[Span] = []
    last = -2
    for word in sorted(leaves(words), key=_order):
        if word.order == last + 1:
            found[-1] = (found[-1][0], word.end)
        elif word.order != last:
            found.append((word.start, word.end))
        last = word.order
    return tuple(found)


def phrase(words: Sequence[Word]) -> str:
    """The words as a reader would write them on one line, a word broken at its hyphen made whole."""
    written = ""
    before: Word | None = None
    for word in words:
        glued = before is not None and before.end == word.start
        written += word.text if glued or not written else " " + word.text
        before = word
    return written


def joined(words: Sequence[Word]) -> list[Word]:
    """The words with those broken at a hyphen over two lines made one: `re-` and `designation`."""
    found: list[Word] = []
    at = 0
    while at < len(words):
        if _broken_at_hyphen(words, at):
            first, hyphen, rest = words[at : at + 3]
            text = first.text + hyphen.text + rest.text
            one = Word(
                text,
                text.lower(),
                first.start,
                rest.end,
                first.order,
                first.first,
                first.gap,
                first.page,
                (first, hyphen, rest),
            )
            found.append(one)
            at += 3
        else:
            found.append(words[at])
            at += 1
    return found


def _broken_at_hyphen(words: Sequence[Word], at: int) -> bool:
    if at + 2 >= len(words) or words[at + 1].text != "-":
        return False
    first, hyphen, rest = words[at : at + 3]
    lettered = first.text.isalpha() or "-" in first.text
    stands = first.end == hyphen.start and (rest.page != hyphen.page or (rest.first and not rest.gap))
    return stands and lettered and not hyphen.closes and any(map(str.islower, first.text)) and rest.text[0].isalpha()


def _order(word: Word) -> int:
    return word.order
