"""What SQLite reads whole while something is done: each such table is time that grows with the ledger."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa


@contextmanager
def scanned(engine: sa.Engine) -> Iterator[set[str]]:
    """The tables that statements read whole until the end, as their plans say."""
    statements: list[tuple[str, Any]] = []
    found: set[str] = set()

    def note(_: object, __: object, statement: str, parameters: Any, *___: object) -> None:
        statements.append((statement, parameters))

    sa.event.listen(engine, "before_cursor_execute", note)
    yield found
    sa.event.remove(engine, "before_cursor_execute", note)
    with engine.connect() as connection:
        for statement, parameters in statements:
            if statement.startswith(("SELECT", "DELETE", "UPDATE")) and not isinstance(parameters, list):
                for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters):
                    found |= {row.detail.split()[1]} if row.detail.startswith("SCAN ") else set()
