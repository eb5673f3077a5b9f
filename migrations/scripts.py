"""Runs the SQL files that migrations are written in, statement by statement, inside the migration's own transaction."""

import sqlite3
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from sqlalchemy import Connection


def run_script(connection: Connection, name: str) -> None:
    """Runs `sql/<name>_<dialect>.sql`; nothing is committed here."""
    script = files("migrations").joinpath("sql", f"{name}_{connection.dialect.name}.sql").read_text(encoding="utf-8")
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "postgresql":
        driver.execute(script)
        return
    for statement in sqlite_statements(script):
        driver.execute(statement)


def sqlite_statements(script: str) -> Iterator[str]:
    """The statements of a script one by one: `executescript` would commit the transaction first."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
