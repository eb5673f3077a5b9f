"""An Overview cell to its sentences: paragraphs, bullets, and lines that begin with an action."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.ingest.codes.sec.found import Paragraph
from services.ingest.codes.sec.vocabulary import ACTION_NOUNS, BULLETS, PREPOSITIONS, QUOTES
from services.ingest.sources.words import Word

_GOES_ON = frozenset(
    {",", "and", "of", "to", "the", "a", "an", "new", "including", "or", "-", "–", "—", "(", "as", "by", "with"}
)
QUOTED = "“quoted”"


@dataclass(slots=True)
class Sentence:
    """Words read together: a list's `bullet`, a `run_on` with no mark before it."""

    words: list[Word]
    paragraph: Paragraph
    bullet: bool = False
    run_on: bool = False


def split_sentences(words: Sequence[Word]) -> list[Sentence]:
    """The sentences in order; those of one paragraph and the list under it share its number."""
    found: list[Sentence] = []
    current = Sentence([], (0, 0))
    before: Word | None = None
    width = 0
    for at, word in enumerate(words):
        bullet = word.text in BULLETS and (word.text != "*" or word.first)
        gap = _paragraph_gap(words, at, before)
        unsure = not gap and not bullet and before is not None and word.page != before.page
        run_on = not gap and not bullet and _new_head(words, at, before)
        ended = before is not None and before.text == "."
        if unsure and (ended or run_on):
            width = width or widest_line(words)
            gap = has_room(words, at, width)
        if before is None or bullet or gap or run_on or ended:
            sure, fine = current.paragraph
            new = gap and not bullet
            current = Sentence([], (sure + new, fine + (new or unsure)), bullet, run_on and not ended)
            found.append(current)
        current.words.append(word)
        before = word
    return found


def widest_line(words: Sequence[Word]) -> int:
    """Characters in the longest line that the words stand on."""
    widest = start = page = 0
    for at, word in enumerate(words):
        if not at or word.first or word.page != page:
            start, page = word.start, word.page
        widest = max(widest, word.end - start)
    return widest


def open_brackets(words: Sequence[Word]) -> int:
    """How many brackets lack their other half."""
    depth = lacking = 0
    for word in words:
        if word.text == "(":
            depth += 1
        elif word.text == ")":
            lacking += depth == 0
            depth = max(depth - 1, 0)
    return depth + lacking


def has_room(words: Sequence[Word], at: int, width: int) -> bool:
    """Whether the word would have stood on the line before the page break, had its sentence gone on from there."""
    begin = at - 1
    while begin and not words[begin].first and words[begin].page == words[begin - 1].page:
        begin -= 1
    return words[at - 1].end - words[begin].start + 1 + len(words[at].text) <= width


def _paragraph_gap(words: Sequence[Word], at: int, before: Word | None) -> bool:
    """Whether a blank paragraph stands before; at a page break it may be another cell's, unless a sentence begins here."""
    word = words[at]
    if before is None or not word.gap:
        return False
    if word.page == before.page:
        return True
    return before.text == "." or word.text in BULLETS or _headed(words, at)


def _new_head(words: Sequence[Word], at: int, before: Word | None) -> bool:
    word = words[at]
    if before is None or not (word.first or word.page != before.page) or before.text in _GOES_ON:
        return False
    return _headed(words, at)


def _headed(words: Sequence[Word], at: int) -> bool:
    follows = words[at + 1].low if at + 1 < len(words) else ""
    return words[at].low in ACTION_NOUNS and words[at].capital and follows in PREPOSITIONS


def unquoted(words: Sequence[Word]) -> list[Word]:
    """The words with those of each quotation in its place."""
    found: list[Word] = []
    for word in words:
        found.extend(unquoted(word.parts) if word.text == QUOTED else (word,))
    return found


def with_quotes(words: Sequence[Word]) -> list[Word]:
    """The words with each quotation made one, quotations within it included; an unclosed one stays as it is."""
    found: list[Word] = []
    at = 0
    hopeless: set[str] = set()
    while at < len(words):
        word = words[at]
        end = 0 if word.text not in QUOTES or word.text in hopeless else _closed(words, at)
        if end:
            inner = tuple(words[at:end])
            found.append(
                Word(QUOTED, QUOTED, word.start, inner[-1].end, word.order, word.first, word.gap, word.page, inner)
            )
            at = end
            continue
        if word.text in QUOTES:
            hopeless.add(word.text)
        hopeless = set() if word.text in BULLETS else hopeless
        found.append(word)
        at += 1
    return found


def _closed(words: Sequence[Word], start: int) -> int:
    """The place after the quotation that opens here, 0 where nothing closes it before the next bullet."""
    opening = words[start].text
    closing = QUOTES[opening]
    depth = 0
    for at in range(start, len(words)):
        text = words[at].text
        if text == closing and at > start:
            depth -= 1
        elif text == opening:
            depth += 1
        elif text in BULLETS:
            return 0
        if not depth:
            return at + 1
    return 0
