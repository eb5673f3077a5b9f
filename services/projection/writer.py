"""Rows into the read models in bulk: binary COPY on PostgreSQL, one prepared insert a table on SQLite."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from services.projection.apply import Row
from services.projection.tables import change_row

Values = tuple[Any, ...]

_BINARY = {sa.Text: "text", sa.BigInteger: "int8", sa.Boolean: "bool", sa.Date: "date", sa.LargeBinary: "bytea"}


@contextmanager
def writing(connection: sa.Connection, generation: int) -> Iterator["Writing"]:
    """Adds rows to a generation of the read models within the caller's transaction; all are there when the context ends."""
    with ExitStack() as copies:
        rows = Writing(connection, generation, copies)
        yield rows
        rows.flush()


class Writing:
    """The rows on their way into a generation."""

    def __init__(self, connection: sa.Connection, generation: int, copies: ExitStack) -> None:
        self._connection, self._generation, self._copies = connection, generation, copies
        self._postgresql = connection.dialect.name == "postgresql"
        self._waiting: dict[sa.Table, list[Values]] = defaultdict(list)
        self._changes: Any = None

    def add(self, table: sa.Table, row: Row) -> None:
        """Takes a row; nothing may be asked of the connection until the next `flush`."""
        values = _values_of(table)(row)
        if self._postgresql and table is change_row:
            # Most rows are changes: the server puts them into its indexes while the next ones are made.
            self._changes = self._changes or self._copies.enter_context(_copying(self._connection, table))
            self._changes.write_row((self._generation, *values))
        else:
            self._waiting[table].append(values)

    def flush(self) -> None:
        """Has all rows in the database, where the transaction sees them."""
        self._changes = None
        self._copies.close()
        for table, rows in self._waiting.items():
            # The rows of a code lie together in every index: so each page of one is fetched once, not once a row.
            (self._copy if self._postgresql else self._insert)(table, sorted(rows, key=_CODE))
        self._waiting.clear()

    def _copy(self, table: sa.Table, rows: Iterable[Values]) -> None:
        with _copying(self._connection, table) as copy:
            for values in rows:
                copy.write_row((self._generation, *values))

    def _insert(self, table: sa.Table, rows: Iterable[Values]) -> None:
        driver: Any = self._connection.connection.driver_connection
        names, number = _columns_of(table), self._generation
        marks = ", ".join("?" * len(names))
        statement = f"INSERT INTO {table.name} (generation, {', '.join(names)}) VALUES ({number}, {marks})"  # noqa: S608 - our own
        driver.executemany(statement, _with_days_as_text(rows, names.index("effective")))


_CODE = itemgetter(0)


@cache
def _values_of(table: sa.Table) -> Callable[[Row], Values]:
    """Takes the values of a row in the order of its columns: as such tuples the garbage collector passes rows over."""
    return itemgetter(*_columns_of(table))


@cache
def _columns_of(table: sa.Table) -> tuple[str, ...]:
    """The columns of a read model but for the generation, which all the rows of a batch share."""
    return tuple(name for name in table.columns.keys()[1:])


@contextmanager
def _copying(connection: sa.Connection, table: sa.Table) -> Iterator[Any]:
    driver: Any = connection.connection.driver_connection
    names = ("generation", *_columns_of(table))
    statement = f"COPY {table.name} ({', '.join(names)}) FROM STDIN (FORMAT BINARY)"
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types([_BINARY[type(table.c[name].type)] for name in names])
        yield copy


def _with_days_as_text(rows: Iterable[Values], at: int) -> Iterable[Values]:
    for row in rows:
        day = row[at]
        yield (*row[:at], day and day.isoformat(), *row[at + 1 :])
