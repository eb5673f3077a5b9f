"""A recorded event and its canonical bytes; the CloudEvent it becomes. Canonical: RFC 8785 JSON of all but the position."""

from datetime import date, datetime
from hashlib import sha256
from typing import Annotated, Any, NamedTuple

import orjson
from pydantic import BaseModel, Field, TypeAdapter
from typing_extensions import TypedDict

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

    @property
    def event(self) -> Event:
        """The typed event, upcast to today's schema; decoded once."""
        # Not a cached_property: up to Python 3.11 that takes a lock at each first look.
        kept = self.__dict__
        if "event" not in kept:
            kept["event"] = decode(self.entry, self.type, self.schema_version)
        event: Event = kept["event"]
        return event


def own_stream(event: Event) -> str:
    """The stream of a fact about itself: `sec/section/H15`, `source/<sha256>`."""
    subject = event.subject()
    return subject if subject.startswith("source/") else f"{event.code}/{subject}"


def seal(pending: Pending, stream_version: int, written_at: str) -> Sealed:
    """The canonical bytes and the leaf hash of an event; `written_at` is the writer's clock, RFC 3339 UTC."""
    event = pending.event
    schema_version = event.schema_version
    entry = canonical(
        {
            "event": _held(event),
            "id": pending.id,
            "schema_version": schema_version,
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
        schema_version,
        event.effective,
        entry,
        leaf_hash(entry),
    )


def canonical(value: dict[str, Any]) -> bytes:
    """RFC 8785 bytes of strings, booleans, nulls and integers below 2^53 under ASCII keys; nothing else belongs in an entry."""
    return orjson.dumps(value, default=_held, option=_CANONICAL)


_CANONICAL = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER


def _held(model: BaseModel) -> dict[str, Any]:
    """The fields of an event, or of a part of one, that say something: null is left out."""
    return {name: value for name, value in model.__dict__.items() if value is not None}


def leaf_hash(entry: bytes) -> bytes:
    """The RFC 9162 leaf hash of an entry's bytes, 32 bytes."""
    return sha256(b"\x00" + entry).digest()


class _Entry(TypedDict):
    event: Annotated[Event, Field(discriminator="type")]


_VALIDATE = TypeAdapter(_Entry).validator.validate_json
_CURRENT = {name: cls.schema_version for name, cls in EVENT_CLASSES.items()}


def decode(entry: bytes, event_type: str, schema_version: int) -> Event:
    """The typed event in an entry's bytes, upcast to today's schema."""
    if _CURRENT.get(event_type) == schema_version:
        event: Event = _VALIDATE(entry)["event"]
        return event
    if event_type not in _CURRENT:
        raise LookupError(f"an event of type {event_type}: this release knows no such type, a newer one does")
    return EVENT.validate_python(upcast(orjson.loads(entry)["event"], schema_version, _CURRENT[event_type]))


def cloud_event(recorded: Recorded, public_url: str) -> dict[str, Any]:
    """The CloudEvents 1.0 form of a recorded event, the same on every channel; `dataschema` is made absolute by the public URL."""
    return {**attributes(recorded, public_url), "data": recorded.event.model_dump(mode="json")}


def attributes(recorded: Recorded, public_url: str) -> dict[str, str]:
    """The CloudEvent without its data, for channels that carry the two apart."""
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
    }
