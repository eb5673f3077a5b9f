"""Rows into the read models in bulk: binary COPY on PostgreSQL, one prepared insert a table on SQLite."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from services.projection.apply import Row

Values = tuple[Any, ...]

_BINARY = {sa.Text: "text", sa.BigInteger: "int8", sa.Boolean: "bool", sa.Date: "date", sa.LargeBinary: "bytea"}


@cache
def values_of(table: sa.Table) -> Callable[[Row], Values]:
    """Takes the values of a row in the order of `columns_of`: as such tuples the garbage collector passes rows over."""
    return itemgetter(*columns_of(table))


@cache
def columns_of(table: sa.Table) -> tuple[str, ...]:
    """The columns of a read model but for the generation, which all the rows of a batch share."""
    return tuple(name for name in table.columns.keys()[1:])


def write(connection: sa.Connection, generation: int, rows: Mapping[sa.Table, Sequence[Values]]) -> None:
    """Adds the rows, as `values_of` gives them, to a generation of their read models within the caller's transaction."""
    put = _copy if connection.dialect.name == "postgresql" else _insert
    for table, own in rows.items():
        put(connection, table, ((generation, *values) for values in own))


def _copy(connection: sa.Connection, table: sa.Table, rows: Iterable[Values]) -> None:
    driver: Any = connection.connection.driver_connection
    names = ("generation", *columns_of(table))
    statement = f"COPY {table.name} ({', '.join(names)}) FROM STDIN (FORMAT BINARY)"
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types([_BINARY[type(table.c[name].type)] for name in names])
        for row in rows:
            copy.write_row(row)


def _insert(connection: sa.Connection, table: sa.Table, rows: Iterable[Values]) -> None:
    driver: Any = connection.connection.driver_connection
    names = ("generation", *columns_of(table))
    statement = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608 - our own tables' names
    driver.executemany(statement, _with_days_as_text(rows, names.index("effective")))


def _with_days_as_text(rows: Iterable[Values], at: int) -> Iterable[Values]:
    for row in rows:
        yield (*row[:at], row[at] and row[at].isoformat(), *row[at + 1 :])
