"""A command as it is asked: what it says, under which key, on which version, in earnest or not; and its work."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from events.errors import Conflict, Rejected
from events.receipt import Key
from services.ingest.commands.saying import Decided, Said
from services.ingest.commands.sight import Sight, Wants

ANY = -1
"""Whatever version, but one there must be."""


class Refused(Conflict):
    """The command contradicts what is known; the message says how."""


class PreconditionFailed(Rejected):
    """The instrument's stream is not at the version that the caller saw."""

    problem = "precondition-failed"


@dataclass(frozen=True, slots=True)
class Asking:
    """How a command was asked: for which code, under which key, on which version of the instrument's stream, in earnest or not."""

    code: str
    said: Said
    key: Key | None = None
    if_match: int | None = None
    dry_run: bool = False


class Work(NamedTuple):
    """Decides on what is known; with `wants` it looks at nothing else, and only adds to what is known."""

    decide: Callable[[Sight], Decided]
    wants: Wants | None = None


class Command(NamedTuple):
    """A command: how it was asked, and its work."""

    asking: Asking
    work: Work
