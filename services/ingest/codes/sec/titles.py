"""Titles of provisions and documents: where they begin and end, and the specification versions in them."""

import re

from services.ingest.codes.sec.cursor import Cursor
from services.ingest.codes.sec.heads import at_head, at_part, at_proposal_tail, bare_reference, take_determiner
from services.ingest.codes.sec.marks import QUOTED
from services.ingest.codes.sec.proposals import is_proposal
from services.ingest.codes.sec.vocabulary import (
    AFTER_A_COMMA,
    AFTER_A_TITLE,
    DASHES,
    DOCUMENT_NOUNS,
    FINITE,
    INCLUDES,
    SMALL_WORDS,
)
from services.ingest.sources.words import Word

_VERSION = re.compile(r"[vV](\d+(?:\.\d+)*)")
_NUMBER = re.compile(r"\d+(?:\.\d+)*")
_SPEC = re.compile(r"[A-Z]{2,}\d*")
_IN_TITLES = frozenset("&/'’+")
_STOPS = frozenset({".", ";", ":", ")", "(", QUOTED, "?", "!"})


def read_title(cursor: Cursor, kind: str, *, loose: bool, single: bool = False) -> list[Word]:
    """The words of a title; loose, after a dash, colon or bracket, small letters may stand in it; single, no comma."""
    start = cursor.at
    while not cursor.done() and not _ends(cursor, kind, start, loose) and not (single and cursor.low() in (",", "and")):
        cursor.step()
    while cursor.at > start and (
        cursor.words[cursor.at - 1].low in SMALL_WORDS or cursor.low(-1) in ("-", "–", ",", "&")
    ):
        cursor.at -= 1
    return list(cursor.words[start : cursor.at])


def _ends(cursor: Cursor, kind: str, start: int, loose: bool) -> bool:
    word = cursor.words[cursor.at]
    if word.capital:
        return at_version(cursor) or at_part(cursor) or at_head(cursor)
    low = word.low
    if low in _STOPS or low in INCLUDES or low in FINITE:
        return True
    if cursor.at == start:
        return not loose or low.endswith("ed") or not word.text[0].isalnum()
    if low in (",", "and"):
        return cursor.low(1) in DASHES or _next_target(cursor, kind, start)
    return at_version(cursor) or _small_ends(cursor, loose)


def _small_ends(cursor: Cursor, loose: bool) -> bool:
    word = cursor.words[cursor.at]
    start = cursor.at
    phrase = cursor.take_phrase(AFTER_A_TITLE)
    cursor.at = start
    if phrase or at_proposal_tail(cursor):
        return True
    if word.low in SMALL_WORDS:
        following = cursor.text(cursor.run(SMALL_WORDS, 1))
        return not (
            following[:1].isupper() or following[:1].isdigit() or (loose and word.low not in ("to", "from", "by"))
        )
    if not word.text[0].isalpha():
        return not (word.text[0].isdigit() or word.text in DASHES or word.text in _IN_TITLES)
    return not loose or word.low.endswith("ed") or word.low in ("due", "withdrawn", "as", "under")


def _next_target(cursor: Cursor, kind: str, start: int) -> bool:
    """Whether after the comma or the `and` here another target begins, or another clause."""
    here = cursor.at
    end_of_title = cursor.words[here - 1]
    cursor.at += 1
    cursor.at += cursor.run((",", "and", "but"))
    article = cursor.low() == "the"
    excluded = bool(cursor.take_phrase(AFTER_A_COMMA))
    while take_determiner(cursor):
        pass
    begins = (
        excluded
        or cursor.done()
        or at_part(cursor)
        or at_head(cursor)
        or at_version(cursor)
        or at_spec(cursor)
        or at_proposal_tail(cursor)
        or (kind != "" and bare_reference(cursor, kind) is not None)
        or (article and end_of_title.low in DOCUMENT_NOUNS)
        or cursor.low() == "subsidiary"
    )
    cursor.at = here
    return begins


def at_version(cursor: Cursor) -> bool:
    """Whether a version number stands here: `v2.0`, `version 1.2`."""
    if _VERSION.fullmatch(cursor.text()):
        return True
    return cursor.low() in ("version", "v") and _NUMBER.fullmatch(cursor.text(1)) is not None


def at_spec(cursor: Cursor) -> bool:
    """Whether a specification with its version stands here: `SMETS2 v4.0`."""
    if not _SPEC.fullmatch(cursor.text()):
        return False
    cursor.at += 1
    found = at_version(cursor)
    cursor.at -= 1
    return found


def is_spec(title: list[Word]) -> bool:
    """Whether the title is a specification's short name alone."""
    return len(title) == 1 and _SPEC.fullmatch(title[0].text) is not None


def read_version(cursor: Cursor) -> str | None:
    """The version number here, bracketed or not."""
    start = cursor.at
    bracket = cursor.take("(")
    match = _VERSION.fullmatch(cursor.text())
    if match:
        cursor.step()
        number = match.group(1)
    elif at_version(cursor):
        number = cursor.text(1)
        cursor.step(2)
    else:
        cursor.at = start
        return None
    if bracket and not cursor.take(")"):
        cursor.at = start
        return None
    return number


def _abbreviates(text: str) -> bool:
    return (text.isupper() and not is_proposal(text)) or text.isdigit() or text == "&" or text in DASHES


def take_abbreviation(cursor: Cursor) -> bool:
    """Moves over `(SMKI RAPP)`: a title's short form in brackets."""
    ahead = 1
    while _abbreviates(cursor.text(ahead)):
        ahead += 1
    lettered = any(cursor.text(place).isalpha() for place in range(1, ahead))
    if cursor.low() == "(" and lettered and cursor.low(ahead) == ")":
        cursor.step(ahead + 1)
        return True
    return False
