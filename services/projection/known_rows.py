"""The rows of the read models as known at a point: the latest of each fact, those withdrawn left out."""

from collections.abc import Iterable
from typing import Any

import orjson
import sqlalchemy as sa

from services.law.fold import Act
from services.projection.point import Point
from services.projection.tables import change_row

Body = dict[str, Any]


def standing(table: sa.Table, *where: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """The statement for what was known of a code up to a position; made once, it is asked with values for its parameters."""
    c = table.c
    generation = sa.bindparam("generation", type_=sa.BigInteger)
    of_code = (c.code == sa.bindparam("of_code", type_=sa.Text), c.known_from <= sa.bindparam("bound"))
    return sa.select(table).where(c.generation == generation, *of_code, *where).order_by(c.known_from, c.alive)


def asked(connection: sa.Connection, statement: sa.Select[Any], point: Point, **values: Any) -> list[Any]:  # noqa: ANN401
    """The rows of a `standing` statement that stand at the point, in the order recorded."""
    return latest(connection.execute(statement, {**values, **code_and_bound(point)}).all())


def code_and_bound(point: Point) -> dict[str, Any]:
    """The values that every `standing` statement takes."""
    return {"generation": point.generation, "of_code": point.code, "bound": point.bound}


def known(connection: sa.Connection, table: sa.Table, point: Point, *where: sa.ColumnElement[bool]) -> list[Any]:
    """The rows that stand at the point, in the order recorded."""
    return asked(connection, standing(table, *where), point)


def latest(rows: Iterable[Any]) -> list[Any]:
    """Of rows in the order they became known, the last one of each fact, unless that withdraws it; in the order recorded."""
    newest = {row.id: row for row in rows}
    return sorted((row for row in newest.values() if row.alive), key=lambda row: row.position)


def act_of(row: Any) -> Act:  # noqa: ANN401 - a row of change_row
    """The act that a change is to the law."""
    return Act(
        id=row.id,
        position=row.position,
        effective=row.effective,
        action=row.action,
        ref=row.home_ref,
        version=row.version,
        spec=row.spec,
        spec_version=row.spec_version,
        alongside=row.alongside,
        exclusions=tuple(row.exclusions.split("\n")) if row.exclusions else (),
        cancelled=row.cancelled,
    )


def body_of(row: Any) -> Body:  # noqa: ANN401 - a row of any read model
    """What the row says, as JSON-ready fields."""
    value: Body = orjson.loads(row.body)
    return value


def changes_where(connection: sa.Connection, point: Point, *where: sa.ColumnElement[bool]) -> list[Any]:
    """The changes that stand at the point, in the order recorded."""
    return known(connection, change_row, point, *where)
