"""Events as frames of a stream of server-sent events, made once and given to all who follow; pages of them from the log."""

from typing import NamedTuple

import orjson
import sqlalchemy as sa

from events import store
from events.catalogue import dotted
from events.driver_errors import translated
from events.envelope import Recorded, cloud_event
from services.projection.log_answers import About, about
from services.projection.publish.wanted import Wanted, fits

PAGE = 64
"""How many events a page from the log holds at most."""

SPAN = 20_000
"""How many positions a page from the log looks through at most, however few of them are wanted."""

CHUNK = 32 * 1024
"""Bytes beyond which a page or a piece of the window takes no further frame."""

_LINE_ENDS = {each.encode(): f"\\u{ord(each):04x}".encode() for each in "\x85\u2028\u2029"}
"""What some readers of lines take for the end of one, beside those that JSON escapes anyway."""


class Frame(NamedTuple):
    """An event's bytes on the stream, and what a filter asks of it."""

    position: int
    type: str
    code: str
    about: About
    text: bytes


def frame(recorded: Recorded, public_url: str) -> Frame:
    """The event as one frame: `id:` its position, `event:` its type on the wire, `data:` the CloudEvent on one line."""
    data = orjson.dumps(cloud_event(recorded, public_url))
    for end, escaped in _LINE_ENDS.items():
        data = data.replace(end, escaped)
    text = b"id: %d\nevent: %s\ndata: %s\n\n" % (recorded.position, dotted(recorded.type).encode(), data)
    return Frame(recorded.position, recorded.type, recorded.code, about(recorded), text)


def wanted_of(frames: list[Frame], wanted: Wanted) -> list[Frame]:
    """The frames of the events that are wanted."""
    return [each for each in frames if fits(wanted, each.type, each.code, each.about)]


def page(engine: sa.Engine, after: int, until: int, wanted: Wanted, public_url: str) -> tuple[list[Frame], int]:
    """The next wanted events after a position, and the position, `until` at most, up to which there are no others."""
    end = min(until, after + SPAN)
    with translated(), engine.connect() as connection:
        found = store.read(connection, after, PAGE, wanted.code, wanted.types, end)
    frames: list[Frame] = []
    size = 0
    for recorded in found:
        frames += wanted_of([frame(recorded, public_url)], wanted)
        size += len(recorded.entry)
        if size > CHUNK:
            return frames, recorded.position
    return frames, found[-1].position if len(found) == PAGE else end
