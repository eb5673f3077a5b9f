"""Questions put to the read models from the command line, answered as REST answers them, `meta` included."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection

from events.vocabulary import Provision
from services.projection import queries
from services.projection.point import LONDON, Known, Point, point_at

Answer = dict[str, Any]


def code(connection: Connection, code_id: str, as_of: date | None, known: Known) -> Answer:
    """The version in force and how many provisions are in each state."""
    point = _point(connection, code_id, as_of, known)
    return {**queries.in_force(connection, point), "meta": _meta(point)}


def provision(connection: Connection, code_id: str, asked: Provision, as_of: date | None, known: Known) -> Answer:
    """What is in force of a provision, why, and what comes next."""
    point = _point(connection, code_id, as_of, known)
    return {**queries.provision(connection, point, asked.kind, asked.ref), "meta": _meta(point)}


def history(connection: Connection, code_id: str, asked: Provision, as_of: date | None, known: Known) -> Answer:
    """The steps of a provision, all of them, oldest first."""
    point = _point(connection, code_id, as_of, known)
    return {"items": queries.history(connection, point, asked.kind, asked.ref), "next": None, "meta": _meta(point)}


def diff(connection: Connection, code_id: str, ends: tuple[str, str], known: Known) -> Answer:
    """What changed in law between two days or versions."""
    point = _point(connection, code_id, None, known)
    return {**queries.diff_law(connection, point, *ends), "meta": _meta(point)}


def _point(connection: Connection, code_id: str, as_of: date | None, known: Known) -> Point:
    now = datetime.now(UTC)
    return point_at(connection, code_id, as_of or now.astimezone(LONDON).date(), known, now)


def _meta(point: Point) -> Answer:
    return {
        "as_of": point.as_of.isoformat(),
        "known_at": point.recorded_at.isoformat().replace("+00:00", "Z"),
        "position": point.position,
        "up_to_date_as_of": point.up_to_date_as_of.isoformat() if point.up_to_date_as_of else None,
        "basis": "scheduled" if point.as_of > point.known_on else "recorded",
    }
