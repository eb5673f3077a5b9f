"""An entry against the columns beside it: recomputed from the bytes that are stored, nothing else is believed."""

from collections.abc import Iterator
from datetime import date, datetime
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

import orjson
import psycopg
from sqlalchemy import Connection

from events.driver_errors import translated
from events.envelope import Recorded, leaf_hash
from events.errors import Rejected
from events.reading import driver_of

_COLUMNS = "code, stream, stream_version, type, schema_version, effective_on, recorded_at, entry, leaf_hash"
_FROM = "FROM event_log WHERE position > %s AND position <= %s ORDER BY position"
_POSTGRESQL = f"SELECT position, id::text, {_COLUMNS} {_FROM}".encode()
_SQLITE = f"SELECT position, id, {_COLUMNS} {_FROM}".replace("%s", "?")
_SORTED = orjson.OPT_SORT_KEYS


class Row(NamedTuple):
    """A row of the log as the driver gives it, nothing converted."""

    position: int
    id: str
    code: str
    stream: str
    stream_version: int
    type: str
    schema_version: int
    effective_on: Any
    recorded_at: Any
    entry: bytes
    leaf_hash: bytes


def raw(connection: Connection, after: int, until: int) -> list[tuple[Any, ...]]:
    """The rows after a position up to another, in order, each as the fields of `Row`."""
    with translated():
        driver = driver_of(connection)
        if isinstance(driver, psycopg.Connection):
            with driver.cursor(binary=True) as cursor:
                return cursor.execute(_POSTGRESQL, (after, until)).fetchall()
        return driver.execute(_SQLITE, (after, until)).fetchall()


def leaf_of(row: tuple[Any, ...]) -> bytes:
    """The leaf hash of the entry's bytes, whatever the column says."""
    return sha256(b"\x00" + row[9]).digest()


def agrees(row: tuple[Any, ...], leaf: bytes) -> bool:
    """Whether hash and columns are those of the entry, and the entry canonical; `disagreements` says where not."""
    _, id_, code, stream, version, type_, schema, day, _, entry, leaf_hash = row
    try:
        held = orjson.loads(entry)
        event = held["event"]
        whole = {
            "event": event,
            "id": id_,
            "schema_version": schema,
            "stream": stream,
            "stream_version": version,
            "written_at": held["written_at"],
        }
        return bool(
            leaf == leaf_hash
            and event["code"] == code
            and event["type"] == type_
            and event.get("effective") == (day if day is None else str(day))
            and orjson.dumps(whole, option=_SORTED) == entry
        )
    except (ValueError, TypeError, LookupError, AttributeError):
        return False


def disagreements(row: tuple[Any, ...], leaf: bytes) -> Iterator[str]:
    """What is wrong with a row that does not agree."""
    found = Row._make(row)
    if leaf != found.leaf_hash:
        yield f"leaf_hash is {found.leaf_hash.hex()}, the entry's bytes give {leaf.hex()}"
    try:
        held = orjson.loads(found.entry)
        event = held["event"]
        said = {name: held.get(name) for name in ("id", "stream", "stream_version", "schema_version")}
        said |= {"code": event.get("code"), "type": event.get("type"), "effective_on": event.get("effective")}
    except (ValueError, TypeError, LookupError, AttributeError):
        yield f"the entry is no event: {found.entry[:60]!r}"
        return
    columns = found._asdict() | {"effective_on": found.effective_on and str(found.effective_on)}
    for name, value in said.items():
        if columns[name] != value:
            yield f"column {name} is {columns[name]!r}, the entry says {value!r}"
    if orjson.dumps(held, option=_SORTED) != found.entry:
        yield "the entry is not canonical JSON"
    elif held.keys() != {"event", "id", "schema_version", "stream", "stream_version", "written_at"}:
        yield f"the entry has the fields {', '.join(sorted(held))}"


def _refuse_other_kinds(found: Recorded, held: dict[str, Any]) -> None:
    """ValueError where what stands around the event is not of the kind that the log's columns hold."""
    for name, most in (("stream_version", 2**63), ("schema_version", 2**31)):
        if type(held[name]) is not int or not 0 < held[name] < most:
            raise ValueError(f"{name} is {held[name]!r}")
    for what, name in (("stream", found.stream), ("code", found.code)):
        if type(name) is not str or not name or not name.isprintable():
            raise ValueError(f"{what} is {name!r}")
    if str(UUID(found.id)) != found.id:
        raise ValueError(f"id is {found.id!r}")
    if datetime.fromisoformat(held["written_at"]).tzinfo is None:
        raise ValueError(f"written_at is {held['written_at']!r}")


def recorded(position: int, recorded_at: datetime, entry: bytes) -> Recorded:
    """The event that an entry's bytes are, at its position; Rejected where they are none that the log would hold."""
    try:
        held = orjson.loads(entry)
        event = held["event"]
        day = event.get("effective")
        found = Recorded(
            position,
            held["id"],
            event["code"],
            held["stream"],
            held["stream_version"],
            event["type"],
            held["schema_version"],
            day and date.fromisoformat(day),
            recorded_at,
            entry,
            leaf_hash(entry),
        )
        _refuse_other_kinds(found, held)
        found.event  # noqa: B018 - decoded, it is one that this release knows
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise Rejected(f"position {position}: the entry is no event: {error!r}") from None
    row = (*found[:7], day, *found[8:])
    if not agrees(row, found.leaf_hash):
        wrong = "; ".join(disagreements(row, found.leaf_hash)) or "its fields are of other kinds"
        raise Rejected(f"position {position}: the entry is no event: {wrong}")
    return found
