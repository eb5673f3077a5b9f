"""The commands there are: from the body of one to who says it where, and the work it asks for."""

from collections.abc import Callable

from services.ingest.commands import working
from services.ingest.commands.asking import Work
from services.ingest.commands.bodies import (
    CancellationAsked,
    CorrectionAsked,
    InstrumentAsked,
    ReschedulingAsked,
    StepAsked,
    read_body,
)
from services.ingest.commands.progress import progress
from services.ingest.commands.saying import Said, said_in
from services.law.shapes import Code

Made = Callable[[Code, bytes, str], tuple[Said, Work]]
"""A command for a code, from its body of JSON and who says it."""


def direction(code: Code, data: bytes, actor: str) -> tuple[Said, Work]:
    """A direction of the Secretary of State, or of whoever acts by direction in the code."""
    return _instrument(code, data, actor, directed=True)


def approval(code: Code, data: bytes, actor: str) -> tuple[Said, Work]:
    """An approval by a body of the code or the regulator."""
    return _instrument(code, data, actor, directed=False)


def _instrument(code: Code, data: bytes, actor: str, *, directed: bool) -> tuple[Said, Work]:
    asked = read_body(data, InstrumentAsked)
    said = said_in(code, asked.source, actor)
    return said, working.instrument(code, asked, said, directed=directed)


def correction(code: Code, data: bytes, actor: str) -> tuple[Said, Work]:
    """One recorded fact superseded or withdrawn."""
    asked = read_body(data, CorrectionAsked)
    said = said_in(code, asked.source, actor)
    return said, working.correction(code, asked, said)


def rescheduling(code: Code, data: bytes, actor: str) -> tuple[Said, Work]:
    """Another day for changes."""
    asked = read_body(data, ReschedulingAsked)
    said = said_in(code, asked.source, actor)
    return said, working.moves(code, asked, said)


def cancellation(code: Code, data: bytes, actor: str) -> tuple[Said, Work]:
    """Changes that will not take effect."""
    asked = read_body(data, CancellationAsked)
    said = said_in(code, asked.source, actor)
    return said, working.moves(code, asked, said)


def step(code: Code, data: bytes, actor: str) -> tuple[Said, Work]:
    """A step in the life of a proposal: raised, converted, refined, withdrawn."""
    asked = read_body(data, StepAsked)
    said = said_in(code, asked.source, actor)
    return said, progress(code, asked, said)


COMMANDS: dict[str, Made] = {
    "directions": direction,
    "approvals": approval,
    "corrections": correction,
    "reschedulings": rescheduling,
    "cancellations": cancellation,
    "proposals": step,
}
"""Each command by the name of its resource."""
