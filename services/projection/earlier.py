"""What was projected before an event, in the database and in the batch under way."""

from collections import defaultdict

import sqlalchemy as sa

from services.projection.apply import FACTS, Placed, Row
from services.projection.tables import change_row, lettering_row


class Batch:
    """The rows of a batch that are not written yet, beside those that are: answers what `apply` asks of both."""

    def __init__(self, connection: sa.Connection) -> None:
        self.placed: list[Placed] = []
        self._connection = connection
        self._by_fact: dict[tuple[str, str], list[Placed]] = defaultdict(list)
        self._documents: dict[tuple[str, str], list[Row]] = defaultdict(list)
        self._letters: dict[str, dict[str, tuple[str, str]]] = {}

    def add(self, placed: Placed) -> None:
        """Keeps a row until the batch is written."""
        table, row = placed
        self.placed.append(placed)
        self._by_fact[row["code"], row["id"]].append(placed)
        if table is change_row and row["home_kind"] == "document":
            self._documents[row["code"], row["home_ref"]].append(row)
        elif table is lettering_row and row["code"] in self._letters:
            self._note(self._letters[row["code"]], row)

    def rows(self, code: str, event_id: str) -> list[Placed]:
        """The latest rows of a fact, in whichever read models it has any."""
        found = []
        for table in FACTS:
            matching = sa.select(table).where(table.c.code == code, table.c.id == event_id)
            rows = [dict(row._mapping) for row in self._connection.execute(matching)]
            rows += [placed.row for placed in self._by_fact.get((code, event_id), ()) if placed.table is table]
            found += [Placed(table, row) for row in _latest(rows)]
        return found

    def at_home(self, code: str, kind: str, ref: str) -> list[Row]:
        """The latest rows of the changes that belong to a provision."""
        c = change_row.c
        matching = sa.select(change_row).where(c.code == code, c.home_kind == kind, c.home_ref == ref)
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
        matching = sa.select(lettering_row).where(lettering_row.c.code == code)
        written = [dict(row._mapping) for row in self._connection.execute(matching)]
        pending = [row for table, row in self.placed if table is lettering_row and row["code"] == code]
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
