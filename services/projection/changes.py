"""Answers about changes: all that are known, those ahead, and the filters over them."""

from collections import defaultdict
from fnmatch import fnmatchcase
from typing import Any

import sqlalchemy as sa

from services.law.codes import shape
from services.law.fold import Family
from services.law.fold import status as status_of
from services.law.references import Reference, holds, reference
from services.projection.instruments import acts_by_name
from services.projection.known_rows import Body, act_of, changes_where
from services.projection.point import Point
from services.projection.provisions import told


def changes(connection: sa.Connection, point: Point, filters: dict[str, str]) -> list[Body]:
    """Every change known at the point, in the order recorded, each with its status on the day; filtered as asked."""
    return [item for item in all_changes(connection, point, filters) if _change_fits(item, filters)]


def prospective(connection: sa.Connection, point: Point) -> list[Body]:
    """What is known and not yet in force on the day: by legal day, the undated last."""
    items = [item for item in all_changes(connection, point) if item["status"] in ("scheduled", "undated")]
    return sorted(items, key=lambda item: (item["effective"] is None, item["effective"] or "", item["position"]))


def all_changes(connection: sa.Connection, point: Point, filters: dict[str, str] | None = None) -> list[Body]:
    """Every change known at the point with its status on the day; only those that `affected` and `type` choose."""
    rows = changes_where(connection, point)
    families = _families(point.code, rows)
    instruments = acts_by_name(connection, point)
    chosen = [row for row in rows if _row_fits(point.code, row, filters or {})]
    return [
        told(
            row, instruments.get(row.instrument), status_of(act_of(row), families[row.home_kind, row.root], point.as_of)
        )
        for row in chosen
    ]


def _families(code_id: str, rows: list[Any]) -> dict[tuple[str, str], Family]:
    grouped: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in rows:
        grouped[row.home_kind, row.root].append(row)
    return {
        (kind, root): Family(shape(code_id), kind, map(act_of, own + (grouped.get((kind, ""), []) if root else [])))
        for (kind, root), own in grouped.items()
    }


def _row_fits(code_id: str, row: Any, filters: dict[str, str]) -> bool:  # noqa: ANN401 - a row of change_row
    if "affected" in filters:
        kind, _, ref = filters["affected"].partition("/")
        exclusions = act_of(row).exclusions
        home = kind == row.home_kind and names_it(code_id, kind, ref, row.home_ref, exclusions)
        if not home and (row.kind, row.ref) != (kind, ref):
            return False
    return "type" not in filters or fnmatchcase(row.type, filters["type"])


def names_it(code_id: str, kind: str, ref: str, own: str, exclusions: tuple[str, ...]) -> bool:
    """Whether a change names the provision, a part of it, or a range that it is in."""
    asked, written = _reference(code_id, kind, ref), _reference(code_id, kind, own)
    if asked is None or written is None:
        return ref == own
    named = [written, *(parsed for name in exclusions if (parsed := _reference(code_id, kind, name)))]
    return any(holds(asked, other) or (other.is_range and holds(other, asked)) for other in named)


def _reference(code_id: str, kind: str, ref: str) -> Reference | None:
    form = shape(code_id).kind(kind)
    try:
        return reference(form, ref) if form else None
    except ValueError:
        return None


def _change_fits(item: Body, filters: dict[str, str]) -> bool:
    plain = all(item[name] == filters[name] for name in ("authority", "proposal", "status") if name in filters)
    recorded_on = item["recorded_at"][:10]
    return plain and in_range(filters, "effective", item["effective"]) and in_range(filters, "recorded", recorded_on)


def in_range(filters: dict[str, str], name: str, day: str | None) -> bool:
    """Whether a day lies within `name[gte]`, `name[lte]` and `name[on]`, where these are asked; no day lies in none."""
    least, most, on = (filters.get(f"{name}[{bound}]") for bound in ("gte", "lte", "on"))
    if day is None:
        return least is most is on is None
    return (least is None or day >= least) and (most is None or day <= most) and (on is None or day == on)
