"""What tells that an action, a provision or a proposal is named at a place."""

import re

from services.ingest.codes.sec.cursor import Cursor
from services.ingest.codes.sec.proposals import is_proposal, read_proposal
from services.ingest.codes.sec.vocabulary import (
    ACTION_NOUNS,
    CHANGE_NOUNS,
    CODE_NAMES,
    DASHES,
    DETERMINERS,
    DUE_TO,
    HARMLESS,
    KINDS,
    PREPOSITIONS,
    REFERENCES,
)

REFERENCE = {kind: re.compile(pattern) for kind, pattern in REFERENCES.items()}
RELEASE = re.compile(r"sec\d+(?:\.\d+)*")


def take_determiner(cursor: Cursor) -> bool:
    """Moves over an article or the like; A and AN are references, save at `A new Section`."""
    if cursor.text() == "AN" or (cursor.text() == "A" and cursor.low(1) not in DETERMINERS):
        return False
    return cursor.take_any(DETERMINERS)


def read_head(cursor: Cursor) -> list[str]:
    """The actions that a noun phrase names here, past its `of` or `to`; none where there are none."""
    start = cursor.at
    cursor.step(plain_words(cursor))
    actions = []
    while cursor.low() in ACTION_NOUNS:
        actions.append(ACTION_NOUNS[cursor.low()])
        cursor.step()
        if cursor.low() in ("and", ",") and cursor.low(1) in ACTION_NOUNS:
            cursor.step()
    if actions and (cursor.take("made") or True) and cursor.take_any(PREPOSITIONS):
        return actions
    cursor.at = start
    return []


def plain_words(cursor: Cursor) -> int:
    """How many words here change nothing in what an action after them does: `the`, `SEC4.2`, `consequential`."""
    ahead = cursor.run(HARMLESS)
    return cursor.run(HARMLESS, ahead + 1) if RELEASE.fullmatch(cursor.low(ahead)) else ahead


def at_head(cursor: Cursor) -> bool:
    """Whether an action or a change of things unnamed is spoken of here: `amendments to`, `consequential changes to`."""
    ahead = plain_words(cursor)
    noun = cursor.low(ahead)
    if noun in ACTION_NOUNS:
        follows = ahead + 2 if cursor.low(ahead + 1) == "made" else ahead + 1
        return cursor.low(follows) in PREPOSITIONS or cursor.low(ahead + 2) in ACTION_NOUNS
    return noun in CHANGE_NOUNS and cursor.low(ahead + 1) in PREPOSITIONS


def at_part(cursor: Cursor, ahead: int = 0) -> bool:
    """Whether a part of the code is named here by kind and reference: `SEC Section A`, `Appendix AC`."""
    if cursor.low(ahead) in CODE_NAMES:
        ahead += 1
    kind = KINDS.get(cursor.low(ahead))
    return kind is not None and REFERENCE[kind].fullmatch(cursor.text(ahead + 1)) is not None


def bare_reference(cursor: Cursor, kind: str) -> str | None:
    """The reference that stands here without its noun, as in `Sections A and J`."""
    if kind not in REFERENCE or not REFERENCE[kind].fullmatch(cursor.text()) or is_proposal(cursor.text()):
        return None
    following = cursor.text(1)
    known = not following[:1].isalnum() or following in (
        "and",
        "to",
        "as",
        "due",
        "but",
        "in",
        "including",
        "excluding",
    )
    plain = known or following.islower() or (following[:1] in "vV" and following[1:2].isdigit())
    return cursor.text() if plain and not (following in DASHES and cursor.at + 1 >= cursor.end) else None


def at_proposal_tail(cursor: Cursor) -> bool:
    """Whether `due to implementation of SECMP0016` and the like begin here."""
    start = cursor.at
    found = bool(cursor.take_phrase(DUE_TO))
    if found:
        cursor.take("the")
        cursor.take_any(("modification", "modifications"))
        cursor.take_any(("proposal", "proposals"))
        found = read_proposal(cursor) is not None
    cursor.at = start
    return found
