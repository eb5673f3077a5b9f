"""Modification proposals as they are cited: SECMP0017, `SECMP 0001` over two lines, DP099, MP102A."""

import re

from services.ingest.codes.sec.cursor import Cursor
from services.ingest.codes.sec.vocabulary import PROPOSAL, PROPOSAL_PREFIXES

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
