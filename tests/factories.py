"""Events as tests need them: real classes, plain defaults, every field to be had by name."""

from datetime import date
from typing import Any

from events.catalogue import Event, change
from events.envelope import Pending, own_stream
from events.facts import SourceReceived, VersionImplemented
from events.identifiers import new_id

SHA256 = "ab" * 32


def amended(ref: str = "H15", **fields: object) -> Event:
    """A section was amended."""
    given: dict[str, Any] = {
        "code": "sec",
        "actor": "tests",
        "effective": date(2018, 5, 31),
        "version": "5.16",
    } | fields
    return change("amended", "section", ref=ref, **given)


def implemented(version: str = "5.16", **fields: object) -> Event:
    """A version of the code took its label."""
    given: dict[str, Any] = {"code": "sec", "actor": "tests", "effective": date(2018, 5, 31)} | fields
    return VersionImplemented(version=version, **given)


def received(sha256: str = SHA256, **fields: object) -> Event:
    """A document arrived."""
    given: dict[str, Any] = {
        "code": "sec",
        "actor": "tests",
        "media_type": "text/plain",
        "name": "table.txt",
        "size": 1,
    } | fields
    return SourceReceived(sha256=sha256, **given)


def pending(event: Event, stream: str | None = None) -> Pending:
    """The event on its way to its own stream, or to the one named."""
    return Pending(new_id(), stream or own_stream(event), event)
