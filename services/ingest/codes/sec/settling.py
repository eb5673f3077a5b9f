"""Sentences that a page's end may have parted: told apart, put together, or left in doubt."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from services.ingest.codes.sec.found import Found
from services.ingest.codes.sec.marks import unquoted
from services.ingest.codes.sec.sentences import Sentence
from services.ingest.codes.sec.vocabulary import DOCUMENT_NOUNS
from services.ingest.sources.words import phrase

UNCLEAR = "unclear-break"
Read = tuple[Found, int]


def settled(sentences: Sequence[Sentence], read: Callable[[Sequence[Sentence]], Read]) -> Read:
    """What the sentences say, one that perhaps goes on with the one before read both ways; a doubt where that differs."""
    apart = read(sentences)
    if not any(sentence.perhaps for sentence in sentences):
        return apart
    together = read(_together(sentences, unclear=False))
    lost, spared = doubtful(apart[0]), doubtful(together[0])
    if lost != spared:
        return apart if lost < spared else together
    if facts(apart[0]) == facts(together[0]):
        return apart
    if _titles_ended(apart[0]) < _titles_ended(together[0]):
        return together
    return read(_together(sentences, unclear=True))


def doubtful(found: Found) -> int:
    """How much is not understood; what a page's end leaves open is as likely however the row is divided."""
    return sum(
        5 if doubt.code == UNCLEAR else 50 + sum(len(word.text) for word in doubt.words) for doubt in found.doubts
    )


def _together(sentences: Sequence[Sentence], *, unclear: bool) -> list[Sentence]:
    found: list[Sentence] = []
    for sentence in sentences:
        if sentence.perhaps and found:
            found[-1] = replace(found[-1], words=[*found[-1].words, *sentence.words], unclear=unclear)
        else:
            found.append(sentence)
    return found


def _titles_ended(found: Found) -> int:
    """How many titles end as a document's does."""
    titles = [draft.target.title or "" for draft in found.drafts]
    return sum(title.rpartition(" ")[2].lower() in DOCUMENT_NOUNS for title in titles)


def facts(found: Found) -> list[object]:
    """What is said, whichever words say it."""
    topics: list[object] = [phrase(unquoted(subject.words)) for subject in found.subjects]
    return topics + [
        (draft.action, target.kind, target.ref, target.title, target.spec, target.spec_version, target.exclusions)
        for draft in found.drafts
        for target in (draft.target,)
    ]
