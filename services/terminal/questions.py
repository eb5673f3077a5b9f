"""Questions put to the read models from the command line, answered as REST answers them, `meta` included."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection

from events.vocabulary import Provision
from services.doors.meta import meta_of_ledger
from services.projection import queries
from services.projection.answers import meta
from services.projection.asked import Asked, today
from services.projection.point import Point, point_at
from services.terminal.arguments import KnownTime

Answer = dict[str, Any]
Question = Callable[[Connection, Point], Any]


def code(connection: Connection, code_id: str, as_of: date | None, known: KnownTime | None) -> Answer:
    """The version in force and how many provisions are in each state."""
    point, bound = _ask(connection, code_id, as_of, known)
    return {**queries.in_force(connection, point), **bound}


def provision(
    connection: Connection, code_id: str, asked: Provision, as_of: date | None, known: KnownTime | None
) -> Answer:
    """What is in force of a provision, why, and what comes next."""
    point, bound = _ask(connection, code_id, as_of, known)
    return {**queries.provision(connection, point, asked.kind, asked.ref), **bound}


def bound(connection: Connection, code_id: str, as_of: date | None, known: KnownTime | None) -> tuple[Point, Answer]:
    """The point that is asked about, and how an answer says where it binds."""
    return _ask(connection, code_id, as_of, known)


def history(
    connection: Connection, code_id: str, asked: Provision, as_of: date | None, known: KnownTime | None
) -> Answer:
    """The steps of a provision, all of them, oldest first."""
    point, bound = _ask(connection, code_id, as_of, known)
    return {"items": queries.history(connection, point, asked.kind, asked.ref), "next": None, **bound}


def diff(connection: Connection, code_id: str, ends: tuple[str, str], known: KnownTime | None) -> Answer:
    """What changed in law between two days or versions."""
    point, bound = _ask(connection, code_id, None, known)
    return {**queries.diff_law(connection, point, *ends), **bound}


def status(connection: Connection) -> Answer:
    """How far the log reaches, how far it is projected, and what stands still."""
    told = queries.status(connection)
    return {**told, "meta": meta_of_ledger(told["log"]["position"], today())}


def asked(
    connection: Connection, code_id: str, question: Question, as_of: date | None, known: KnownTime | None
) -> Answer:
    """The answer to a question about one thing."""
    point, bound = _ask(connection, code_id, as_of, known)
    return {**question(connection, point), **bound}


def listed(
    connection: Connection, code_id: str, question: Question, as_of: date | None, known: KnownTime | None
) -> Answer:
    """The whole list that answers a question."""
    point, bound = _ask(connection, code_id, as_of, known)
    return {"items": question(connection, point), "next": None, **bound}


def _ask(connection: Connection, code_id: str, as_of: date | None, known: KnownTime | None) -> tuple[Point, Answer]:
    """The point asked about, and how every body says where it binds."""
    text, value = known or (None, None)
    asked = Asked(as_of, value, text, negotiated=False, model=None, min_position=0)
    point = point_at(connection, code_id, asked.day, asked.known, datetime.now(UTC))
    return point, {"meta": meta(point, asked)}
