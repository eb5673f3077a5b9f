"""Where an answer binds that is about the whole log."""

from datetime import date
from typing import Any

MODEL = 1
"""The read model's revision: raised when a release answers differently from the same events."""


def meta_of_ledger(position: int, day: date) -> dict[str, Any]:
    """Where an answer binds that is about the whole log, whatever the code."""
    return {
        "as_of": day.isoformat(),
        "known_at": f"pos:{position}",
        "position": position,
        "up_to_date_as_of": None,
        "basis": "recorded",
        "model": MODEL,
    }
