"""Where in an Overview cell a paragraph or a sentence begins."""

from collections.abc import Sequence

from services.ingest.codes.sec.cursor import Cursor
from services.ingest.codes.sec.heads import at_part
from services.ingest.codes.sec.vocabulary import ACTION_NOUNS, BULLETS, PREPOSITIONS
from services.ingest.sources.words import Word

_GOES_ON = frozenset(
    {",", "and", "of", "to", "the", "a", "an", "new", "including", "or", "-", "–", "—", "(", "as", "by", "with"}
)


def paragraph_gap(words: Sequence[Word], at: int, before: Word | None) -> bool:
    """Whether a blank paragraph stands before; at the top of a page it may end the cell that the row's other words are in."""
    word = words[at]
    if before is None or not (word.gap or before.closes):
        return False
    if word.page == before.page or before.closes:
        return True
    return before.text == "." or word.text in BULLETS or _headed(words, at)


def begins_anew(words: Sequence[Word], at: int) -> bool:
    """Whether what stands here is never the middle of a sentence: a provision that no comma joins to those before."""
    joined = words[at - 1].text in _GOES_ON
    return not joined and (words[at].text == "The" or at_part(Cursor(words, at)))


def may_begin(words: Sequence[Word], at: int) -> bool:
    """Whether a sentence may begin here, below a blank paragraph that may as well end the cell beside."""
    return words[at].capital and words[at - 1].text not in _GOES_ON


def new_head(words: Sequence[Word], at: int, before: Word | None) -> bool:
    """Whether a line begins here with an action, the words before it being no beginning of it."""
    word = words[at]
    if before is None or not (word.first or word.page != before.page) or before.text in _GOES_ON:
        return False
    return _headed(words, at)


def _headed(words: Sequence[Word], at: int) -> bool:
    follows = words[at + 1].low if at + 1 < len(words) else ""
    return words[at].low in ACTION_NOUNS and words[at].capital and follows in PREPOSITIONS
