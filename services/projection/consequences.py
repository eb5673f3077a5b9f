"""What would be answered otherwise if the other of two claims were used: the fields that differ, and the fold told both sides."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from services.law.codes import shape
from services.law.comparison import differing
from services.law.fold import Act, Answer
from services.projection.instruments import acts_by_name, versions_in_order
from services.projection.known_rows import Body, act_of, changes_where
from services.projection.point import Point
from services.projection.supposed import Home, claimed, followed, in_force, shift

_NOT_COMPARED = {"type", "code", "source", "actor", "causation_id", "correlation_id"}


def consequences(connection: sa.Connection, point: Point, step: Body) -> Body:
    """What the claim that is not used would change: fields, provisions on the days on which they differ, versions in force."""
    used, other = step["claims"][step["used"]]["fact"], step["claims"][1 - step["used"]]["fact"]
    rows, versions = changes_where(connection, point), versions_in_order(connection, point)
    moving = shift(used, other, step["version"], versions)
    after: dict[str, Act | None] = {step["recorded"]: None} if step["recorded"] else {}
    added: dict[Home, list[Act]] = {}
    if moving:
        own_day = {name for name, act in acts_by_name(connection, point).items() if act["effective"]}
        after = {row.id: followed(row, moving, own_day) for row in rows if row.version == step["version"]}
    else:
        added = claimed(rows, step["recorded"], other, point.code)
    return {
        "fields": sorted(_fields(used, other), key=lambda field: field["field"]),
        "provisions": list(_provisions(point.code, rows, after, added)),
        "versions": list(in_force(versions, step["version"], moving)) if moving and not moving.instrument else [],
    }


def _fields(used: Body | None, other: Body | None) -> Iterator[Body]:
    for name in (used or other or {}).keys() - _NOT_COMPARED:
        was, now = (used or {}).get(name), (other or {}).get(name)
        if was != now:
            yield {"field": name, "used": was, "other": now}


def _provisions(
    code: str, rows: list[Any], after: dict[str, Act | None], added: dict[Home, list[Act]]
) -> Iterator[Body]:
    families: dict[Home, list[Any]] = defaultdict(list)
    for row in rows:
        families[row.home_kind, row.root].append(row)
    touched = {(row.home_kind, row.root) for row in rows if row.id in after and after[row.id] != act_of(row)}
    for kind, root in sorted(touched | added.keys()):
        own = families[kind, root] + (families[kind, ""] if root else [])
        held = [act_of(row) for row in own]
        would = [act for row in own if (act := after.get(row.id, act_of(row)))] + added.get((kind, root), [])
        for ref, day, was, now in differing(shape(code), kind, held, would):
            yield {"kind": kind, "ref": ref, "as_of": day.isoformat(), "before": _shown(was), "after": _shown(now)}


def _shown(answer: Answer) -> Body:
    specs = [
        {"spec": spec.spec, "version": spec.version, "since": spec.since and spec.since.isoformat()}
        for spec in answer.spec_versions
    ]
    return {"state": answer.state, "version": answer.version, "spec_versions": specs}
