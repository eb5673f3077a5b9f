"""The Overview column: sentences and lists to what they say."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.ingest.codes.sec.clauses import ListHead, read_sentence
from services.ingest.codes.sec.found import Doubt, Found
from services.ingest.codes.sec.marks import open_brackets, with_quotes
from services.ingest.codes.sec.sentences import Sentence, split_sentences
from services.ingest.codes.sec.settling import UNCLEAR, doubtful, settled
from services.ingest.codes.sec.vocabulary import BULLETS, DASHES
from services.ingest.sources.words import Word, joined

_PUBLICATION = ("first", "publication")
_OF_ANOTHER_COLUMN = frozenset({"pursuant", "licence", "act", "condition"})


@dataclass(slots=True)
class Overview:
    """What a cell says, and how unlikely it is that these words are one cell, 0 for none of it in doubt."""

    found: Found
    unlikely: int


def read_overview(words: Sequence[Word]) -> Overview:
    """What the words say, taken as one Overview cell."""
    sentences = split_sentences(with_quotes(joined(words)))
    found, unlikely = settled(sentences, _read)
    foreign = sum(word.low in _OF_ANOTHER_COLUMN for sentence in sentences for word in sentence.words)
    return Overview(found, unlikely + _beginning(words) + doubtful(found) + 4 * open_brackets(words) + 40 * foreign)


def _read(sentences: Sequence[Sentence]) -> tuple[Found, int]:
    """What the sentences say, and how unlikely it is that they are as divided."""
    whole = Found()
    above: ListHead | None = None
    unlikely = 0
    for at, sentence in enumerate(sentences):
        whole.paragraphs = (sentence.paragraph[0] + 1, sentence.paragraph[1] + 1)
        said = _said(sentence)
        if sentence.unclear:
            whole.doubts.append(Doubt(UNCLEAR, "one sentence or two, parted by a page's end", said))
            continue
        if _published(said):
            whole.publication = said
            continue
        if above is not None and not sentence.bullet:
            above = None
        listed = at + 1 < len(sentences) and sentences[at + 1].bullet and not sentence.bullet
        found, head = read_sentence(said, sentence.paragraph, above, listed)
        above = head or above
        whole.add(found)
        unlikely += 5 * sentence.run_on
    return whole, unlikely


def _said(sentence: Sentence) -> list[Word]:
    return sentence.words[1:] if sentence.bullet and sentence.words[0].text in BULLETS | DASHES else sentence.words


def _published(words: Sequence[Word]) -> bool:
    said = tuple(word.low for word in words if word.text != ".")
    return said[:2] == _PUBLICATION and said[2:] in ((), ("of", "sec"), ("of", "the", "sec"), ("of", "the", "code"))


def _beginning(words: Sequence[Word]) -> int:
    """How unlikely a cell is to begin with the first word."""
    if not words:
        return 1000
    first = words[0]
    if first.capital or first.text in BULLETS:
        return 0
    return 200
