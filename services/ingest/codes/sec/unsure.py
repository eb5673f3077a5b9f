"""Sentences that the grammar has no rule for: a topic where nothing can hide in it, else words not understood."""

import re
from collections.abc import Sequence

from services.ingest.codes.sec.cursor import Cursor
from services.ingest.codes.sec.found import Doubt, Found, Paragraph, Subject
from services.ingest.codes.sec.heads import at_part, read_head
from services.ingest.codes.sec.marks import QUOTED
from services.ingest.codes.sec.proposals import read_cited, read_proposal, take_divider, take_release
from services.ingest.codes.sec.vocabulary import (
    ABOUT,
    ACTION_PARTICIPLES,
    CODE_NAMES,
    DETERMINERS,
    DOCUMENT_NOUNS,
    FINITE,
    FOREIGN_PARTS,
    KINDS,
    NOMINAL_ENDINGS,
    PREPOSITIONS,
)
from services.ingest.sources.words import Word

_NUMBERED = re.compile(r"[A-Z]\d+[A-Z]?(?:\.\d+[A-Z]?)*|\d+(?:\.\d+)*|[A-Z]")
_INNER = re.compile(r"[A-Z]\d+[A-Z]?(?:\.\d+[A-Z]?)*")


def judge(words: Sequence[Word], paragraph: Paragraph, *, in_list: bool) -> Found:
    """The words as a topic, or as not understood where they may say something of a provision."""
    if not any(word.text[0].isalnum() or word.parts for word in words):
        stray = [word for word in words if word.text not in (".", ";", ",", ":", "•")]
        return Found(doubts=[Doubt("unknown-wording", "marks that the grammar does not know", stray)] if stray else [])
    implemented = _implemented(words, paragraph)
    if implemented is not None:
        return implemented
    reason = _why(words, in_list)
    if reason is None:
        return Found(subjects=[Subject(words, paragraph)])
    return Found(doubts=[Doubt(*reason, words)])


def negates(words: Sequence[Word]) -> bool:
    """Whether the words may take back what was said before them."""
    return any(word.low in FINITE or (word.text.islower() and word.low.endswith("ed")) for word in words) or any(
        word.low in ("but", "however", "except", "unless", "until", "from", "which", "subject") for word in words
    )


def _implemented(words: Sequence[Word], paragraph: Paragraph) -> Found | None:
    """`Implementation of SECMP0050 “...”`, `November 2019 SEC Release: MP079`: made part of the code, no word of where."""
    cursor = Cursor(words)
    if cursor.take("implementation", "of"):
        cursor.take("the")
        cursor.take_any(("modification", "modifications"))
        cursor.take_any(("proposal", "proposals"))
    elif not (take_release(cursor) and take_divider(cursor)):
        return None
    cited = read_cited(cursor)
    if not cited or not cursor.done():
        return None
    return Found(subjects=[Subject(words, paragraph)], cited=cited)


def _why(words: Sequence[Word], in_list: bool) -> tuple[str, str] | None:
    cursor = Cursor(words)
    if in_list:
        return "unknown-reference", "an item of a list that names no provision known"
    if _speaks_about(words):
        return None
    if any(word.low in FINITE for word in words):
        return "unknown-wording", "a sentence that the grammar does not know"
    named = _names_a_part(words)
    if read_head(cursor):
        return (
            ("unknown-wording", "more is said of the action than the grammar knows")
            if named
            else ("unknown-reference", "an action on something that is no provision known")
        )
    if named:
        return "unknown-action", "a provision is named, but no action known is said of it"
    return _hidden_action(words)


def _hidden_action(words: Sequence[Word]) -> tuple[str, str] | None:
    first = words[0]
    if not (first.capital or first.text[0].isdigit() or first.parts):
        return "unknown-wording", "a piece that does not begin as a sentence does"
    if any(word.low in ("pursuant", "directed") or not word.text.isprintable() for word in words):
        return "unknown-wording", "an act of somebody where the subject of a change is expected"
    follows = words[1].low if len(words) > 1 else ""
    nominal = first.low.endswith(NOMINAL_ENDINGS) and follows in (*PREPOSITIONS, "from")
    if nominal and any(word.low in DOCUMENT_NOUNS and word.capital for word in words):
        return "unknown-action", "an action that the grammar does not know"
    if any(word.low in ACTION_PARTICIPLES for word in words):
        return "unknown-reference", "an action on something that is no provision known"
    return None


def _speaks_about(words: Sequence[Word]) -> bool:
    """`SEC Schedule 7 providing a Specimen Enabling Agreement`: a provision as the subject, with nothing done to it."""
    at = 0
    while at < len(words) and (words[at].low in DETERMINERS or words[at].low in CODE_NAMES):
        at += 1
    if not at_part(Cursor(words, at)) or at + 2 >= len(words) or words[at + 2].low not in ABOUT:
        return False
    rest = words[at + 2 :]
    said = any(word.low in FINITE or word.low in ACTION_PARTICIPLES for word in rest)
    return not said and not _names_a_part(rest)


def _names_a_part(words: Sequence[Word]) -> bool:
    cursor = Cursor(words)
    while not cursor.done():
        word = words[cursor.at]
        if cursor.at == len(words) - 1 and (_NUMBERED.fullmatch(word.text) or (word.capital and word.low in KINDS)):
            return True
        if word.text == QUOTED:
            cursor.at += 1
            continue
        foreign = word.low in FOREIGN_PARTS and _NUMBERED.fullmatch(cursor.text(1)) is not None
        if foreign or at_part(cursor) or _INNER.fullmatch(word.text) or read_proposal(cursor):
            return True
        cursor.at += 1
    return False
