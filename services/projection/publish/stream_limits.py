"""What the open streams of a process may take."""

from typing import NamedTuple

from events.errors import Unavailable
from services.projection.publish import window


class TooManyStreams(Unavailable):
    """The process serves no further stream at the moment."""

    problem = "too-many-streams"


class Limits(NamedTuple):
    """Seconds between two comments of a stream; streams at a time; events and bytes of the window."""

    heartbeat: float = 10.0
    streams: int = 5_000
    events: int = window.EVENTS
    size: int = window.BYTES


USUAL = Limits()
