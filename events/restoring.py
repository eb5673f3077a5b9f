"""Putting events back where they were: into a log that ends just before them, with the positions and times they had.

Who may append may do this too: what a log says of itself was always only as good as its checkpoints, which others hold.
"""

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import Connection

from events.driver_errors import translated
from events.envelope import MAX_ENTRY, Recorded, leaf_hash
from events.errors import Conflict, Rejected
from events.reading import driver_of, last_position
from events.tables import instant_text

_LOCK = b"SELECT pg_advisory_xact_lock(7236271837492736)"
_LAST = "SELECT position, recorded_at FROM event_log ORDER BY position DESC LIMIT 1"
_INSERT = "INSERT INTO event_log VALUES (?,?,?,?,?,?,?,?,?,?,?)"
_COPY = (
    b"COPY event_log (position, id, code, stream, stream_version, type, schema_version, effective_on, recorded_at,"
    b" entry, leaf_hash) FROM STDIN (FORMAT BINARY)"
)
_TYPES = ("int8", "uuid", "text", "text", "int8", "text", "int4", "date", "timestamptz", "bytea", "bytea")


class OutOfPlace(Conflict):
    """An event does not follow the log's last one."""


def hold(connection: Connection) -> int:
    """Keeps all others from appending until the transaction ends; the last position."""
    with translated():
        driver = driver_of(connection)
        if isinstance(driver, psycopg.Connection):
            driver.execute(_LOCK)
        elif not driver.in_transaction:
            driver.execute("BEGIN IMMEDIATE")
    return last_position(connection)


def restore(connection: Connection, events: Sequence[Recorded]) -> None:
    """Puts the next events into a log that is held: as they were, or not at all; never commits."""
    if not events:
        return
    with translated():
        driver = driver_of(connection)
        _check(driver.execute(_LAST).fetchone(), events)
        try:
            if isinstance(driver, psycopg.Connection):
                _copy(driver, events)
            else:
                driver.executemany(_INSERT, [_row(each) for each in events])
        except (psycopg.errors.IntegrityError, sqlite3.IntegrityError) as error:
            raise OutOfPlace(f"after position {events[0].position - 1}: {str(error).splitlines()[0]}") from error


def _check(last: Any, events: Sequence[Recorded]) -> None:  # noqa: ANN401 - a row of the driver's
    position, at = last or (0, events[0].recorded_at)
    at = datetime.fromisoformat(at) if isinstance(at, str) else at
    for each in events:
        position += 1
        if each.position != position:
            raise OutOfPlace(f"expected position {position}, found {each.position}")
        if each.recorded_at < at:
            raise OutOfPlace(f"position {position} was recorded {each.recorded_at}, the one before it {at}")
        if leaf_hash(each.entry) != each.leaf_hash or len(each.entry) > MAX_ENTRY:
            raise Rejected(f"position {position}: the entry is not the one that its leaf hash is of")
        at = each.recorded_at


def _row(event: Recorded) -> tuple[Any, ...]:
    day = event.effective_on and event.effective_on.isoformat()
    return (*event[:7], day, instant_text(event.recorded_at), event.entry, event.leaf_hash)


def _copy(driver: psycopg.Connection[Any], events: Sequence[Recorded]) -> None:
    with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.set_types(_TYPES)
        for each in events:
            copy.write_row((each.position, UUID(each.id), *each[2:]))
