"""The same rows put and fetched by the bare drivers: what the log is measured against."""

import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import make_url

from events.envelope import Sealed
from events.tables import instant_text

Row = tuple[Any, ...]

COLUMNS = (
    "position, id, code, stream, stream_version, type, schema_version, effective_on, recorded_at, entry, leaf_hash"
)
TYPES = ("int8", "uuid", "text", "text", "int8", "text", "int4", "date", "timestamptz", "bytea", "bytea")
PAGE = 1_000


class RawPostgresql:
    """A table like the log's, with its keys and without its triggers, on a connection of its own."""

    name = "postgresql"

    def __init__(self, url: str) -> None:
        server = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self.connection = psycopg.connect(server, autocommit=True)
        self._insert = f"INSERT INTO raw_log ({COLUMNS}) VALUES ({', '.join(['%b'] * len(TYPES))})".encode()
        self._copy = f"COPY raw_log ({COLUMNS}) FROM STDIN (FORMAT BINARY)".encode()

    def prepare(self) -> None:
        """Makes the table, once a database."""
        self.connection.execute("CREATE TABLE raw_log (LIKE event_log INCLUDING ALL)")

    def insert(self, row: Row) -> None:
        """One row, one transaction, a prepared statement, values in binary."""
        self.connection.execute(self._insert, row, prepare=True)

    def batch(self, rows: Sequence[Row]) -> None:
        """All rows in one binary COPY, one transaction."""
        with self.connection.cursor() as cursor, cursor.copy(self._copy) as copy:
            copy.set_types(TYPES)
            for row in rows:
                copy.write_row(row)

    def pages(self) -> int:
        """Fetches the whole log page by page, all its columns, and counts."""
        with self.connection.cursor() as cursor:
            return _counted(lambda after: cursor.execute(_select("%s"), (after,)).fetchall())

    def pages_in_binary(self) -> int:
        """The same, asked for in binary."""
        with self.connection.cursor(binary=True) as cursor:
            return _counted(lambda after: cursor.execute(_select("%s"), (after,)).fetchall())

    def close(self) -> None:
        """Ends the connection."""
        self.connection.close()


class RawSqlite:
    """A table like the log's, with its keys and without its triggers, on a connection of its own."""

    name = "sqlite"

    def __init__(self, url: str) -> None:
        self.connection = sqlite3.connect(
            str(make_url(url).database), timeout=60, isolation_level=None, check_same_thread=False
        )
        self.connection.execute("PRAGMA synchronous = FULL")
        self._insert = f"INSERT INTO raw_log VALUES ({', '.join('?' * len(TYPES))})"

    def prepare(self) -> None:
        """Makes the table, once a database."""
        find = (
            "SELECT sql FROM sqlite_master WHERE tbl_name = 'event_log' AND type IN ('table', 'index') AND sql NOTNULL"
        )
        for (sql,) in self.connection.execute(find).fetchall():
            self.connection.execute(sql.replace("event_log", "raw_log"))

    def insert(self, row: Row) -> None:
        """One row, one transaction."""
        self.connection.execute(self._insert, row)

    def batch(self, rows: Sequence[Row]) -> None:
        """All rows by one executemany, one transaction."""
        self.connection.execute("BEGIN IMMEDIATE")
        self.connection.executemany(self._insert, rows)
        self.connection.execute("COMMIT")

    def pages(self) -> int:
        """Fetches the whole log page by page, all its columns, and counts."""
        return _counted(lambda after: self.connection.execute(_select("?"), (after,)).fetchall())

    def close(self) -> None:
        """Ends the connection."""
        self.connection.close()


Raw = RawPostgresql | RawSqlite


def open_raw(url: str) -> Raw:
    """The bare driver of that database."""
    return RawSqlite(url) if url.startswith("sqlite") else RawPostgresql(url)


def raw_row(event: Sealed, position: int, name: str) -> Row:
    """An event's row as that database's driver likes it best."""
    (id_, *rest, day, entry, leaf), now = event, datetime.now(UTC)
    if name == "postgresql":
        return (position, UUID(id_), *rest, day, now, entry, leaf)
    return (position, id_, *rest, day and day.isoformat(), instant_text(now), entry, leaf)


def _select(mark: str) -> str:
    return f"SELECT {COLUMNS} FROM event_log WHERE position > {mark} ORDER BY position LIMIT {PAGE}"


def _counted(page: Callable[[int], list[Row]]) -> int:
    count = after = 0
    while rows := page(after):
        count += len(rows)
        after = rows[-1][0]
    return count
