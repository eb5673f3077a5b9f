"""An Overview cell to its sentences: paragraphs, bullets, and lines that begin with an action."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.ingest.codes.sec.beginnings import begins_anew, may_begin, new_head, paragraph_gap
from services.ingest.codes.sec.cursor import Cursor
from services.ingest.codes.sec.found import Paragraph
from services.ingest.codes.sec.heads import at_head, at_part, bare_reference
from services.ingest.codes.sec.vocabulary import BULLETS, DASHES
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
        bullet = (word.text in BULLETS and (word.text != "*" or word.first)) or _dashed_item(words, at, current)
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


def _dashed_item(words: Sequence[Word], at: int, current: Sentence) -> bool:
    """Whether a dash at a line's start is a bullet: in a list under a colon, before what can be no title."""
    word = words[at]
    if word.text not in DASHES or not word.first or not current.words:
        return False
    if current.words[-1].text == ":":
        return True
    if not current.bullet or current.words[0].text != word.text:
        return False
    cursor = Cursor(words, at + 1)
    lettered = bare_reference(cursor, "section") is not None and cursor.low(1) in ("(", *DASHES)
    return lettered or at_part(cursor) or at_head(cursor)
