"""What the API promises, read from the read models at a point on both axes; every answer is JSON-ready, without `meta`."""

from collections import defaultdict
from datetime import date
from fnmatch import fnmatchcase
from typing import Any

import sqlalchemy as sa

from events import store
from events.catalogue import EVENT_CLASSES, dotted
from events.envelope import Recorded
from events.errors import NotFound, Rejected
from services.law.codes import shape
from services.law.fold import Family
from services.law.fold import status as status_of
from services.law.references import Reference, holds, reference
from services.projection.instruments import (
    UnknownVersion,
    acts_by_name,
    by_version,
    conflicts,
    topics_by_version,
    versions_in_order,
)
from services.projection.known_rows import Body, act_of, changes_where
from services.projection.point import BeforeFirstVersion, Point, point_at
from services.projection.provisions import counts, history, provision, provisions, told
from services.projection.tables import checkpoint

__all__ = ["conflicts", "history", "point_at", "provision", "provisions"]


class BadParameter(Rejected):
    """A parameter that says nothing we can answer."""

    problem = "bad-parameter"


class UnknownInstrument(NotFound):
    """No instrument has that id, as known at the point."""

    problem = "unknown-instrument"


class UnknownProposal(NotFound):
    """No instrument or change names that proposal, as known at the point."""

    problem = "unknown-proposal"


def codes(connection: sa.Connection) -> list[Body]:
    """Every code that the ledger holds anything of."""
    rows = connection.execute(sa.select(checkpoint).where(checkpoint.c.code != "").order_by(checkpoint.c.code))
    return [
        {"id": row.code, "code": row.code, "title": shape(row.code).title, "position": row.position} for row in rows
    ]


def code(connection: sa.Connection, point: Point) -> Body:
    """A code: its title, its kinds of provision and authorities, the version in force, what its sources reach to."""
    described, answer = shape(point.code), in_force(connection, point)
    return {
        "code": point.code,
        "title": described.title,
        "ref": described.ref,
        "kinds": list(described.kinds),
        "authorities": sorted(described.authorities),
        "version": answer["version"],
        "counts": answer["counts"],
    }


def in_force(connection: sa.Connection, point: Point) -> Body:
    """The version in force on the day and how many provisions are in each state."""
    current = [version for version in versions_in_order(connection, point) if version["status"] == "in_force"]
    return {
        "code": point.code,
        "version": current[0] if current else None,
        "counts": counts(provisions(connection, point)),
    }


def versions(connection: sa.Connection, point: Point, filters: dict[str, str]) -> list[Body]:
    """The versions with their instruments, changes and topics; filtered by day, authority, proposal or provision."""
    instruments = by_version(acts_by_name(connection, point).values())
    made = by_version(_all_changes(connection, point))
    topics = topics_by_version(connection, point)
    items = [
        {
            **version,
            "instruments": instruments.get(version["label"], []),
            "changes": made.get(version["label"], []),
            "topics": topics.get(version["label"], []),
        }
        for version in versions_in_order(connection, point)
    ]
    return [item for item in items if _version_fits(point.code, item, filters)]


def version(connection: sa.Connection, point: Point, label: str) -> Body:
    """One version with its instruments, changes and topics."""
    for item in versions(connection, point, {}):
        if item["label"] == label:
            return item
    raise UnknownVersion(f"{point.code} has no version {label[:40]!r} as known at position {point.position}")


def changes(connection: sa.Connection, point: Point, filters: dict[str, str]) -> list[Body]:
    """Every change known at the point, in the order recorded, each with its status on the day; filtered as asked."""
    return [item for item in _all_changes(connection, point, filters) if _change_fits(item, filters)]


def prospective(connection: sa.Connection, point: Point) -> list[Body]:
    """What is known and not yet in force on the day: by legal day, the undated last."""
    items = [item for item in _all_changes(connection, point) if item["status"] in ("scheduled", "undated")]
    return sorted(items, key=lambda item: (item["effective"] is None, item["effective"] or "", item["position"]))


def instrument(connection: sa.Connection, point: Point, name: str) -> Body:
    """One instrument with the changes it makes."""
    found = acts_by_name(connection, point, [name]).get(name)
    if found is None:
        raise UnknownInstrument(f"{point.code} has no instrument {name[:40]!r} as known at position {point.position}")
    made = [item for item in _all_changes(connection, point) if item["instrument"] == name]
    return {**found, "changes": made}


def proposal(connection: sa.Connection, point: Point, name: str) -> Body:
    """One proposal: the versions and instruments that carried it, the changes it made."""
    acts = [act for act in acts_by_name(connection, point).values() if name in act["proposals"]]
    made = [item for item in _all_changes(connection, point) if item["proposal"] == name]
    if not acts and not made:
        raise UnknownProposal(f"{point.code} has no proposal {name[:40]!r} as known at position {point.position}")
    labels = [item["version"] for item in [*acts, *made] if item["version"]]
    return {
        "id": name,
        "code": point.code,
        "versions": list(dict.fromkeys(labels)),
        "instruments": acts,
        "changes": made,
    }


def diff_law(connection: sa.Connection, point: Point, start: str, end: str) -> Body:
    """What changed in law after `start` up to and with `end`; each a day or a version label."""
    ordered = versions_in_order(connection, point)
    a, b = _side(connection, point, ordered, start, "from"), _side(connection, point, ordered, end, "to")
    if (b.as_of, _seq(ordered, end)) < (a.as_of, _seq(ordered, start)):
        raise BadParameter(f"from={start} lies after to={end}: the earlier one comes first")
    between = [
        item
        for item in _all_changes(connection, b)
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
    """What we learnt about one day between two points of knowledge."""
    learnt = [item for item in _all_changes(connection, newer) if older.bound < item["position"] <= newer.bound]
    return {
        "as_of": newer.as_of.isoformat(),
        "from": {"position": older.position, "version": _label(connection, older)},
        "to": {"position": newer.position, "version": _label(connection, newer)},
        "changes": learnt,
        "provisions": _differences(connection, older, newer),
    }


def events(
    connection: sa.Connection, after: int, limit: int, types: list[str], code: str | None, affected: str | None
) -> list[Recorded]:
    """The first events after a position: of some types (globs over `section.activated`), of one code, about one provision."""
    wanted = (
        [name for name in EVENT_CLASSES if any(fnmatchcase(dotted(name), glob) for glob in types)] if types else None
    )
    found: list[Recorded] = []
    while len(found) < limit:
        page = store.read(connection, after, max(limit, 100), code=code, types=wanted)
        found += [recorded for recorded in page if affected is None or affects(recorded, affected)]
        if len(page) < max(limit, 100):
            break
        after = page[-1].position
    return found[:limit]


def event(connection: sa.Connection, event_id: str) -> Recorded:
    """One event by its id."""
    return store.event_by_id(connection, event_id)


def affects(recorded: Recorded, affected: str) -> bool:
    """Whether an event is about a provision (`section/H`) or a part of it."""
    kind, _, ref = affected.partition("/")
    happened = recorded.event
    fact: Any = getattr(happened, "fact", happened)
    if getattr(fact, "kind", None) != kind:
        return False
    return _named(recorded.code, kind, ref, fact.ref, tuple(getattr(fact, "exclusions", ())))


def status(connection: sa.Connection) -> Body:
    """How far the log reaches and how far each code is projected; a stopped code says where and why."""
    end = store.last_position(connection)
    rows = connection.execute(sa.select(checkpoint).order_by(checkpoint.c.code)).all()
    read_to = next((row.position for row in rows if row.code == ""), 0)
    stopped = [row for row in rows if row.failed_at is not None]
    return {
        "log": {"position": end},
        "projection": {
            "position": read_to,
            "lag": end - read_to,
            "codes": [{"code": row.code, "position": row.position, "error": _failure(row)} for row in rows if row.code],
        },
        "healthy": not stopped,
    }


def _failure(row: Any) -> Body | None:  # noqa: ANN401 - a row of checkpoint
    return {"position": row.failed_at, "why": row.failure} if row.failed_at is not None else None


def _all_changes(connection: sa.Connection, point: Point, filters: dict[str, str] | None = None) -> list[Body]:
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
        kind, slash, ref = filters["affected"].partition("/")
        if not slash or not ref:
            raise BadParameter(f"affected={filters['affected'][:80]!r}: expected kind/ref, as section/H15")
        exclusions = act_of(row).exclusions
        home = kind == row.home_kind and _named(code_id, kind, ref, row.home_ref, exclusions)
        if not home and (row.kind, row.ref) != (kind, ref):
            return False
    return "type" not in filters or fnmatchcase(row.type, filters["type"])


def _named(code_id: str, kind: str, ref: str, own: str, exclusions: tuple[str, ...]) -> bool:
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
    return plain and _in_range(filters, "effective", item["effective"]) and _in_range(filters, "recorded", recorded_on)


def _version_fits(code_id: str, item: Body, filters: dict[str, str]) -> bool:
    if not _in_range(filters, "effective", item["effective"]):
        return False
    if "authority" in filters and filters["authority"] not in [act["authority"] for act in item["instruments"]]:
        return False
    if "proposal" in filters:
        named = [name for act in item["instruments"] for name in act["proposals"]]
        if filters["proposal"] not in [*named, *(change["proposal"] for change in item["changes"])]:
            return False
    if "provision" not in filters:
        return True
    kind, _, ref = filters["provision"].partition("/")
    return any(
        change["kind"] == kind and _named(code_id, kind, ref, change["ref"], tuple(change["exclusions"]))
        for change in item["changes"]
    )


def _in_range(filters: dict[str, str], name: str, day: str | None) -> bool:
    """Whether a day lies within `name[gte]`, `name[lte]` and `name[on]`, where these are asked; no day lies in none."""
    least, most, on = (filters.get(f"{name}[{bound}]") for bound in ("gte", "lte", "on"))
    if day is None:
        return least is most is on is None
    return (least is None or day >= least) and (most is None or day <= most) and (on is None or day == on)


def _side(connection: sa.Connection, point: Point, ordered: list[Body], asked: str, name: str) -> Point:
    day = _day(asked)
    if day is None:
        found = [item for item in ordered if item["label"] == asked]
        if not found or not found[0]["effective"]:
            raise UnknownVersion(
                f"{name}={asked[:40]!r} is neither a day (YYYY-MM-DD) nor a dated version of {point.code}"
            )
        day = date.fromisoformat(found[0]["effective"])
    first = next((item["effective"] for item in ordered if item["effective"]), None)
    if first and day < date.fromisoformat(first):
        raise BeforeFirstVersion(f"{name}={asked}: {point.code} begins on {first}")
    return Point(
        point.code, day, point.bound, point.position, point.known_on, point.recorded_at, point.up_to_date_as_of
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _seq(ordered: list[Body], asked: str) -> int:
    return next((item["seq"] for item in ordered if item["label"] == asked), 0)


def _label(connection: sa.Connection, point: Point) -> str | None:
    current = [item["label"] for item in versions_in_order(connection, point) if item["status"] == "in_force"]
    return current[0] if current else None


def _differences(connection: sa.Connection, a: Point, b: Point) -> list[Body]:
    before = {(item["kind"], item["ref"]): item for item in provisions(connection, a)}
    found = []
    for item in provisions(connection, b):
        was, now = _shown(before.get((item["kind"], item["ref"]))), _shown(item)
        if was != now:
            found.append({"kind": item["kind"], "ref": item["ref"], "before": was, "after": now})
    return found


def _shown(item: Body | None) -> Body:
    if item is None:
        return {"state": "unrecorded", "version": None, "spec_versions": []}
    return {name: item[name] for name in ("state", "version", "spec_versions")}
