"""What changed in law between two days, and what we learnt about one day between two points of knowledge."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import sqlalchemy as sa

from services.doors.parameters import BadParameter
from services.projection.changes import all_changes, names_it
from services.projection.instruments import UnknownVersion, versions_in_order
from services.projection.known_rows import Body
from services.projection.learnt import learnt
from services.projection.point import BeforeFirstVersion, Point
from services.projection.provisions import in_order, provisions


def diff_law(connection: sa.Connection, point: Point, start: str, end: str) -> Body:
    """What changed in law after `start` up to and with `end`; each a day or a version label."""
    ordered = versions_in_order(connection, point)
    a, b = _side(connection, point, ordered, start, "from"), _side(connection, point, ordered, end, "to")
    if (b.as_of, _seq(ordered, end)) < (a.as_of, _seq(ordered, start)):
        raise BadParameter(f"from={start} lies after to={end}: the earlier one comes first")
    between = [
        item
        for item in all_changes(connection, b)
        if item["effective"] and a.as_of.isoformat() < item["effective"] <= b.as_of.isoformat()
        if item["status"] != "cancelled"
    ]
    between.sort(key=lambda item: (item["effective"], item["position"]))
    return {
        "from": {"as_of": a.as_of.isoformat(), "version": _label(connection, a)},
        "to": {"as_of": b.as_of.isoformat(), "version": _label(connection, b)},
        "changes": between,
        "provisions": _differences(connection, a, b),
    }


def diff_known(connection: sa.Connection, older: Point, newer: Point) -> Body:
    """What we learnt about one day between two points of knowledge: changes not known before, what is known better of others,
    and each provision that is answered otherwise, with what explains it."""
    fresh = [item for item in all_changes(connection, newer) if older.bound < item["position"] <= newer.bound]
    better = learnt(connection, newer, older.bound)
    return {
        "as_of": newer.as_of.isoformat(),
        "from": {"position": older.position, "version": _label(connection, older)},
        "to": {"position": newer.position, "version": _label(connection, newer)},
        "changes": fresh,
        "learnt": better,
        "provisions": [
            item | {"because": list(_because(newer.code, item, [*fresh, *better]))}
            for item in _differences(connection, older, newer)
        ],
    }


def _because(code: str, item: Body, news: list[Body]) -> Iterator[str]:
    """What was learnt of the provision itself, of what holds it, or of its parts."""
    for each in news:
        for kind, ref in _places(each):
            if kind == item["kind"] and (
                names_it(code, kind, item["ref"], ref, ()) or names_it(code, kind, ref, item["ref"], ())
            ):
                yield each["id"]
                break


def _places(each: Body) -> set[tuple[str, str]]:
    """The provisions that a piece of knowledge is about: as placed, and as written before and after."""
    told = [each, each.get("before") or {}, each.get("after") or {}]
    return {(one["kind"], one["ref"]) for one in told if one.get("kind") and one.get("ref")}


def _side(connection: sa.Connection, point: Point, ordered: list[Body], asked: str, name: str) -> Point:
    found = [item for item in ordered if item["label"] == asked]
    day = date.fromisoformat(found[0]["effective"]) if found and found[0]["effective"] else _day(asked, name)
    if day is None:
        raise UnknownVersion(f"{name}={asked[:40]!r} is neither a day (YYYY-MM-DD) nor a dated version of {point.code}")
    first = next((item["effective"] for item in ordered if item["effective"]), None)
    if first and day < date.fromisoformat(first):
        raise BeforeFirstVersion(f"{name}={asked}: {point.code} begins on {first}")
    return replace(point, as_of=day)


def _day(text: str, name: str) -> date | None:
    """The day meant, null for what is no attempt to write one."""
    if not re.match(r"\d{4}-", text):
        return None
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII) else _no_day(text, name)
    except ValueError:
        return _no_day(text, name)


def _no_day(text: str, name: str) -> date:
    raise BadParameter(f"{name}: {text[:40]!r} is no day; expected YYYY-MM-DD or a version label")


def _seq(ordered: list[Body], asked: str) -> int:
    return next((item["seq"] for item in ordered if item["label"] == asked), 0)


def _label(connection: sa.Connection, point: Point) -> str | None:
    current = [item["label"] for item in versions_in_order(connection, point) if item["status"] == "in_force"]
    return current[0] if current else None


def _differences(connection: sa.Connection, a: Point, b: Point) -> list[Body]:
    before = {(item["kind"], item["ref"]): item for item in provisions(connection, a)}
    after = {(item["kind"], item["ref"]): item for item in provisions(connection, b)}
    found = []
    for kind, ref in in_order(a.code, before.keys() | after.keys()):
        was, now = _shown(before.get((kind, ref))), _shown(after.get((kind, ref)))
        if was != now:
            found.append({"kind": kind, "ref": ref, "before": was, "after": now})
    return found


def _shown(item: Body | None) -> Body:
    if item is None:
        return {"state": "unrecorded", "version": None, "spec_versions": []}
    return {name: item[name] for name in ("state", "version", "spec_versions")}
