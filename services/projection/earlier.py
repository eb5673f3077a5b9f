"""What was projected before an event, in the database and in the batch under way."""

from collections import defaultdict

import sqlalchemy as sa

from services.projection.apply import FACTS, Placed, Row
from services.projection.tables import change_row, lettering_row
from services.projection.writer import Writing


class Batch:
    """The rows of a batch on their way into the database: answers what `apply` asks of them and of those before."""

    def __init__(self, connection: sa.Connection, generation: int, writing: Writing) -> None:
        self._connection, self._generation, self._writing = connection, generation, writing
        self._letters: dict[str, dict[str, tuple[str, str]]] = {}

    def add(self, placed: Placed) -> None:
        """Hands a row on to be written."""
        table, row = placed
        self._writing.add(table, row)
        if table is lettering_row and row["code"] in self._letters:
            self._note(self._letters[row["code"]], row)

    def rows(self, code: str, event_id: str) -> list[Placed]:
        """The latest rows of a fact, in whichever read models it has any."""
        return [
            Placed(table, row)
            for table in FACTS
            for row in _latest(self._written(table, table.c.code == code, table.c.id == event_id))
        ]

    def at_home(self, code: str, kind: str, ref: str) -> list[Row]:
        """The latest rows of the changes that belong to a provision."""
        c = change_row.c
        by_id: dict[str, list[Row]] = defaultdict(list)
        for row in self._written(change_row, c.code == code, c.home_kind == kind, c.home_ref == ref):
            by_id[row["id"]].append(row)
        return [row for versions in by_id.values() for row in _latest(versions)]

    def letter(self, code: str, document: str) -> tuple[str, str] | None:
        """The kind and reference that a document got, null while it has none."""
        if code not in self._letters:
            self._letters[code] = self._letters_of(code)
        return self._letters[code].get(document)

    def _letters_of(self, code: str) -> dict[str, tuple[str, str]]:
        letters: dict[str, tuple[str, str]] = {}
        written = self._written(lettering_row, lettering_row.c.code == code)
        for row in sorted(written, key=lambda row: row["known_from"]):
            self._note(letters, row)
        return letters

    def _written(self, table: sa.Table, *where: sa.ColumnElement[bool]) -> list[Row]:
        """Such rows of the generation, those of this batch as well."""
        self._writing.flush()
        matching = sa.select(table).where(table.c.generation == self._generation, *where)
        return [dict(row._mapping) for row in self._connection.execute(matching)]

    @staticmethod
    def _note(letters: dict[str, tuple[str, str]], row: Row) -> None:
        if row["alive"]:
            letters[row["document"]] = (row["kind"], row["ref"])
        else:
            letters.pop(row["document"], None)


def _latest(rows: list[Row]) -> list[Row]:
    """Those known last that still stand."""
    newest = max((row["known_from"] for row in rows), default=0)
    return [row for row in rows if row["known_from"] == newest and row["alive"]]
