"""Two generations of the read models compared row by row, a page of each at a time."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import psycopg
import sqlalchemy as sa

from events.reading import driver_of
from events.tables import event_log
from services.projection import runner
from services.projection.runner import WHOLE_LOG
from services.projection.tables import READ_MODELS, checkpoint

PAGE = 2_000

Row = tuple[Any, ...]
Moved = Callable[[int, int], None]

_FLOOR: dict[str, Any] = {"known_from": -1}
"""What every key lies above; of a text column it is the empty text."""


class Unlike(NamedTuple):
    """A row of a read model, by its key, as the live generation and as the rebuilt one has it (null: not at all)."""

    table: sa.Table
    key: Row
    live: Row | None
    rebuilt: Row | None


class Sides(NamedTuple):
    """The generation that answers and the one rebuilt beside it, both known up to a position at least."""

    live: int
    rebuilt: int
    until: int


def sides(connection: sa.Connection, live: int, rebuilt: int) -> Sides:
    """The two, and how far both have read the log."""
    c = checkpoint.c
    read = sa.select(c.position).where(c.generation.in_([live, rebuilt]), c.code == WHOLE_LOG)
    positions = list(connection.scalars(read))
    return Sides(live, rebuilt, min(positions) if len(positions) == 2 else 0)


def unlike(connection: sa.Connection, between: Sides, moved: Moved) -> Iterator[Unlike]:
    """Every row that is not the same in both, as far as both are projected."""
    yield from _places(connection, between)
    if connection.dialect.name == "postgresql":
        # Just filled, a generation has no statistics yet: the planner would sort all that is left of it for each page.
        for way in ("sort", "bitmapscan", "seqscan"):
            connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
    still = [runner.stopped(connection, each) for each in (between.live, between.rebuilt)]
    ends = {code: min(each.get(code, between.until + 1) for each in still) for one in still for code in one}
    total, done = sum(_count(connection, table, between.rebuilt) for table in READ_MODELS), 0
    for table in READ_MODELS:
        for live, rebuilt in _pages(connection, table, between):
            if live != rebuilt:
                yield from _rows(table, live, rebuilt, ends, between.until + 1)
            done += len(rebuilt)
            moved(done, max(total, done))


def keys_of(table: sa.Table) -> list[str]:
    """The columns that tell a row of a generation from the others."""
    return [str(column.name) for column in table.primary_key if column.name != "generation"]


def columns_of(table: sa.Table) -> list[str]:
    """The columns of a row, those of its key first."""
    keys = keys_of(table)
    return [*keys, *(str(name) for name in table.columns.keys()[1:] if name not in keys)]


def _rows(table: sa.Table, live: list[Row], rebuilt: list[Row], ends: dict[str, int], end: int) -> Iterator[Unlike]:
    width = len(keys_of(table))
    one, other = ({row[:width]: row for row in rows} for rows in (live, rebuilt))
    for key in dict.fromkeys([*one, *other]):
        code, _, known_from = key[:3]
        # Beyond the event that stops a code, one side has nothing to compare with.
        if one.get(key) != other.get(key) and known_from < ends.get(code, end):
            yield Unlike(table, key, one.get(key), other.get(key))


def _pages(connection: sa.Connection, table: sa.Table, between: Sides) -> Iterator[tuple[list[Row], list[Row]]]:
    """Pages of both over the same range of keys, in the database's own order of them."""
    page = _Page(connection, table, between.until)
    width = len(page.keys)
    low: Row = tuple(_FLOOR.get(name, "") for name in page.keys)
    high: Row | None = low
    while high is not None:
        high = None
        live = page.rows(between.live, low, None)
        if len(live) == PAGE:
            high = live[-1][:width]
        rebuilt = page.rows(between.rebuilt, low, high)
        if len(rebuilt) == PAGE and rebuilt[-1][:width] != high:
            high = rebuilt[-1][:width]
            live = page.rows(between.live, low, high)
        yield live, rebuilt
        low = high or low


class _Page:
    """Reads pages of one read model, as the driver gives the values."""

    def __init__(self, connection: sa.Connection, table: sa.Table, until: int) -> None:
        self.keys = keys_of(table)
        self._connection, self._until = connection, until
        self._mark = "?" if connection.dialect.name == "sqlite" else "%s"
        self._key = f"({', '.join(self.keys)})"
        marks = f"({', '.join([self._mark] * len(self.keys))})"
        self._above, self._below = f"{self._key} > {marks}", f"{self._key} <= {marks}"
        self._select = f"SELECT {', '.join(columns_of(table))} FROM {table.name}"  # noqa: S608 - our own names

    def rows(self, generation: int, low: Row, high: Row | None) -> list[Row]:
        """The first rows above one key, and at most up to another."""
        own = [
            f"generation = {self._mark}",
            f"known_from <= {self._mark}",
            self._above,
            *([self._below] if high else []),
        ]
        statement = f"{self._select} WHERE {' AND '.join(own)} ORDER BY {self._key[1:-1]} LIMIT {PAGE}"
        values = (generation, self._until, *low, *(high or ()))
        driver = driver_of(self._connection)
        if isinstance(driver, psycopg.Connection):
            with driver.cursor(binary=True) as cursor:
                return cursor.execute(statement.encode(), values).fetchall()
        return driver.execute(statement, values).fetchall()


def _places(connection: sa.Connection, between: Sides) -> Iterator[Unlike]:
    """How far each code is projected: the rebuilt generation's as it stands, the live one's as the log gives it."""
    live, rebuilt = _checkpoints(connection, between.live), _checkpoints(connection, between.rebuilt)
    seen = live.get(WHOLE_LOG, (0,))[0]
    for code in sorted((live.keys() | rebuilt.keys()) - {WHOLE_LOG}):
        one, other = live.get(code), rebuilt.get(code)
        if one and other and (one[1] or other[1]):
            alike = one[1] == other[1]
        else:
            alike = (one[0] if one else None) == _last(connection, code, seen)
        if not alike:
            yield Unlike(checkpoint, (code,), one and (code, *one), other and (code, *other))


def _checkpoints(connection: sa.Connection, generation: int) -> dict[str, Row]:
    rows = connection.execute(sa.select(checkpoint).where(checkpoint.c.generation == generation))
    return {row.code: (row.position, row.failed_at, row.failure) for row in rows}


def _last(connection: sa.Connection, code: str, until: int) -> int | None:
    c = event_log.c
    found: int | None = connection.scalar(sa.select(sa.func.max(c.position)).where(c.code == code, c.position <= until))
    return found


def _count(connection: sa.Connection, table: sa.Table, generation: int) -> int:
    own = sa.select(sa.func.count()).select_from(table).where(table.c.generation == generation)
    return connection.scalar(own) or 0
