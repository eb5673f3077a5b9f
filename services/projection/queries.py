"""What the API promises, read from the read models at a point on both axes; every answer is JSON-ready, without `meta`."""

import sqlalchemy as sa

from events.errors import NotFound
from services.law.codes import shape
from services.projection.believed import believed
from services.projection.changes import all_changes, changes, in_range, names_it, prospective
from services.projection.conflicts import conflict, conflicts
from services.projection.corrections import corrections
from services.projection.differences import diff_known, diff_law
from services.projection.generations import LIVE
from services.projection.impact import impact
from services.projection.instruments import (
    UnknownVersion,
    acts_by_name,
    by_version,
    topics_by_version,
    versions_in_order,
)
from services.projection.known_rows import Body
from services.projection.log_answers import event, events, status
from services.projection.point import Point, point_at
from services.projection.proposals import proposal, proposals
from services.projection.provisions import counts, history, provision, provisions
from services.projection.tables import checkpoint

__all__ = [
    "believed",
    "changes",
    "conflict",
    "conflicts",
    "corrections",
    "diff_known",
    "diff_law",
    "event",
    "events",
    "history",
    "impact",
    "point_at",
    "proposal",
    "proposals",
    "prospective",
    "provision",
    "provisions",
    "status",
]


class UnknownInstrument(NotFound):
    """No instrument has that id, as known at the point."""

    problem = "unknown-instrument"


def codes(connection: sa.Connection) -> list[Body]:
    """Every code that the ledger holds anything of."""
    live = sa.select(checkpoint).where(checkpoint.c.generation == LIVE, checkpoint.c.code != "")
    rows = connection.execute(live.order_by(checkpoint.c.code))
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
    made = by_version(all_changes(connection, point))
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


def instrument(connection: sa.Connection, point: Point, name: str) -> Body:
    """One instrument with the changes it makes."""
    found = acts_by_name(connection, point, [name]).get(name)
    if found is None:
        raise UnknownInstrument(f"{point.code} has no instrument {name[:40]!r} as known at position {point.position}")
    made = [item for item in all_changes(connection, point) if item["instrument"] == name]
    return {**found, "changes": made}


def _version_fits(code_id: str, item: Body, filters: dict[str, str]) -> bool:
    if not in_range(filters, "effective", item["effective"]):
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
        change["kind"] == kind and names_it(code_id, kind, ref, change["ref"], tuple(change["exclusions"]))
        for change in item["changes"]
    )
