"""What trails a list of provisions: the proposal it is due to, who directed it, that it sits alongside, what it is for."""

from dataclasses import dataclass, field

from services.ingest.codes.sec.cursor import Cursor
from services.ingest.codes.sec.found import Cited
from services.ingest.codes.sec.heads import at_head, at_part
from services.ingest.codes.sec.marks import QUOTED
from services.ingest.codes.sec.proposals import read_proposal
from services.ingest.codes.sec.vocabulary import (
    ACTION_NOUNS,
    ACTION_PARTICIPLES,
    ALONGSIDE,
    AS_DIRECTED,
    AUTHORITIES,
    AUTHORITY_NAMES,
    CODE_NAMES,
    DASHES,
    DUE_TO,
    FINITE,
    MONTHS,
    PURPOSES,
    SCOPES,
    SUBSIDIARY,
)
from services.ingest.sources.words import Word


@dataclass(slots=True)
class Tail:
    """What was said after the provisions, and the words of it that facts were read from."""

    words: list[Word] = field(default_factory=list)
    cited: list[Cited] = field(default_factory=list)
    alongside: bool = False
    by: str | None = None
    direction: bool = False
    scoped: bool = False


def read_tail(cursor: Cursor) -> Tail:
    """All that trails here, in any order."""
    tail = Tail()
    while not cursor.done():
        start = cursor.at
        cursor.take(",")
        known = _subsidiary(cursor, tail) or _out_of_the_code(cursor) or _due(cursor, tail)
        if not (known or _directed(cursor, tail) or _purpose(cursor, tail)):
            cursor.at = start
            break
    return tail


def _subsidiary(cursor: Cursor, tail: Tail) -> bool:
    start = cursor.at
    if cursor.take_phrase(ALONGSIDE):
        tail.alongside = True
    elif not cursor.take_phrase(SUBSIDIARY):
        return False
    tail.words += cursor.words[start : cursor.at]
    return True


def _out_of_the_code(cursor: Cursor) -> bool:
    """`Removal of Appendix C from the SEC`: where else it would be removed from."""
    start = cursor.at
    found = cursor.take("from") and (cursor.take("the") or True) and cursor.take_any(CODE_NAMES)
    cursor.at = cursor.at if found else start
    return found


def _due(cursor: Cursor, tail: Tail) -> bool:
    start = cursor.at
    bracket = cursor.take("(")
    if not bracket and not cursor.take_phrase(DUE_TO):
        return False
    cursor.take("the")
    cursor.take_any(("modification", "modifications"))
    cursor.take_any(("proposal", "proposals"))
    if not _cite(cursor, tail, start):
        cursor.at = start
        return False
    while cursor.low() in (",", "and"):
        more = cursor.at
        while cursor.low() in (",", "and"):
            cursor.step()
        if not _cite(cursor, tail, cursor.at):
            cursor.at = more
            break
    if bracket and not cursor.take(")"):
        cursor.at = start
        return False
    return True


def _cite(cursor: Cursor, tail: Tail, start: int) -> bool:
    number = cursor.at
    proposal = read_proposal(cursor)
    if proposal is None:
        return False
    tail.cited.append(Cited(proposal, cursor.words[number : cursor.at]))
    tail.words += cursor.words[start : cursor.at]
    after = cursor.at
    if not (cursor.take_any(DASHES) or cursor.take(":") or True) or not (cursor.take(QUOTED) or _bracketed(cursor)):
        cursor.at = after
    return True


def _bracketed(cursor: Cursor) -> bool:
    """The proposal's name in brackets, which speaks of no provision."""
    if not (cursor.take("(") and cursor.text()[:1].isupper()):
        return False
    while not cursor.done() and not at_part(cursor) and cursor.low() != "(":
        cursor.step()
        if cursor.take(")"):
            return True
    return False


def _directed(cursor: Cursor, tail: Tail) -> bool:
    start = cursor.at
    if cursor.take_phrase(AS_DIRECTED):
        cursor.take("the")
        name = cursor.take_phrase(AUTHORITY_NAMES)
        if name:
            tail.by = AUTHORITIES[name]
            tail.words += cursor.words[start : cursor.at]
            return True
    cursor.at = start
    return False


def _purpose(cursor: Cursor, tail: Tail) -> bool:
    """What a change is for, as long as it speaks of no provision, action, day or denial."""
    start = cursor.at
    lead = cursor.take_phrase(PURPOSES)
    if not lead:
        return False
    while not cursor.done() and not _purpose_ends(cursor):
        word = cursor.words[cursor.at]
        plain = word.text[0].isalnum() or word.text in (",", "-", "–", "&", "(", ")", "’", "'", QUOTED, "/")
        if not plain or at_part(cursor) or word.low in FINITE or word.low in ACTION_PARTICIPLES or word.low in MONTHS:
            cursor.at = start
            return False
        if word.low in ACTION_NOUNS:
            cursor.at = start
            return False
        cursor.step()
    tail.scoped = tail.scoped or lead in SCOPES
    return True


def _purpose_ends(cursor: Cursor) -> bool:
    if cursor.low() == ";":
        return True
    here = cursor.at
    cursor.at += cursor.run((",", "and"))
    follows = cursor.at > here and at_head(cursor)
    cursor.at = here
    return follows
