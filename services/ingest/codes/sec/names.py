"""What follows a kind noun: the reference, its range, its title, its version, what is excluded from it."""

import re

from services.ingest.codes.sec.cursor import Cursor
from services.ingest.codes.sec.found import Target
from services.ingest.codes.sec.heads import REFERENCE, at_head, at_part, bare_reference
from services.ingest.codes.sec.marks import QUOTED
from services.ingest.codes.sec.proposals import read_proposal
from services.ingest.codes.sec.titles import is_spec, read_title, read_version, take_abbreviation
from services.ingest.codes.sec.vocabulary import CODE_NAMES, DASHES, EXCLUDING, FOREIGN_PARTS, KINDS
from services.ingest.sources.words import phrase
from services.law.described.sec import CODE as SEC
from services.law.references import reference

_LONGEST_SUB = 4
_MARK = re.compile(r"([a-z])\1?|[ivx]{1,5}|[0-9]{1,2}")


def read_reference(cursor: Cursor, kind: str) -> str:
    """A reference or a range of them, as the code writes it: `H3.22(a)`, `H10.9-H10.13`, `D6.3 to D6.4` as D6.3-D6.4."""
    first = _one(cursor, kind)
    start = cursor.at
    dashed = cursor.low() in DASHES
    if (dashed or cursor.low() == "to") and REFERENCE[kind].fullmatch(cursor.text(1)):
        cursor.step()
        following = cursor.text(1)
        if dashed and (following[:1].isupper() or (following[:1] in "vV" and following[1:2].isdigit())):
            cursor.at = start
            return first
        return f"{first}-{_one(cursor, kind)}"
    return first


def written_so(kind: str, ref: str) -> bool:
    """Whether the code has such references: H10.9-H10.13, not H5-H3."""
    try:
        reference(SEC.kinds[kind], ref)
    except ValueError:
        return False
    return True


def _one(cursor: Cursor, kind: str) -> str:
    written = cursor.text()
    end = cursor.words[cursor.at].end
    cursor.step()
    while _sub_follows(cursor, end) and REFERENCE[kind].fullmatch(written.partition("(")[0]):
        written += f"({cursor.text(1)})"
        end = cursor.words[cursor.at + 2].end
        cursor.step(3)
    return written


def _sub_follows(cursor: Cursor, end: int) -> bool:
    """Whether `(a)` follows, without a blank or with one where it can be no title."""
    if cursor.low() != "(" or cursor.low(2) != ")":
        return False
    inner = cursor.text(1)
    if cursor.words[cursor.at].start != end:
        return _MARK.fullmatch(inner) is not None
    return len(inner) <= _LONGEST_SUB and (inner.isdigit() or inner.islower())


def read_name(cursor: Cursor, target: Target) -> None:
    """Reads on after the reference: title, specification, version, exclusions, each where it stands."""
    _title(cursor, target)
    target.spec_version = read_version(cursor)
    take_abbreviation(cursor)
    if target.spec_version is None:
        target.spec_version = read_version(cursor)
    _exclusions(cursor, target)


def _title(cursor: Cursor, target: Target) -> None:
    start = cursor.at
    if cursor.take("("):
        title = [] if _other_bracket(cursor) else read_title(cursor, "", loose=True)
        if title and (cursor.take(")") or cursor.done() or cursor.low() == "."):
            target.title = phrase(title)
            return
        cursor.at = start
        return
    marked = cursor.low() in DASHES or cursor.low() == ":"
    if marked:
        cursor.step()
    if cursor.take(QUOTED):
        target.title = phrase(cursor.words[cursor.at - 1].parts[1:-1])
        return
    if _inner_part(cursor):
        cursor.at = start
        return
    if not marked and (cursor.done() or not cursor.words[cursor.at].capital or at_part(cursor) or at_head(cursor)):
        return
    title = read_title(cursor, target.kind, loose=marked)
    if not title:
        cursor.at = start
        return
    versioned = cursor.at
    if is_spec(title) and read_version(cursor) is not None:
        target.spec = title[0].text
    else:
        target.title = phrase(title)
    cursor.at = versioned


def _other_bracket(cursor: Cursor) -> bool:
    """Whether the bracket holds no title: a version, a proposal, an exclusion, a part, a remark in small letters."""
    if cursor.text()[:1].islower() or _inner_part(cursor):
        return True
    start = cursor.at
    cursor.at -= 1
    version = read_version(cursor)
    cursor.at = start
    other = version is not None or read_proposal(cursor) is not None or bool(cursor.take_phrase(EXCLUDING))
    cursor.at = start
    return other


def _inner_part(cursor: Cursor) -> bool:
    """Whether a part of the provision is named where its title would be: `Appendix AD Section 3`, `(Annex B)`."""
    if cursor.low() in FOREIGN_PARTS:
        return True
    return at_part(cursor) or (cursor.low() in KINDS and cursor.text(1)[:1].isdigit())


def _exclusions(cursor: Cursor, target: Target) -> None:
    """`, but excluding H3.27 and H3.28`: what belongs to the target, as far as it does."""
    start = cursor.at
    bracket = cursor.take("(")
    cursor.take(",")
    if not cursor.take_phrase(EXCLUDING):
        cursor.at = start
        return
    end = start
    while (ref := _excluded(cursor, target)) is not None:
        target.exclusions.append(ref)
        end = cursor.at
        if not (cursor.take(",") | cursor.take("and") | cursor.take("or")):
            break
        cursor.take("and")
    cursor.at = end
    if bracket and not cursor.take(")"):
        cursor.at = start
        target.exclusions.clear()


def _excluded(cursor: Cursor, target: Target) -> str | None:
    start = cursor.at
    cursor.take_any(CODE_NAMES)
    cursor.take_any(KINDS)
    if bare_reference(cursor, target.kind) is None:
        cursor.at = start
        return None
    ref = read_reference(cursor, target.kind)
    if not _holds(target.ref, ref):
        cursor.at = start
        return None
    return ref


def _holds(whole: str, part: str) -> bool:
    """Whether the reference lies within the other one, as H3.27 does in H3."""
    if "-" in whole or not part.startswith(whole):
        return "-" in whole
    rest = part[len(whole) :]
    return rest[:1] in (".", "(") or (whole.isalpha() and rest[:1].isdigit())
