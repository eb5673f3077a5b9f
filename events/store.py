"""The log: append and read. Nothing here commits: the caller's transaction does."""

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg.errors import UniqueViolation
from sqlalchemy import Connection, select

from events import postgresql, sqlite
from events.block import Block, KeySlice, Outcome
from events.driver_errors import translated
from events.envelope import Pending, Sealed
from events.errors import Conflict, Unavailable
from events.reading import (
    driver_of,
    event_by_id,
    events_by_ids,
    events_of,
    last_position,
    position_at,
    read,
    read_back,
    stream,
    stream_openings,
    stream_versions,
)
from events.receipt import Key, KeyReused, Receipt, Request, VersionConflict, receipt_for, sealed
from events.tables import event_key

__all__ = [
    "Key",
    "Receipt",
    "append",
    "append_sealed",
    "event_by_id",
    "events_by_ids",
    "events_of",
    "last_position",
    "position_at",
    "read",
    "read_back",
    "stream",
    "stream_openings",
    "stream_versions",
]


def append(
    connection: Connection,
    events: Sequence[Pending],
    expected: Mapping[str, int],
    key: Key | None = None,
    *,
    written_at: datetime | None = None,
) -> Receipt:
    """Appends all the events or, with a refusal naming why, none; the log is held until the caller's transaction ends."""
    request = Request(events, expected, key)
    ready = sealed(request, written_at or datetime.now(UTC))
    return append_sealed(connection, [request], [ready], written_at or datetime.now(UTC))[0]


def append_sealed(
    connection: Connection, requests: Sequence[Request], ready: Sequence[Sequence[Sealed]], sent_at: datetime
) -> list[Receipt]:
    """Appends for several callers in one go, all or nothing.

    No key may belong to two of them; where a stream does, the later is sealed on what the earlier makes of it.
    """
    block = _block(requests, ready, sent_at)
    with translated():
        outcome = _put(driver_of(connection), block)
        if outcome.refusal == "key" and len(requests) == 1:
            return [_first_receipt(connection, requests[0])]
    if outcome.refusal or outcome.first_position is None:
        raise _refused(outcome, block)
    receipts, first = [], outcome.first_position
    for request, own in zip(requests, ready, strict=True):
        receipts.append(receipt_for(request, own, first, outcome.appended_at))
        first += len(own)
    return receipts


def _block(requests: Sequence[Request], ready: Sequence[Sequence[Sealed]], sent_at: datetime) -> Block:
    if len(requests) == 1:
        keys = [KeySlice(requests[0].key, 0, len(ready[0]))] if requests[0].key else []
        return Block(ready[0], dict(requests[0].expected), keys, sent_at)
    events: list[Sealed] = []
    expected: dict[str, int] = {}
    keys = []
    for request, own in zip(requests, ready, strict=True):
        if request.key:
            keys.append(KeySlice(request.key, len(events), len(own)))
        events += own
        for stream_name, version in request.expected.items():
            # One that an earlier request moves on is where this one expects it only after that.
            expected.setdefault(stream_name, version)
    return Block(events, expected, keys, sent_at)


def _put(driver: sqlite3.Connection | psycopg.Connection[Any], block: Block) -> Outcome:
    try:
        return sqlite.put(driver, block) if isinstance(driver, sqlite3.Connection) else postgresql.put(driver, block)
    except (UniqueViolation, sqlite3.IntegrityError) as error:
        raise Conflict("an event with one of these ids is recorded already; nothing was written") from error


def _refused(outcome: Outcome, block: Block) -> Exception:
    if outcome.refusal == "version":
        return VersionConflict(str(outcome.refused), int(outcome.expected or 0), int(outcome.found or 0))
    if outcome.refusal == "key":
        return KeyReused(str(outcome.refused))
    return Unavailable(
        f"the writer's clock says {block.sent_at.isoformat()}, the database's {outcome.appended_at.isoformat()}:"
        " more than 5 s apart; nothing was written"
    )


def _first_receipt(connection: Connection, request: Request) -> Receipt:
    key = request.key
    if key is None:
        raise LookupError("a key was found for a request without one")
    row = connection.execute(select(event_key).where(event_key.c.key == key.value)).one()
    if row.digest != key.digest:
        raise KeyReused(key.value)
    events = read(connection, row.first_position - 1, row.event_count) if row.event_count else []
    return Receipt(
        range(row.first_position, row.first_position + row.event_count),
        {event.stream: event.stream_version for event in events},
        tuple(event.leaf_hash for event in events),
        row.recorded_at,
    )
