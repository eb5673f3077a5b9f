"""An event of the log as one line for people."""

from textwrap import shorten

from events.catalogue import dotted
from events.envelope import Recorded
from services.terminal.screen import safe

SUBJECT = 24
LEAST = 24
"""Characters of the source's words that a line has, however narrow the terminal."""


def line(recorded: Recorded, width: int) -> str:
    """Position, moment recorded, code, type, subject, legal day, and as much of the source's words as the width has room for."""
    event = recorded.event
    cells = [
        f"{recorded.position:>7}",
        f"{recorded.recorded_at:%Y-%m-%d %H:%M:%S}Z",
        recorded.code,
        f"{dotted(recorded.type):<22}",
        f"{_cut(recorded.stream.removeprefix(f'{recorded.code}/')):<{SUBJECT}}",
        f"{event.effective or 'no date'!s:<10}",
    ]
    told = "  ".join(cells)
    if event.source:
        told += f"  “{shorten(event.source.quote, max(width - len(told) - 4, LEAST), placeholder=' …')}”"
    return safe(told.rstrip())


def _cut(subject: str) -> str:
    return subject if len(subject) <= SUBJECT else f"{subject[: SUBJECT - 1]}…"
