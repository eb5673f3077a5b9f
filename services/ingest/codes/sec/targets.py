"""Lists of provisions: `Sections H1, H2 and H3.22`, `Appendix T - DCCKI Interface Design Specification, Appendix U- ...`."""

from dataclasses import dataclass, field

from services.ingest.codes.sec.cursor import Cursor
from services.ingest.codes.sec.documents import read_documents
from services.ingest.codes.sec.found import Target
from services.ingest.codes.sec.heads import (
    REFERENCE,
    at_head,
    at_part,
    at_proposal_tail,
    bare_reference,
    take_determiner,
)
from services.ingest.codes.sec.names import read_name, read_reference, written_so
from services.ingest.codes.sec.titles import at_spec, at_version, read_version
from services.ingest.codes.sec.vocabulary import (
    ACTION_GERUNDS,
    AFTER_A_LIST,
    CODE_NAMES,
    INCLUDES,
    KINDS,
    VERSION_OF,
)
from services.ingest.sources.words import Word

_SEPARATORS = frozenset({",", ";", "and", "&"})


@dataclass(slots=True)
class Targets:
    """The provisions of a list, and the items of it that are none we know."""

    known: list[Target] = field(default_factory=list)
    unknown: list[list[Word]] = field(default_factory=list)


def read_targets(cursor: Cursor, kind: str = "", *, by_lines: bool = True) -> Targets:
    """The list that begins here, an item without a noun of the kind before, divided by marks or by lines alone."""
    start = cursor.at
    found = Targets()
    while True:
        before = cursor.at
        targets = _read_target(cursor, kind, found.known[-1] if found.known else None)
        found.known.extend(targets)
        if targets:
            kind = targets[-1].kind
        elif not found.known:
            cursor.at = start
            return found
        elif not _skip_unknown(cursor, found):
            cursor.at = before
            return found
        if not _next(cursor, by_lines):
            return found


def _next(cursor: Cursor, by_lines: bool) -> bool:
    """Moves over what divides two targets; stays where another clause or a tail follows."""
    start = cursor.at
    separated = False
    while cursor.low() in _SEPARATORS and not cursor.done():
        cursor.step()
        separated = True
    if not separated:
        return by_lines and at_part(cursor) and cursor.words[cursor.at].first
    after = cursor.at
    phrase_follows = bool(cursor.take_phrase(AFTER_A_LIST))
    cursor.at = after
    if cursor.low(-1) == "and" and cursor.low() == "subsidiary":
        phrase_follows = True
    other_clause = at_head(cursor) or cursor.low() in INCLUDES or cursor.low() in ACTION_GERUNDS
    if cursor.done() or phrase_follows or other_clause or at_proposal_tail(cursor):
        cursor.at = start
        return False
    return True


def _skip_unknown(cursor: Cursor, found: Targets) -> bool:
    """Passes over one item that names nothing known."""
    start = cursor.at
    if cursor.text()[:1].islower():
        return False
    while not cursor.done() and cursor.low() not in _SEPARATORS and cursor.low() not in (".", "due", "as"):
        cursor.step()
    if cursor.at == start:
        return False
    found.unknown.append(list(cursor.words[start : cursor.at]))
    return True


def _read_target(cursor: Cursor, kind: str, last: Target | None) -> list[Target]:
    start = cursor.at
    target = _another_version(cursor, last) or _read_part(cursor, kind, last)
    if target is not None:
        return [target]
    cursor.at = start
    documents = read_documents(cursor)
    if not documents:
        cursor.at = start
    return documents


def _another_version(cursor: Cursor, last: Target | None) -> Target | None:
    """`and v3.0`, `and SMETS2 v4.0`: the provision before, in another version."""
    if last is None or last.spec_version is None or not (at_version(cursor) or at_spec(cursor)):
        return None
    start = cursor.at
    target = Target(last.kind, last.ref, [], title=last.title, spec=last.spec, stem=last.stem)
    if at_spec(cursor):
        target.spec, target.title = cursor.text(), None
        cursor.step()
    target.spec_version = read_version(cursor)
    target.words = [*last.stem, *cursor.words[start : cursor.at]]
    return target


def _read_part(cursor: Cursor, kind: str, last: Target | None) -> Target | None:
    start = cursor.at
    while take_determiner(cursor) or cursor.take_phrase(VERSION_OF):
        pass
    noun = KINDS.get(cursor.low(1 if cursor.low() in CODE_NAMES else 0))
    lead: list[Word] = []
    if noun is not None:
        kind = noun
        cursor.step(2 if cursor.low() in CODE_NAMES else 1)
        if cursor.take(":") and at_part(cursor):
            return _read_part(cursor, kind, last)
        if not REFERENCE[kind].fullmatch(cursor.text()):
            return None
    elif bare_reference(cursor, kind) is None:
        return None
    elif last is not None:
        lead = _noun(last)
    target = Target(kind, read_reference(cursor, kind), [])
    if not written_so(kind, target.ref):
        return None
    target.stem = [*lead, *cursor.words[start : cursor.at]]
    target.new = any(word.low == "new" for word in target.stem)
    after = cursor.at
    read_name(cursor, target)
    target.words = [*target.stem, *cursor.words[after : cursor.at]]
    return target


def _noun(target: Target) -> list[Word]:
    """The words that name the kind, for the targets which follow under the same noun."""
    for at, word in enumerate(target.stem):
        if word.low in KINDS:
            return target.stem[: at + 1]
    return []
