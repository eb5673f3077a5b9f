"""What a caller asks of the log, and what it gets for it."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from events.envelope import MAX_ENTRY, Pending, Sealed, seal
from events.errors import Conflict, Rejected
from events.tables import instant_text

_is_uuid = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").fullmatch

MAX_NAME = 2_000
"""The longest name of a stream in bytes: an index entry of PostgreSQL holds no more than about 2,700."""


class Key(NamedTuple):
    """An idempotency key beside a digest of the request it belongs to (not of the entries: they hold fresh ids and times)."""

    value: str
    digest: bytes


class Request(NamedTuple):
    """Events to append whole or not at all, and the version of each of their streams that the caller decided on."""

    events: Sequence[Pending]
    expected: Mapping[str, int]
    key: Key | None = None


class Receipt(NamedTuple):
    """Where the events are: positions in their order, the streams' versions afterwards, leaf hashes, the ledger's time."""

    positions: range
    versions: dict[str, int]
    leaf_hashes: tuple[bytes, ...]
    recorded_at: datetime


class VersionConflict(Conflict):
    """A stream is not at the version that the caller decided on, lower or higher; nothing was written."""

    def __init__(self, stream: str, expected: int, found: int) -> None:
        super().__init__(f"stream {stream}: expected version {expected}, found {found}; nothing was written")
        self.stream, self.expected, self.found = stream, expected, found


class KeyReused(Conflict):
    """The idempotency key belongs to another request; nothing was written."""

    def __init__(self, key: str) -> None:
        super().__init__(f"idempotency key {key!r} was used for another request; nothing was written")
        self.key = key


def sealed(request: Request, written_at: datetime) -> list[Sealed]:
    """The request's events with their places and canonical bytes; Rejected where the log cannot hold one."""
    versions = dict(request.expected)
    for stream in versions:
        _check_name("stream", stream)
    if request.key:
        _check_name("idempotency key", request.key.value)
    instant = instant_text(written_at)
    ready = []
    for pending in request.events:
        version = versions.get(pending.stream)
        if version is None:
            raise Rejected(f"stream {pending.stream}: events for it, but no expected version; nothing was written")
        versions[pending.stream] = version = version + 1
        try:
            ready.append(checked(seal(pending, version, instant)))
        except TypeError as error:
            raise Rejected(f"{pending.event.type} for stream {pending.stream}: {error}; nothing was written") from error
    return ready


def receipt_for(request: Request, ready: Sequence[Sealed], first: int, recorded_at: datetime) -> Receipt:
    """The receipt of a request whose events took the positions from `first` on."""
    versions = {event.stream: event.stream_version for event in ready}
    return Receipt(range(first, first + len(ready)), versions, tuple(e.leaf_hash for e in ready), recorded_at)


def checked(event: Sealed) -> Sealed:
    """The event, or Rejected where its entry is longer than the log holds."""
    _check_name("code", event.code)
    if not _is_uuid(event.id):
        raise Rejected(f"event id {event.id[:80]!r} is no UUID in lower case with hyphens; nothing was written")
    if len(event.entry) > MAX_ENTRY:
        raise Rejected(
            f"{event.type} for stream {event.stream} takes {len(event.entry)} bytes,"
            f" an entry holds at most {MAX_ENTRY}; nothing was written"
        )
    return event


def _check_name(what: str, name: str) -> None:
    if not name or len(name.encode(errors="replace")) > MAX_NAME or not name.isprintable():
        raise Rejected(f"{what} {name[:80]!r}: 1 to {MAX_NAME} bytes of printable text expected; nothing was written")
