"""Legal bases: sections of Acts and of the code, licence conditions, appendices, schedules, proposals."""

import re
from collections.abc import Callable

from services.ingest.codes.sec.cursor import Cursor
from services.ingest.codes.sec.proposals import read_proposal
from services.ingest.codes.sec.vocabulary import ACTION_NOUNS, BASIS_LEADS, CODE_NAMES, KINDS, REFERENCES

_NUMBER = re.compile(r"s{0,2}(\d+[A-Z]{0,2})")
_CONDITION = re.compile(r"\d+[A-Z]?(?:\.\d+[A-Z]?)*")
_YEAR = re.compile(r"\d{4}")
_REFERENCE = {kind: re.compile(pattern) for kind, pattern in REFERENCES.items()}
_LONGEST_NAME = 8


def read_bases(cursor: Cursor, bases: list[str], proposals: list[str]) -> bool:
    """The bases listed here, added in the order written; whether there was one."""
    if not _read_basis(cursor, bases, proposals):
        return False
    while _separated(cursor, bases, proposals):
        pass
    return True


def _separated(cursor: Cursor, bases: list[str], proposals: list[str]) -> bool:
    start = cursor.at
    comma, joined = cursor.take(","), cursor.take("and")
    if (comma or joined) and (cursor.take_phrase(BASIS_LEADS) or True) and _read_basis(cursor, bases, proposals):
        return True
    cursor.at = start
    return False


def _read_basis(cursor: Cursor, bases: list[str], proposals: list[str]) -> bool:
    start = cursor.at
    proposal = read_proposal(cursor)
    if proposal is not None:
        proposals.append(proposal)
        return True
    cursor.take("the")
    found = _read_statute(cursor) or _read_condition(cursor) or _read_code_parts(cursor)
    if not found:
        cursor.at = start
    bases.extend(basis for basis in found if basis not in bases)
    return bool(found)


def _read_statute(cursor: Cursor) -> list[str]:
    """`Section 88 (1) and 89 of the Energy Act 2008`; an Act cited whole is a basis too."""
    start = cursor.at
    if cursor.take_any(("section", "sections", "s", "ss")):
        cursor.take(".")
    numbers = _read_list(cursor, _statute_number)
    if numbers:
        name = _read_name(cursor, "act") if cursor.take("of") else ""
    else:
        cursor.at = start
        name = _read_name(cursor, "act")
    if name and _YEAR.fullmatch(cursor.text()):
        act = f"{name} {cursor.text()}"
        cursor.step()
        return [f"{act} s{number}" for number in numbers] or [act]
    cursor.at = start
    return []


def _statute_number(cursor: Cursor) -> str:
    match = _NUMBER.fullmatch(cursor.text())
    if match is None:
        return ""
    written = match.group(1)
    cursor.step()
    while cursor.low() == "(" and cursor.low(2) == ")" and len(cursor.low(1)) <= 4:
        written += f"({cursor.text(1)})"
        cursor.step(3)
    if cursor.low() == "(":
        cursor.reached = max(cursor.reached, min(cursor.at + 2, cursor.end))
    return written


def _read_condition(cursor: Cursor) -> list[str]:
    start = cursor.at
    if cursor.take_any(("condition", "conditions")):
        numbers = _read_list(cursor, _condition_number)
        if numbers and cursor.take("of"):
            licence = _read_name(cursor, "licence")
            if licence:
                return [f"{licence} Condition {number}" for number in numbers]
    cursor.at = start
    return []


def _condition_number(cursor: Cursor) -> str:
    written = cursor.text()
    if not _CONDITION.fullmatch(written):
        return ""
    cursor.step()
    return written


def _read_name(cursor: Cursor, last: str) -> str:
    """A name in capitals up to and with `last`, without its article: `Energy Act`, `DCC Licence`."""
    start = cursor.at
    cursor.take("the")
    words: list[str] = []
    while len(words) < _LONGEST_NAME and not cursor.done():
        word = cursor.words[cursor.at]
        small = words and word.low in ("and", "of", ",")
        if word.low in ACTION_NOUNS or word.low in KINDS or not (small or (word.capital and word.text.isalpha())):
            break
        words.append(word.text)
        cursor.step()
        if word.low == last:
            return " ".join(words).replace(" ,", ",")
    cursor.at = start
    return ""


def _read_code_parts(cursor: Cursor) -> list[str]:
    start = cursor.at
    cursor.take("sec")
    kind = KINDS.get(cursor.low(), "")
    if kind and cursor.text()[0].isupper():
        cursor.step()
        refs = _read_list(cursor, lambda here: _code_reference(here, kind))
        if refs:
            _of_the_code(cursor)
            return [f"SEC {'' if kind == 'section' else kind.capitalize() + ' '}{ref}" for ref in refs]
    cursor.at = start
    return []


def _of_the_code(cursor: Cursor) -> None:
    start = cursor.at
    if cursor.take("of") and (cursor.take("the") or True) and not cursor.take_any(CODE_NAMES):
        cursor.at = start


def _code_reference(cursor: Cursor, kind: str) -> str:
    written = cursor.text()
    if not _REFERENCE[kind].fullmatch(written):
        return ""
    cursor.step()
    return written


def _read_list(cursor: Cursor, read: Callable[[Cursor], str]) -> list[str]:
    """`X3.1, X5, and X6`: what `read` finds, one after the other."""
    found = []
    item = read(cursor)
    while item:
        found.append(item)
        start = cursor.at
        comma, joined = cursor.take(","), cursor.take("and")
        item = read(cursor) if comma or joined else ""
        if not item:
            cursor.at = start
    return found
