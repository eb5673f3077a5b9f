"""What one transaction puts into the log, and what came of it; the same for both databases."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from events.envelope import Sealed
from events.receipt import Key


class KeySlice(NamedTuple):
    """An idempotency key and which of a block's events are its own."""

    key: Key
    offset: int
    size: int


class Block(NamedTuple):
    """What one transaction appends for one caller or several: checked as a whole, then written chunk by chunk."""

    events: Sequence[Sealed]
    expected: dict[str, int]
    keys: Sequence[KeySlice]
    sent_at: datetime


class Outcome(NamedTuple):
    """Where a chunk went; or, in `refusal`, why nothing was written."""

    refusal: str | None
    refused: str | None
    expected: int | None
    found: int | None
    first_position: int | None
    appended_at: datetime
