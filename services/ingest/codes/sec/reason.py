"""The Reason column: who acted, on what basis, upon which base version."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from services.ingest.codes.sec.bases import read_bases
from services.ingest.codes.sec.cursor import Cursor
from services.ingest.codes.sec.dates import DateParts, read_date
from services.ingest.codes.sec.proposals import read_proposal
from services.ingest.codes.sec.vocabulary import (
    ACTION_NOUNS,
    AUTHORITIES,
    AUTHORITY_NAMES,
    BASIS_LEADS,
    BULLETS,
    CODE_NAMES,
    COUNTS,
    GOES_ON,
    KINDS,
    PREPOSITIONS,
    PROPOSAL_WORDS,
    QUANTIFIERS,
    TAKING_EFFECT,
)
from services.ingest.sources.words import Word

_LABEL = re.compile(r"\d+(?:\.\d+)*[A-Za-z]?")
_MODIFICATIONS = ("modification", "modifications")
_VARIATIONS = ("variation", "variations")
_DECIDED = ("approved", "determined", "decided")
_DONE = ("directed", "made", *_DECIDED)
_LONGEST_UNKNOWN = 24
REASON_WORDS = frozenset({*_MODIFICATIONS, "implementation", "designation"})


@dataclass(slots=True)
class Clause:
    """One reason as written, `named` the proposals it names itself; without a known authority it is no instrument."""

    words: Sequence[Word] = ()
    authority: str | None = None
    bases: list[str] = field(default_factory=list)
    statute: bool = False
    base_version: str | None = None
    proposals: list[str] = field(default_factory=list)
    decided_on: date | None = None
    effective: date | None = None
    named: Sequence[str] = ()
    designates: bool = False
    unknown: list[tuple[str, Sequence[Word]]] = field(default_factory=list)


@dataclass(slots=True)
class Reason:
    """The reasons that words begin with: `end` is where they stop, `reached` the farthest word that still fitted."""

    clauses: list[Clause]
    end: int
    reached: int


class _ReasonReader(Cursor):
    __slots__ = ("lenient",)

    def __init__(self, words: Sequence[Word], lenient: bool) -> None:
        super().__init__(words)
        self.lenient = lenient


def read_reason(words: Sequence[Word], *, lenient: bool = False) -> Reason:
    """The reasons at the beginning of the words; lenient, an authority or a basis not known is passed over and named."""
    cursor = _ReasonReader(words, lenient)
    clauses: list[Clause] = []
    end = 0
    while not cursor.done():
        start = cursor.at
        clause = _read_clause(cursor)
        if clause is not None:
            clause.words = words[start : cursor.at]
            clause.named = tuple(clause.proposals)
            clauses.append(clause)
        elif not (clauses and _read_scope(cursor)):
            break
        end = cursor.at
    return Reason(clauses, end, max(cursor.reached, end))


def _read_clause(cursor: _ReasonReader) -> Clause | None:
    start = cursor.at
    clause = Clause()
    if not (_head(cursor, clause) and _authority(cursor, clause)):
        cursor.at = start
        return None
    while not cursor.done() and _particular(cursor, clause):
        pass
    if cursor.low() == "and" and cursor.low(1) in ("by", *_DONE):
        # Another body acted too: whose act the changes are cannot be told.
        cursor.at = start
        return None
    cursor.take(".")
    return clause


def _head(cursor: _ReasonReader, clause: Clause) -> bool:
    varied = cursor.take_any(PROPOSAL_WORDS) and cursor.take_any(_VARIATIONS)
    if not varied and cursor.take("designation"):
        clause.designates = True
        return cursor.take("by")
    if varied or cursor.take_any(_MODIFICATIONS):
        cursor.take_any(("proposal", "proposals"))
        _named_proposals(cursor, clause)
        cursor.take(",")
        return _upon_base(cursor, clause) and (cursor.take("as") or cursor.low() in _DONE) and _by(cursor)
    if not cursor.take("implementation", "of"):
        return False
    while cursor.take_any(COUNTS) or cursor.low().isdigit():
        cursor.step(cursor.low().isdigit())
    cursor.take_any(PROPOSAL_WORDS)
    unnamed = cursor.take_any((*_MODIFICATIONS, *_VARIATIONS))
    unnamed = cursor.take_any(("proposal", "proposals")) or unnamed
    _named_proposals(cursor, clause)
    if not (unnamed or clause.proposals):
        return False
    _route(cursor)
    _effective(cursor, clause)
    cursor.take(",")
    cursor.take("as")
    if not cursor.take_any(_DECIDED):
        return False
    _route(cursor)
    return cursor.take_any(("via", "by", "at", "through"))


def _route(cursor: _ReasonReader) -> None:
    """Moves over the path that a proposal took: `under the Fast-Track route`."""
    start = cursor.at
    if not (cursor.take_any(("under", "via", "through")) and (cursor.take("the") or True)):
        return
    if cursor.take_any(PROPOSAL_WORDS):
        cursor.take_any(("route", "process", "procedure", "path"))
    else:
        cursor.at = start


def _by(cursor: _ReasonReader) -> bool:
    cursor.take_any(_DONE)
    return cursor.take("by")


def _upon_base(cursor: _ReasonReader, clause: Clause) -> bool:
    start = cursor.at
    if not cursor.take("to"):
        return True
    cursor.take("the")
    if cursor.take_any(CODE_NAMES):
        found = cursor.take("version") and _label(cursor, clause)
    else:
        found = cursor.take("version") and _label(cursor, clause) and _of_the_code(cursor)
    if not found:
        cursor.at = start
    return found


def _of_the_code(cursor: _ReasonReader) -> bool:
    if cursor.take("of"):
        cursor.take("the")
        return cursor.take_any(CODE_NAMES)
    return True


def _label(cursor: _ReasonReader, clause: Clause) -> bool:
    if not _LABEL.fullmatch(cursor.text()):
        return False
    clause.base_version = cursor.text()
    cursor.step()
    return True


def _named_proposals(cursor: _ReasonReader, clause: Clause) -> None:
    bracket = cursor.take("(")
    while (proposal := read_proposal(cursor)) is not None:
        clause.proposals.append(proposal)
        if cursor.low() in (",", "and", "&"):
            cursor.step()
    if bracket:
        cursor.take(")")


def _authority(cursor: _ReasonReader, clause: Clause) -> bool:
    cursor.take_any(("the", "a"))
    name = cursor.take_phrase(AUTHORITY_NAMES)
    if name:
        clause.authority = AUTHORITIES[name]
    elif not cursor.lenient or not _pass_over(cursor, clause, "unknown-authority"):
        return False
    _also_called(cursor, clause)
    cursor.take_any(("vote", "decision", "meeting"))
    return True


def _also_called(cursor: _ReasonReader, clause: Clause) -> None:
    """Moves over another name of the same body, `the Authority (Ofgem)`; one of another body is said."""
    start = cursor.at
    if not cursor.take("("):
        return
    cursor.take("the")
    name = cursor.take_phrase(AUTHORITY_NAMES)
    if not name or not cursor.take(")"):
        cursor.at = start
    elif AUTHORITIES[name] != clause.authority:
        clause.unknown.append(("unknown-authority", cursor.words[start : cursor.at]))


def _particular(cursor: _ReasonReader, clause: Clause) -> bool:
    """One more thing said of the act: its bases, when it was decided, when it takes effect."""
    start = cursor.at
    if _decided(cursor, clause) or _effective(cursor, clause):
        return True
    cursor.at = start
    cursor.take(",")
    cursor.take("and")
    if cursor.take_phrase(BASIS_LEADS):
        if read_bases(cursor, clause.bases, clause.proposals):
            clause.statute = clause.statute or any(" Act " in basis for basis in clause.bases)
            return True
        if cursor.lenient and _pass_over(cursor, clause, "unknown-basis"):
            return True
    cursor.at = start
    return False


def _decided(cursor: _ReasonReader, clause: Clause) -> bool:
    start = cursor.at
    if not cursor.take("on"):
        return False
    cursor.take("the")
    parts = DateParts()
    if read_date(cursor, parts):
        if _more_days(cursor):
            clause.unknown.append(("several-dates", cursor.words[start : cursor.at]))
            return True
        return _dated(cursor, start, clause, "decided_on", parts)
    cursor.at = start
    return False


def _more_days(cursor: _ReasonReader) -> bool:
    """Moves over the other days of a list: `22nd May 2019 and 26th June 2019`."""
    days = 0
    while True:
        start = cursor.at
        joined = cursor.take(",") | cursor.take("and")
        cursor.take("on")
        cursor.take("the")
        if not joined or not read_date(cursor, DateParts()):
            cursor.at = start
            return days > 0
        days += 1


def _effective(cursor: _ReasonReader, clause: Clause) -> bool:
    start = cursor.at
    cursor.take(",")
    cursor.take("and")
    if cursor.take_phrase(TAKING_EFFECT):
        cursor.take_any(("from", "on"))
        cursor.take("the")
        parts = DateParts()
        if read_date(cursor, parts):
            return _dated(cursor, start, clause, "effective", parts)
    cursor.at = start
    return False


def _dated(cursor: _ReasonReader, start: int, clause: Clause, name: str, parts: DateParts) -> bool:
    day = parts.value()
    if day is None:
        code = "ambiguous-date" if parts.ambiguous else "impossible-date"
        clause.unknown.append((code, cursor.words[start : cursor.at]))
    else:
        setattr(clause, name, day)
    return True


def _pass_over(cursor: _ReasonReader, clause: Clause, code: str) -> bool:
    """Words not known, up to where something known goes on or the Overview may begin."""
    start = cursor.at
    while not cursor.done() and cursor.at - start < _LONGEST_UNKNOWN and not _known_goes_on(cursor, start):
        cursor.at += 1
    cursor.step(0)
    if cursor.at == start:
        return False
    clause.unknown.append((code, cursor.words[start : cursor.at]))
    return True


def _known_goes_on(cursor: _ReasonReader, start: int) -> bool:
    word = cursor.words[cursor.at]
    if cursor.at > start and (word.gap or word.text in BULLETS or begins_overview(cursor.words, cursor.at)):
        return True
    if cursor.low() in (".", "vote"):
        return True
    here = cursor.at
    known = bool(cursor.take_phrase(GOES_ON))
    cursor.at = here
    return known


def begins_reason(words: Sequence[Word], at: int) -> bool:
    """Whether a Reason begins here: `Modifications to`, `Implementation of`."""
    cursor = Cursor(words, at)
    if not words[at].capital:
        return False
    if cursor.take_any(PROPOSAL_WORDS) and cursor.take_any(_VARIATIONS):
        return True
    if cursor.take_any(_MODIFICATIONS):
        return cursor.low() in ("to", "as", "proposal", "approved")
    return cursor.take("implementation", "of") or cursor.take("designation", "by")


def begins_overview(words: Sequence[Word], at: int) -> bool:
    """Whether a line begins here with an action: `Designation of`, `Amendments to`."""
    return words[at].first and action_named(words, at)


def action_named(words: Sequence[Word], at: int) -> bool:
    """Whether an action is named here in a capital: `Designation of`, `Amendments to`."""
    word = words[at]
    follows = [each.low for each in words[at + 1 : at + 3] if each.low != "made"]
    return word.capital and word.low in ACTION_NOUNS and bool(follows) and follows[0] in PREPOSITIONS


def _read_scope(cursor: _ReasonReader) -> bool:
    """A sentence that sums up a row without naming a provision: `Activation of multiple SEC Sections, ... for DCC Live.`"""
    start = cursor.at
    if not (cursor.take_any(ACTION_NOUNS) and cursor.take_any(PREPOSITIONS) and _quantified(cursor)):
        cursor.at = start
        return False
    while not cursor.done() and _in_scope(cursor):
        cursor.step()
    if cursor.take("."):
        return True
    cursor.at = start
    return False


def _quantified(cursor: _ReasonReader) -> bool:
    return cursor.take("a", "number", "of") or cursor.take_any(QUANTIFIERS)


def _in_scope(cursor: _ReasonReader) -> bool:
    word = cursor.words[cursor.at]
    named = word.low in KINDS and word.capital and any(map(str.isdigit, cursor.text(1)))
    return (
        word.text not in BULLETS
        and word.low not in (".", ":")
        and not word.gap
        and not named
        and not begins_overview(cursor.words, cursor.at)
    )
