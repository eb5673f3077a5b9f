"""What was projected before an event, in the database and in the batch under way."""

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

import sqlalchemy as sa

from services.projection.apply import FACTS, Placed, Row
from services.projection.tables import change_row, lettering_row
from services.projection.writer import Values, columns_of, values_of


class Filed(NamedTuple):
    """How many of a table's rows are filed, and those by code and fact."""

    number: int
    by_fact: dict[tuple[str, str], list[Row]]


class Batch:
    """The rows of a batch that are not written yet, beside those that are: answers what `apply` asks of both."""

    def __init__(self, connection: sa.Connection, generation: int) -> None:
        self.rows_by_table: dict[sa.Table, list[Values]] = defaultdict(list)
        self._connection, self._generation = connection, generation
        self._filed: dict[sa.Table, Filed] = defaultdict(lambda: Filed(0, defaultdict(list)))
        self._documents: dict[tuple[str, str], list[Row]] = defaultdict(list)
        self._letters: dict[str, dict[str, tuple[str, str]]] = {}

    def add(self, placed: Placed) -> None:
        """Keeps a row until the batch is written."""
        table, row = placed
        self.rows_by_table[table].append(values_of(table)(row))
        if table is change_row and row["home_kind"] == "document":
            self._documents[row["code"], row["home_ref"]].append(row)
        elif table is lettering_row and row["code"] in self._letters:
            self._note(self._letters[row["code"]], row)

    def rows(self, code: str, event_id: str) -> list[Placed]:
        """The latest rows of a fact, in whichever read models it has any."""
        found = []
        for table in FACTS:
            own = table.c.generation == self._generation
            matching = sa.select(table).where(own, table.c.code == code, table.c.id == event_id)
            rows = [dict(row._mapping) for row in self._connection.execute(matching)]
            rows += self._pending(table).get((code, event_id), ())
            found += [Placed(table, row) for row in _latest(rows)]
        return found

    def _pending(self, table: sa.Table) -> Mapping[tuple[str, str], list[Row]]:
        """The rows not written yet, by code and fact; those added since the last look are filed now, since few batches look."""
        added, (seen, by_fact) = self.rows_by_table[table], self._filed[table]
        for values in added[seen:]:
            row = dict(zip(columns_of(table), values, strict=True))
            by_fact[row["code"], row["id"]].append(row)
        self._filed[table] = Filed(len(added), by_fact)
        return by_fact

    def at_home(self, code: str, kind: str, ref: str) -> list[Row]:
        """The latest rows of the changes that belong to a provision."""
        c = change_row.c
        own = (c.generation == self._generation, c.code == code)
        matching = sa.select(change_row).where(*own, c.home_kind == kind, c.home_ref == ref)
        rows = [dict(row._mapping) for row in self._connection.execute(matching)]
        rows += self._documents.get((code, ref), []) if kind == "document" else []
        by_id: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            by_id[row["id"]].append(row)
        return [row for versions in by_id.values() for row in _latest(versions)]

    def letter(self, code: str, document: str) -> tuple[str, str] | None:
        """The kind and reference that a document got, null while it has none."""
        if code not in self._letters:
            self._letters[code] = self._letters_of(code)
        return self._letters[code].get(document)

    def _letters_of(self, code: str) -> dict[str, tuple[str, str]]:
        letters: dict[str, tuple[str, str]] = {}
        c = lettering_row.c
        matching = sa.select(lettering_row).where(c.generation == self._generation, c.code == code)
        written = [dict(row._mapping) for row in self._connection.execute(matching)]
        pending = [row for (of, _), rows in self._pending(lettering_row).items() if of == code for row in rows]
        for row in sorted(written + pending, key=lambda row: row["known_from"]):
            self._note(letters, row)
        return letters

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
