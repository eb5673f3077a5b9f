"""Reads of the log: pages by position, straight from the driver; bounded memory however long the log is."""

import sqlite3
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, cast

import psycopg
from sqlalchemy import Connection

from events.driver_errors import translated
from events.envelope import Recorded
from events.errors import NotFound
from events.tables import instant_text

PAGE = 1_000
"""How many events a stream holds in memory at a time."""

_COLUMNS = (
    "code, stream, stream_version, type, schema_version, effective_on, recorded_at, entry, leaf_hash FROM event_log"
)
_POSTGRESQL = f"SELECT position, id::text, {_COLUMNS}"
_SQLITE = f"SELECT position, id, {_COLUMNS}"


def read(
    connection: Connection,
    after: int = 0,
    limit: int = PAGE,
    code: str | None = None,
    types: Collection[str] | None = None,
    until: int | None = None,
) -> list[Recorded]:
    """The first events after a position, in order; of one code or some types only where asked, up to `until` included."""
    where, values = _of("position > %s", after, code, types)
    if until is not None:
        where += " AND position <= %s"
        values.append(until)
    return _rows(connection, f"WHERE {where} ORDER BY position LIMIT %s", [*values, limit])


def read_back(
    connection: Connection, before: int, limit: int, code: str | None = None, types: Collection[str] | None = None
) -> list[Recorded]:
    """The last events before a position, newest first; of one code or some types only where asked."""
    where, values = _of("position < %s", before, code, types)
    return _rows(connection, f"WHERE {where} ORDER BY position DESC LIMIT %s", [*values, limit])


def _of(where: str, position: int, code: str | None, types: Collection[str] | None) -> tuple[str, list[Any]]:
    values: list[Any] = [position]
    if code is not None:
        where += " AND code = %s"
        values.append(code)
    if types is not None:
        where += f" AND type IN ({', '.join(['%s'] * len(types)) or 'NULL'})"
        values += types
    return where, values


def stream(
    connection: Connection,
    after: int = 0,
    code: str | None = None,
    types: Collection[str] | None = None,
    until: int | None = None,
    page: int = PAGE,
) -> Iterator[Recorded]:
    """All such events in order, read page by page; what is appended meanwhile comes too, unless `until` says where to end."""
    length = page
    while length == page:
        events = read(connection, after, page, code, types, until)
        length = len(events)
        after = events[-1].position if events else after
        events.reverse()
        # Each is let go of as it is handed out: what is made of one takes the memory of the one before.
        while events:
            yield events.pop()


def read_by_stream(connection: Connection, after: tuple[str, int], limit: int = PAGE) -> list[Recorded]:
    """The next events after one (its stream and version), stream by stream, each oldest first."""
    return _rows(
        connection,
        "WHERE (stream, stream_version) > (%s, %s) ORDER BY stream, stream_version LIMIT %s",
        [*after, limit],
    )


def event_by_id(connection: Connection, event_id: str) -> Recorded:
    """The event of that id; NotFound where the log has none."""
    digits = event_id.replace("-", "").lower()
    dashed = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
    if len(digits) == 32 and not set(digits) - set("0123456789abcdef"):
        for event in _rows(connection, "WHERE id = %s", [dashed]):
            return event
    raise NotFound(f"no event has the id {event_id[:80]!r}")


def events_by_ids(connection: Connection, ids: Collection[str]) -> dict[str, Recorded]:
    """Those of the events that the log has, by id."""
    return {event.id: event for event in _among(connection, "id", ids)}


def stream_openings(connection: Connection, streams: Collection[str]) -> dict[str, Recorded]:
    """The first event of each of the streams that is there."""
    return {event.stream: event for event in _among(connection, "stream_version = 1 AND stream", streams)}


def _among(connection: Connection, column: str, values: Collection[str]) -> Iterator[Recorded]:
    names = list(dict.fromkeys(values))
    for start in range(0, len(names), PAGE):
        part = names[start : start + PAGE]
        yield from _rows(connection, f"WHERE {column} IN ({_marks(part)})", part)


def events_of(connection: Connection, stream_name: str) -> list[Recorded]:
    """The events of one stream, oldest first."""
    return _rows(connection, "WHERE stream = %s ORDER BY stream_version", [stream_name])


def _marks(values: Sequence[object]) -> str:
    return ", ".join(["%s"] * len(values))


def stream_versions(connection: Connection, streams: Collection[str]) -> dict[str, int]:
    """The version of each of the streams, that is the number of its events; 0 for one that is not there."""
    names = list(dict.fromkeys(streams))
    found = dict.fromkeys(names, 0)
    for start in range(0, len(names), PAGE):
        part = names[start : start + PAGE]
        sql = f"SELECT stream, max(stream_version) FROM event_log WHERE stream IN ({_marks(part)}) GROUP BY stream"  # noqa: S608
        found |= dict(_fetch(connection, sql, part))
    return found


def last_position(connection: Connection, code: str | None = None) -> int:
    """The position of the last event, of that code where one is named; 0 where there is none."""
    where = "WHERE code = %s" if code is not None else ""
    rows = _fetch(connection, f"SELECT max(position) FROM event_log {where}", [code] if code is not None else [])  # noqa: S608
    return rows[0][0] or 0


def position_at(connection: Connection, instant: datetime) -> int:
    """The position of the last event recorded at or before a moment; 0 where there is none."""
    moment = instant_text(instant) if connection.dialect.name == "sqlite" else instant
    # recorded_at never falls from one position to the next and positions have no gaps: halving finds it without an index.
    return bisect_right(range(1, last_position(connection) + 1), moment, key=partial(_recorded_at, connection))


def _recorded_at(connection: Connection, position: int) -> Any:  # noqa: ANN401 - text on SQLite
    return _fetch(connection, "SELECT recorded_at FROM event_log WHERE position = %s", [position])[0][0]


def _rows(connection: Connection, tail: str, values: Sequence[object]) -> list[Recorded]:
    with translated():
        driver = driver_of(connection)
        if isinstance(driver, sqlite3.Connection):
            return _sqlite_rows(driver.execute(f"{_SQLITE} {tail.replace('%s', '?')}", values))
        with driver.cursor(binary=True, row_factory=_recorded) as cursor:
            return cursor.execute(f"{_POSTGRESQL} {tail}".encode(), values).fetchall()


def _sqlite_rows(cursor: sqlite3.Cursor) -> list[Recorded]:
    day, moment = date.fromisoformat, datetime.fromisoformat
    return [
        _made((position, id_, code, name, version, kind, schema, on and day(on), moment(at), entry, leaf))
        for position, id_, code, name, version, kind, schema, on, at, entry, leaf in cursor
    ]


def _recorded(_: object) -> Callable[[Sequence[Any]], Recorded]:
    return _made


_made: Callable[[Sequence[Any]], Recorded] = partial(tuple.__new__, Recorded)
"""`Recorded._make` of the driver's rows, whose length is known, without its call in Python."""


def _fetch(connection: Connection, sql: str, values: Sequence[object]) -> list[Any]:
    with translated():
        driver = driver_of(connection)
        if isinstance(driver, sqlite3.Connection):
            return driver.execute(sql.replace("%s", "?"), values).fetchall()
        return driver.execute(sql.encode(), values).fetchall()


def driver_of(connection: Connection) -> sqlite3.Connection | psycopg.Connection[Any]:
    """The driver's connection under this one, in the transaction of this one."""
    if not connection.in_transaction():
        connection.begin()
    return cast("sqlite3.Connection | psycopg.Connection[Any]", connection.connection.driver_connection)
