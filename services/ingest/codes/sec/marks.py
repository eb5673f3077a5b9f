"""Marks that come in pairs: quotations made one word each, so that nothing is read in them; brackets."""

from collections.abc import Sequence

from services.ingest.codes.sec.vocabulary import BULLETS, QUOTES
from services.ingest.sources.words import Word

QUOTED = "“quoted”"


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
        end = 0 if word.text not in QUOTES or word.text in hopeless or not _opens(words, at) else _closed(words, at)
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


def _opens(words: Sequence[Word], at: int) -> bool:
    """Whether a mark stands as one that opens does; a straight one could be an apostrophe."""
    if words[at].text != "'":
        return True
    apart = at == 0 or words[at - 1].end < words[at].start
    return apart and at + 1 < len(words) and words[at + 1].start == words[at].end


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
