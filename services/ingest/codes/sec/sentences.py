"""An Overview cell to its sentences: paragraphs, bullets, and lines that begin with an action."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.ingest.codes.sec.beginnings import begins_anew, may_begin, new_head, paragraph_gap
from services.ingest.codes.sec.found import Paragraph
from services.ingest.codes.sec.vocabulary import BULLETS
from services.ingest.codes.sec.widths import has_room, widest_line
from services.ingest.sources.words import Word


@dataclass(slots=True)
class Sentence:
    """Words read together: a list's `bullet`, a `run_on` with no mark before it, `perhaps` one with the words before it."""

    words: list[Word]
    paragraph: Paragraph
    bullet: bool = False
    run_on: bool = False
    perhaps: bool = False
    unclear: bool = False


def split_sentences(words: Sequence[Word]) -> list[Sentence]:
    """The sentences in order; those of one paragraph and the list under it share its number."""
    found: list[Sentence] = []
    current = Sentence([], (0, 0))
    before: Word | None = None
    width = 0
    for at, word in enumerate(words):
        bullet = word.text in BULLETS and (word.text != "*" or word.first)
        gap = paragraph_gap(words, at, before)
        unsure = not gap and not bullet and before is not None and word.page != before.page
        run_on = not gap and not bullet and new_head(words, at, before)
        ended = before is not None and before.text == "."
        perhaps = False
        if unsure and (ended or run_on or word.gap):
            width = width or widest_line(words)
            gap = has_room(words, at, width) or (word.gap > 0 and begins_anew(words, at))
            perhaps = not (gap or ended or run_on) and may_begin(words, at)
        if before is None or bullet or gap or run_on or ended or perhaps:
            sure, fine = current.paragraph
            new = gap and not bullet
            current = Sentence([], (sure + new, fine + (new or unsure)), bullet, run_on and not ended, perhaps)
            found.append(current)
        current.words.append(word)
        before = word
    return found
