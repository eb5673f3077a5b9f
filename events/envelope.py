"""A recorded event and its canonical bytes; the CloudEvent it becomes. Canonical: RFC 8785 JSON of all but the position."""

import hashlib
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple

import orjson

from events.catalogue import EVENT, EVENT_CLASSES, Event, dotted
from events.upcasters import upcast

MAX_ENTRY = 65_535
"""The longest entry in bytes: the transparency log's bundles give lengths as 16 bits."""


class Pending(NamedTuple):
    """An event on its way into the log: its id (UUIDv7), the stream it goes to, itself."""

    id: str
    stream: str
    event: Event


class Sealed(NamedTuple):
    """An event with its place in its stream and its canonical bytes, ready to be appended."""

    id: str
    code: str
    stream: str
    stream_version: int
    type: str
    schema_version: int
    effective_on: date | None
    entry: bytes
    leaf_hash: bytes


class _Columns(NamedTuple):
    position: int
    id: str
    code: str
    stream: str
    stream_version: int
    type: str
    schema_version: int
    effective_on: date | None
    recorded_at: datetime
    entry: bytes
    leaf_hash: bytes


class Recorded(_Columns):
    """An event as the log holds it; `recorded_at` is the database's clock under the log's lock, UTC."""

    @cached_property
    def event(self) -> Event:
        """The typed event, upcast to today's schema."""
        return decode(self.entry, self.type, self.schema_version)


def own_stream(event: Event) -> str:
    """The stream of a fact about itself: `sec/section/H15`, `source/<sha256>`."""
    subject = event.subject()
    return subject if subject.startswith("source/") else f"{event.code}/{subject}"


def seal(pending: Pending, stream_version: int, written_at: str) -> Sealed:
    """The canonical bytes and the leaf hash of an event; `written_at` is the writer's clock, RFC 3339 UTC."""
    event = pending.event
    entry = canonical(
        {
            "event": event.model_dump(mode="json", exclude_none=True),
            "id": pending.id,
            "schema_version": event.schema_version,
            "stream": pending.stream,
            "stream_version": stream_version,
            "written_at": written_at,
        }
    )
    return Sealed(
        pending.id,
        event.code,
        pending.stream,
        stream_version,
        event.type,
        event.schema_version,
        event.effective,
        entry,
        leaf_hash(entry),
    )


def canonical(value: dict[str, Any]) -> bytes:
    """RFC 8785 bytes of strings, booleans, nulls and integers below 2^53 under ASCII keys; nothing else belongs in an entry."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def leaf_hash(entry: bytes) -> bytes:
    """The RFC 9162 leaf hash of an entry's bytes, 32 bytes."""
    return hashlib.sha256(b"\x00" + entry).digest()


def decode(entry: bytes, event_type: str, schema_version: int) -> Event:
    """The typed event in an entry's bytes, upcast to today's schema."""
    payload = orjson.loads(entry)["event"]
    return EVENT.validate_python(upcast(payload, schema_version, EVENT_CLASSES[event_type].schema_version))


def cloud_event(recorded: Recorded, public_url: str) -> dict[str, Any]:
    """The CloudEvents 1.0 form of a recorded event, the same on every channel; `dataschema` is made absolute by the public URL."""
    name, code = dotted(recorded.type), recorded.code
    return {
        "specversion": "1.0",
        "id": recorded.id,
        "source": f"/codes/{code}",
        "type": f"uk.inforce.{name}.v{recorded.schema_version}",
        "subject": recorded.stream.removeprefix(f"{code}/"),
        "time": recorded.recorded_at.isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "dataschema": f"{public_url}/v1/schemas/{name}.v{recorded.schema_version}.json",
        "sequence": str(recorded.position),
        "partitionkey": code,
        "data": recorded.event.model_dump(mode="json"),
    }
