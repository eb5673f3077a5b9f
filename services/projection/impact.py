"""What a version, a proposal or the changes of some days touch, and which instruments rest on what they touch."""

import re
from collections import Counter
from datetime import date
from typing import Any

import sqlalchemy as sa

from services.doors.parameters import BadParameter
from services.law.bases import bears_on, provision_named
from services.law.codes import shape
from services.projection.changes import all_changes
from services.projection.instruments import UnknownVersion, acts_by_name, versions_in_order
from services.projection.known_rows import Body, changes_where
from services.projection.point import Point
from services.projection.proposals import changes_of

_DAYS = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})", re.ASCII)
_FORMS = "a version label, a proposal, or days as 2016-01-01..2016-12-31"


def impact(connection: sa.Connection, point: Point, of: str) -> Body:
    """The provisions touched, what refers to each as legal basis, counts by kind and action; what was cancelled touches none."""
    told, made = _chosen(connection, point, of)
    homes = {row.id: (row.home_kind, row.home_ref) for row in changes_where(connection, point)}
    made = [change for change in made if change["status"] != "cancelled"]
    touched: dict[tuple[str, str], list[Body]] = {}
    for change in made:
        touched.setdefault(homes[change["id"]], []).append(change)
    referring = _referring(connection, point, list(touched))
    return {
        "of": told,
        "provisions": [_touched(*place, changes, referring) for place, changes in touched.items()],
        "referring": referring,
        "changes": made,
        "counts": {
            "changes": len(made),
            "provisions": len(touched),
            "by_kind": dict(sorted(Counter(kind for kind, _ in touched).items())),
            "by_action": dict(sorted(Counter(change["action"] for change in made).items())),
            "referring": len(referring),
        },
    }


def _chosen(connection: sa.Connection, point: Point, of: str) -> tuple[Body, list[Body]]:
    code, days = shape(point.code), _DAYS.fullmatch(of)
    if days or ".." in of:
        first, last = _range(of, days)
        made = [
            each for each in all_changes(connection, point) if each["effective"] and first <= each["effective"] <= last
        ]
        return {"days": {"from": first, "to": last}}, made
    if code.label.fullmatch(of):
        if any(version["label"] == of for version in versions_in_order(connection, point)):
            return {"version": of}, [each for each in all_changes(connection, point) if each["version"] == of]
        if not code.proposal.fullmatch(of):
            raise UnknownVersion(f"{point.code} has no version {of[:40]!r} as known at position {point.position}")
    if code.proposal.fullmatch(of):
        return {"proposal": of}, changes_of(connection, point, of)
    raise BadParameter(f"of: {of[:80]!r}; expected {_FORMS}")


def _range(of: str, days: re.Match[str] | None) -> tuple[str, str]:
    try:
        first, last = (date.fromisoformat(day).isoformat() for day in days.groups()) if days else ("", "")
    except ValueError:
        first = ""
    if not first:
        raise BadParameter(f"of: {of[:80]!r}; expected {_FORMS}")
    if last < first:
        raise BadParameter(f"of: {of[:80]!r}; the earlier day comes first")
    return first, last


def _referring(connection: sa.Connection, point: Point, touched: list[tuple[str, str]]) -> list[Body]:
    """The instruments one of whose legal bases is a provision touched, is within one, or holds one."""
    code, found = shape(point.code), []
    for act in acts_by_name(connection, point).values():
        named = {basis: place for basis in act["legal_basis"] if (place := provision_named(code, basis))}
        bearing = [
            f"{kind}/{ref}" for kind, ref in touched if any(bears_on(code, p, (kind, ref)) for p in named.values())
        ]
        if bearing:
            own = {name: act[name] for name in ("id", "authority", "version", "legal_basis")}
            found.append({**own, "provisions": bearing})
    return found


def _touched(kind: str, ref: str, changes: list[Any], referring: list[Body]) -> Body:
    return {
        "kind": kind,
        "ref": ref,
        "actions": sorted({change["action"] for change in changes}),
        "changes": [change["id"] for change in changes],
        "referred_by": [act["id"] for act in referring if f"{kind}/{ref}" in act["provisions"]],
    }
