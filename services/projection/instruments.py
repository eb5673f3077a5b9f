"""Answers about instruments, versions, proposals and the subjects named beside them."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa

from events.errors import NotFound
from services.projection.known_rows import Body, body_of, known
from services.projection.point import Point
from services.projection.tables import instrument_row, topic_row, version_row


class UnknownVersion(NotFound):
    """No version of the code has that label, as known at the point."""

    problem = "unknown-version"


def acts_by_name(connection: sa.Connection, point: Point, names: Collection[str] | None = None) -> dict[str, Body]:
    """The instruments known at the point, by their ids; only those named, where names are given."""
    if names is not None and not names:
        return {}
    where = [] if names is None else [instrument_row.c.instrument.in_(list(names))]
    rows = known(connection, instrument_row, point, *where)
    return {row.instrument: {**body_of(row), "cancelled": row.cancelled} for row in rows}


def act_behind(change: Any) -> sa.Label[bytes]:  # noqa: ANN401 - the columns of change_row
    """The column `act` beside a change: what is known at the position `bound` of the instrument it names, null where nothing is."""
    own, newer = instrument_row.alias(), instrument_row.alias()
    bound: sa.BindParameter[int] = sa.bindparam("bound")
    same = (newer.c.generation == own.c.generation, newer.c.code == own.c.code, newer.c.id == own.c.id)
    of_change = (own.c.generation == change.generation, own.c.code == change.code)
    act = (
        sa.select(own.c.body)
        .where(*of_change, own.c.instrument == change.instrument, own.c.known_from <= bound, own.c.alive)
        .where(~sa.exists().where(*same, newer.c.known_from > own.c.known_from, newer.c.known_from <= bound))
        .order_by(own.c.position.desc())
        .limit(1)
    )
    return act.scalar_subquery().label("act")


def versions_in_order(connection: sa.Connection, point: Point) -> list[Body]:
    """Every version known at the point in the order of its legal day (undated last), with `seq` from 1 and `status` on the day."""
    rows = known(connection, version_row, point)
    rows.sort(key=lambda row: (row.effective is None, row.effective, row.position))
    past = [i for i, row in enumerate(rows) if row.effective and row.effective <= point.as_of and not row.cancelled]
    current = max(past, default=-1)
    return [_version(row, index, current) for index, row in enumerate(rows)]


def _version(row: Any, index: int, current: int) -> Body:  # noqa: ANN401 - a row of version_row
    body = body_of(row)
    later = "cancelled" if row.cancelled else "scheduled" if row.effective else "undated"
    return {
        "label": body["version"],
        "seq": index + 1,
        "effective": body["effective"],
        "base_version": body["base_version"],
        "previous": body["previous"],
        "status": later if row.cancelled or index > current else "in_force" if index == current else "superseded",
        "id": row.id,
        "position": row.position,
        "recorded_at": body["recorded_at"],
        "source": body["source"],
    }


def topics_by_version(connection: sa.Connection, point: Point) -> dict[str, list[Body]]:
    """The subjects named without a provision, by version label, in the order written."""
    found: dict[str, list[Body]] = defaultdict(list)
    for row in known(connection, topic_row, point):
        body = body_of(row)
        found[body["version"]].append({name: body[name] for name in ("id", "text", "instrument", "source")})
    return found


def by_version(items: Iterable[Body]) -> dict[str, list[Body]]:
    """Instruments or changes by the label of their version."""
    found: dict[str, list[Body]] = defaultdict(list)
    for item in items:
        found[item["version"]].append(item)
    return found
