"""An Overview cell to its sentences: paragraphs, bullets, and lines that begin with an action."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.ingest.codes.sec.cursor import Cursor
from services.ingest.codes.sec.found import Paragraph
from services.ingest.codes.sec.heads import at_part
from services.ingest.codes.sec.vocabulary import ACTION_NOUNS, BULLETS, PREPOSITIONS
from services.ingest.codes.sec.widths import has_room, widest_line
from services.ingest.sources.words import Word

_GOES_ON = frozenset(
    {",", "and", "of", "to", "the", "a", "an", "new", "including", "or", "-", "–", "—", "(", "as", "by", "with"}
)


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
        gap = _paragraph_gap(words, at, before)
        unsure = not gap and not bullet and before is not None and word.page != before.page
        run_on = not gap and not bullet and _new_head(words, at, before)
        ended = before is not None and before.text == "."
        perhaps = False
        if unsure and (ended or run_on or word.gap):
            width = width or widest_line(words)
            gap = has_room(words, at, width) or (word.gap > 0 and _begins_anew(words, at))
            perhaps = not (gap or ended or run_on) and _may_begin(words, at)
        if before is None or bullet or gap or run_on or ended or perhaps:
            sure, fine = current.paragraph
            new = gap and not bullet
            current = Sentence([], (sure + new, fine + (new or unsure)), bullet, run_on and not ended, perhaps)
            found.append(current)
        current.words.append(word)
        before = word
    return found


def _paragraph_gap(words: Sequence[Word], at: int, before: Word | None) -> bool:
    """Whether a blank paragraph stands before; at the top of a page it may end the cell that the row's other words are in."""
    word = words[at]
    if before is None or not (word.gap or before.closes):
        return False
    if word.page == before.page or before.closes:
        return True
    return before.text == "." or word.text in BULLETS or _headed(words, at)


def _begins_anew(words: Sequence[Word], at: int) -> bool:
    """Whether what stands here is never the middle of a sentence: a provision that no comma joins to those before."""
    joined = words[at - 1].text in _GOES_ON
    return not joined and (words[at].text == "The" or at_part(Cursor(words, at)))


def _may_begin(words: Sequence[Word], at: int) -> bool:
    """Whether a sentence may begin here, below a blank paragraph that may as well end the cell beside."""
    return words[at].capital and words[at - 1].text not in _GOES_ON


def _new_head(words: Sequence[Word], at: int, before: Word | None) -> bool:
    word = words[at]
    if before is None or not (word.first or word.page != before.page) or before.text in _GOES_ON:
        return False
    return _headed(words, at)


def _headed(words: Sequence[Word], at: int) -> bool:
    follows = words[at + 1].low if at + 1 < len(words) else ""
    return words[at].low in ACTION_NOUNS and words[at].capital and follows in PREPOSITIONS
