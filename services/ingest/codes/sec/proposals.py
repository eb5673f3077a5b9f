"""Modification proposals as they are cited, and the releases they come in: SECMP0017, `SECMP 0001`, DP099, MP102A."""

import re

from services.ingest.codes.sec.cursor import Cursor
from services.ingest.codes.sec.found import Cited
from services.ingest.codes.sec.marks import QUOTED
from services.ingest.codes.sec.vocabulary import CODE_NAMES, DASHES, MONTHS, PROPOSAL, PROPOSAL_PREFIXES

_WHOLE = re.compile(PROPOSAL)


def is_proposal(text: str) -> bool:
    """Whether the word is a proposal's whole number."""
    return _WHOLE.fullmatch(text) is not None


def read_proposal(cursor: Cursor) -> str | None:
    """The number of the proposal cited here, written without a blank."""
    if cursor.text() in PROPOSAL_PREFIXES:
        cursor.reached = max(cursor.reached, cursor.at + 1)
        if _WHOLE.fullmatch(cursor.text() + cursor.text(1)):
            name = cursor.text() + cursor.text(1)
            cursor.step(2)
            return name
        return None
    if _WHOLE.fullmatch(cursor.text()):
        name = cursor.text()
        cursor.step()
        return name
    return None


def read_cited(cursor: Cursor) -> list[Cited]:
    """The proposals listed here, each with or without its title in quotes."""
    found: list[Cited] = []
    while True:
        before = cursor.at
        joined = not found or cursor.take_any((",", ";", "and", "&"))
        cursor.take("and")
        start = cursor.at
        proposal = read_proposal(cursor) if joined else None
        if proposal is None:
            cursor.at = before
            return found
        found.append(Cited(proposal, cursor.words[start : cursor.at]))
        _titled(cursor)


def _titled(cursor: Cursor) -> None:
    start = cursor.at
    cursor.take_any(DASHES)
    if not cursor.take(QUOTED):
        cursor.at = start


def take_divider(cursor: Cursor) -> bool:
    """Moves over the dash or colon that divides what is named first from what is said of it."""
    return cursor.take_any(DASHES) or cursor.take(":")


def take_release(cursor: Cursor) -> bool:
    """Moves over the name of a release: `November 2019 SEC Release`."""
    start = cursor.at
    cursor.take("the")
    dated = cursor.take_any(MONTHS) and len(cursor.text()) == 4 and cursor.text().isdigit()
    cursor.step(dated)
    cursor.take_any(CODE_NAMES)
    if dated and cursor.take("release"):
        return True
    cursor.at = start
    return False
