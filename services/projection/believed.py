"""What was believed of a provision when: each step of knowledge about it in the order learnt, and the answer from then on."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import orjson
import sqlalchemy as sa

from services.law.codes import shape
from services.law.fold import Family, status
from services.projection.apply import instant
from services.projection.known_rows import Body, act_of
from services.projection.learnt import events_at, how_learnt
from services.projection.point import Point
from services.projection.provisions import every_row, told


def believed(connection: sa.Connection, point: Point, kind: str, ref: str) -> list[Body]:
    """The steps of knowledge about a provision, in the order learnt; `believed` is the answer for the point's day after each."""
    home_kind, home_ref, rows = every_row(connection, point, kind, ref)
    steps = list(_steps(point, home_kind, home_ref, rows))
    events = events_at(connection, {item["position"] for item in steps})
    for item in steps:
        recorded = events[item["position"]]
        item |= {"recorded_at": instant(recorded), "learnt": how_learnt(recorded)}
    return steps


def _steps(point: Point, kind: str, ref: str, rows: list[Any]) -> Iterator[Body]:
    known: dict[str, Any] = {}
    via: dict[str, str | None] = {}
    for position, taught in groupby(rows, key=lambda row: row.known_from):
        # A change that moved from one provision of the family to another is withdrawn there first, then known here.
        now = {row.id: row for row in taught}
        known |= {event_id: row for event_id, row in now.items() if row.alive}
        for event_id in (event_id for event_id, row in now.items() if not row.alive):
            known.pop(event_id, None)
        family = Family(shape(point.code), kind, map(act_of, known.values()))
        answer = family.answer(ref, point.as_of)
        via |= {touch.act.id: touch.via for touch in answer.history}
        state = {"state": answer.state, "version": answer.version}
        for event_id, row in now.items():
            if event_id in via:
                body = told(row, row.act and orjson.loads(row.act), status(act_of(row), family, point.as_of))
                more = {"via": via[event_id], "position": position, "withdrawn": not row.alive, "believed": state}
                yield body | more
