"""Rows into the read models in bulk: COPY on PostgreSQL, one prepared insert a table on SQLite."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import sqlalchemy as sa

from services.projection.apply import Placed


def write(connection: sa.Connection, placed: Iterable[Placed]) -> None:
    """Adds the rows to their read models within the caller's transaction."""
    by_table: dict[sa.Table, list[dict[str, Any]]] = {}
    for table, row in placed:
        by_table.setdefault(table, []).append(row)
    put = _copy if connection.dialect.name == "postgresql" else _insert
    for table, rows in by_table.items():
        names = [column.name for column in table.columns]
        put(connection, table.name, names, ([row.get(name) for name in names] for row in rows))


def _copy(connection: sa.Connection, table: str, names: list[str], rows: Iterable[list[Any]]) -> None:
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _insert(connection: sa.Connection, table: str, names: list[str], rows: Iterable[list[Any]]) -> None:
    driver: Any = connection.connection.driver_connection
    marks = ", ".join("?" * len(names))
    statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608 - our own tables' names
    driver.executemany(statement, ([v.isoformat() if isinstance(v, date) else v for v in row] for row in rows))
