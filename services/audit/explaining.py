"""A difference between two generations as it is told: what differs, and the events that the row follows from."""

import re
from datetime import date
from typing import Any

import orjson
import sqlalchemy as sa

from events.tables import event_log
from services.audit.comparing import Unlike, columns_of, keys_of
from services.projection.tables import checkpoint

MOST = 500
"""Characters of a value that are told."""

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Told = dict[str, Any]


def explained(connection: sa.Connection, found: Unlike, rebuilt: int) -> Told:
    """The difference, JSON-ready: the read model, the row, whether it is changed, missing or extra, its events in order."""
    if found.table is checkpoint:
        return _of_checkpoint(connection, found)
    key = dict(zip(keys_of(found.table), found.key, strict=True))
    what = "missing" if found.live is None else "extra" if found.rebuilt is None else "changed"
    live, own = _fields(found, found.live), _fields(found, found.rebuilt)
    fields = {
        name: {"live": live.get(name), "rebuilt": own.get(name)}
        for name in dict.fromkeys([*live, *own])
        if what == "changed" and live.get(name) != own.get(name)
    }
    return {
        "model": found.table.name,
        **key,
        "what": what,
        "fields": fields,
        "events": _events(connection, found, rebuilt),
    }


def text(told: Told) -> str:
    """The difference in one line, as people read it."""
    row = f"{told['model']} {told['code']} {told.get('id', '')}".rstrip()
    known = f" as known from position {told['known_from']}" if "known_from" in told else ""
    said = {"missing": "is missing", "extra": "follows from no event", "changed": "differs"}[told["what"]]
    fields = "; ".join(
        f"{name} is {each['live']!r}, rebuilt {each['rebuilt']!r}" for name, each in told["fields"].items()
    )
    events = ", ".join(f"{each['id']} ({each['position']}, {each['type']})" for each in told["events"])
    return f"{row}{known} {said}{fields and ': '}{fields}; events: {events or 'none in the log'}"


def _fields(found: Unlike, row: tuple[Any, ...] | None) -> Told:
    """The columns by name, those of the body apart."""
    if row is None:
        return {}
    named = dict(zip(columns_of(found.table), row, strict=True))
    # SQLite has no type for truth.
    named |= {name: bool(value) for name, value in named.items() if isinstance(found.table.c[name].type, sa.Boolean)}
    body = named.pop("body")
    try:
        parts = {f"body.{name}": value for name, value in orjson.loads(body).items()}
    except (ValueError, TypeError, AttributeError):
        parts = {"body": repr(body)}
    return {name: _plain(value) for name, value in (named | parts).items()}


def _plain(value: Any) -> Any:  # noqa: ANN401 - a value of any column
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return value[:MOST]
    if isinstance(value, (dict, list)):
        return orjson.dumps(value).decode()[:MOST]
    return value


def _events(connection: sa.Connection, found: Unlike, rebuilt: int) -> list[Told]:
    """The events that taught of the row's fact up to the row, first the one that recorded it."""
    code, fact, known_from = found.key[:3]
    t, c = found.table.c, event_log.c
    own = (t.generation == rebuilt, t.code == code, t.id == fact, t.known_from <= known_from)
    positions = {*connection.scalars(sa.select(t.known_from).where(*own).distinct().limit(1_000)), known_from}
    which: sa.ColumnElement[bool] = c.position.in_(sorted(positions))
    if _ID.fullmatch(fact):
        which = sa.or_(which, c.id == fact)
    return _listed(connection, which)


def _of_checkpoint(connection: sa.Connection, found: Unlike) -> Told:
    live, own = found.live or (), found.rebuilt or ()
    names = ("code", "position", "failed_at", "failure")
    one, other = dict(zip(names, live, strict=False)), dict(zip(names, own, strict=False))
    fields = {
        name: {"live": one.get(name), "rebuilt": other.get(name)} for name in names if one.get(name) != other.get(name)
    }
    positions = {each.get(name) for each in (one, other) for name in ("position", "failed_at")} - {None}
    events = _listed(connection, event_log.c.position.in_(sorted(positions)))
    what = "missing" if not live else "extra" if not own else "changed"
    return {"model": "checkpoint", "code": found.key[0], "what": what, "fields": fields, "events": events}


def _listed(connection: sa.Connection, which: sa.ColumnElement[bool]) -> list[Told]:
    c = event_log.c
    rows = connection.execute(sa.select(c.id, c.position, c.type).where(which).order_by(c.position))
    return [{"id": str(row.id), "position": row.position, "type": row.type} for row in rows]
