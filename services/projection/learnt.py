"""Later knowledge as answers tell it: what was learnt of which fact, how that stood before and how it stands after."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from events import store
from events.catalogue import dotted
from events.envelope import Recorded
from events.tables import event_log
from services.projection.apply import FACTS, instant
from services.projection.known_rows import Body, body_of
from services.projection.point import Point
from services.projection.tables import change_row

CORRECTING = ("FactCorrected", "FactRetracted")
LEARNING = (*CORRECTING, "ChangeRescheduled", "ChangeCancelled", "DocumentLettered")
_NOT_TOLD = ("position", "recorded_at", "source", "id")
PART = 500


def learnt(connection: sa.Connection, point: Point, after: int, types: Iterable[str] = LEARNING) -> list[Body]:
    """The later knowledge that the code gained after a position up to the point, in the order learnt."""
    told = list(store.stream(connection, after, point.code, list(types), until=point.bound))
    rows = _rows(connection, point, {_about(each) for each in told})
    return [_item(each, rows[_about(each)]) for each in told]


def events_at(connection: sa.Connection, positions: Iterable[int]) -> dict[int, Recorded]:
    """The events at these positions."""
    wanted, found = sorted(set(positions)), {}
    for start in range(0, len(wanted), PART):
        part = wanted[start : start + PART]
        ids = connection.scalars(sa.select(event_log.c.id).where(event_log.c.position.in_(part)))
        for each in store.events_by_ids(connection, [str(one) for one in ids]).values():
            found[each.position] = each
    return found


def how_learnt(recorded: Recorded) -> Body:
    """The event that taught something: its id and type, who said so, and why."""
    event: Any = recorded.event
    reason = getattr(event, "reason", None)
    return {"event": recorded.id, "type": dotted(recorded.type), "by": event.actor, "reason": reason}


def _about(recorded: Recorded) -> str:
    event: Any = recorded.event
    return str(getattr(event, "supersedes", None) or getattr(event, "change", None) or recorded.id)


def _rows(connection: sa.Connection, point: Point, ids: set[str]) -> dict[str, list[tuple[sa.Table, Any]]]:
    """Every row of these facts up to the point, in the order known."""
    found: dict[str, list[tuple[sa.Table, Any]]] = defaultdict(list)
    names = sorted(ids)
    for table in FACTS:
        for start in range(0, len(names), PART):
            c, part = table.c, names[start : start + PART]
            own = sa.select(table).where(
                c.generation == point.generation, c.code == point.code, c.id.in_(part), c.known_from <= point.bound
            )
            for row in connection.execute(own.order_by(c.known_from, c.alive)):
                found[row.id].append((table, row))
    return found


def _item(recorded: Recorded, rows: list[tuple[sa.Table, Any]]) -> Body:
    event: Any = recorded.event
    before = [each for each in rows if each[1].known_from < recorded.position]
    after = [each for each in rows if each[1].known_from == recorded.position and each[1].alive]
    table, row = (after or before)[-1]
    home = {"kind": row.home_kind, "ref": row.home_ref} if table is change_row else {"kind": None, "ref": None}
    how = how_learnt(recorded)
    return {
        "id": how.pop("event"),
        "position": recorded.position,
        "recorded_at": instant(recorded),
        **how,
        "fact": _about(recorded),
        "about": recorded.stream.removeprefix(f"{recorded.code}/"),
        **home,
        "version": row.version,
        "before": _fact(*before[-1]) if before else None,
        "after": _fact(*after[-1]) if after else None,
        "source": event.source.model_dump(mode="json") if event.source else None,
    }


def _fact(table: sa.Table, row: Any) -> Body:  # noqa: ANN401 - a row of the table
    """What a fact said: of an instrument its `id` is its name, not the event's."""
    said = {name: value for name, value in body_of(row).items() if name not in _NOT_TOLD}
    return said | ({"cancelled": row.cancelled} if "cancelled" in table.c else {})
