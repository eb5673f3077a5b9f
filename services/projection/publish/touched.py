"""Which provisions of a code the events and the days since a place touch: too many rather than one too few."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from events.envelope import Recorded
from events.errors import NotFound
from events.knowing_better import TookEffect
from services.law.codes import shape
from services.law.references import Reference, meets, parse
from services.projection.known_rows import act_of, changes_where
from services.projection.point import Point, point_at
from services.projection.publish.cursors import Place
from services.projection.tables import change_row, instrument_row

c = change_row.c


class Name(NamedTuple):
    """A provision of a code: its kind and its reference."""

    kind: str
    ref: str


class Reason(NamedTuple):
    """The position of the last event that touches a provision, and whether any change names it still."""

    position: int
    known: bool


def touched(
    connection: sa.Connection,
    code: str,
    since: Place,
    until: int,
    day: date,
    now: datetime,
    events: Iterable[Recorded],
) -> dict[Name, Reason]:
    """The provisions that events after the place and up to `until`, or days after its day and up to `day`, touch."""
    before = _point(connection, code, since.day or day, since.position, now)
    after = _point(connection, code, day, until, now)
    either = after or before
    if either is None:
        return {}
    facts = _facts(connection, code, since.position, until, events)
    if after and since.day and day > since.day:
        for row in _coming_into_effect(connection, after, since.day, day):
            facts[row.id] = max(facts.get(row.id, 0), row.known_from)
    direct = _named_by(connection, code, until, facts)
    if before and after:
        known = _known(connection, after, direct)
        return _spread(code, direct, known)
    # The code's first day, or the first page of it; or all of it was withdrawn.
    known = _known(connection, either, None)
    all_of_it = {name: Reason(either.position, known=after is not None) for name in known}
    return all_of_it | _spread(code, direct, known if after else set())


def _point(connection: sa.Connection, code: str, day: date, position: int, now: datetime) -> Point | None:
    try:
        return point_at(connection, code, day, position, now)
    except NotFound:
        return None


def _facts(connection: sa.Connection, code: str, after: int, until: int, events: Iterable[Recorded]) -> dict[str, int]:
    """The changes that the events record, correct, move, or whose instrument they record or correct, by the event's position."""
    facts = {
        each.event.change: each.position for each in events if each.code == code and isinstance(each.event, TookEffect)
    }
    act = instrument_row.c
    recorded = sa.select(c.id, c.known_from).where(c.code == code, c.known_from > after, c.known_from <= until)
    through = (
        sa.select(c.id, act.known_from)
        .join(instrument_row, (act.code == c.code) & (act.instrument == c.instrument))
        .where(c.code == code, act.known_from > after, act.known_from <= until, c.known_from <= until)
    )
    for statement in (recorded, through):
        for fact, position in connection.execute(statement):
            facts[fact] = max(facts.get(fact, 0), position)
    return facts


def _coming_into_effect(connection: sa.Connection, point: Point, after: date, until: date) -> list[Any]:
    """The changes, as known at the point, whose day lies between the two."""
    ids = sa.select(c.id).where(c.code == point.code, c.effective > after, c.effective <= until)
    rows = changes_where(connection, point, c.id.in_(ids))
    return [row for row in rows if row.effective and after < row.effective <= until]


def _named_by(connection: sa.Connection, code: str, until: int, facts: Mapping[str, int]) -> dict[Name, int]:
    """What the changes name, or ever named, as target or as exclusion, each with the position of its last fact."""
    found: dict[Name, int] = {}
    columns = (c.id, c.home_kind, c.home_ref, c.exclusions)
    ids = sorted(facts)
    for start in range(0, len(ids), 1_000):
        own = (c.code == code, c.id.in_(ids[start : start + 1_000]), c.known_from <= until)
        for fact, kind, ref, exclusions in connection.execute(sa.select(*columns).where(*own)):
            for each in (ref, *exclusions.split("\n")) if exclusions else (ref,):
                found[Name(kind, each)] = max(found.get(Name(kind, each), 0), facts[fact])
    return found


def _known(connection: sa.Connection, point: Point, near: Collection[Name] | None) -> set[Name]:
    """Every provision that a change names; only those that could have to do with one `near`, where these are given."""
    where = [] if near is None else [sa.or_(sa.false(), *_beside(point.code, near))]
    rows = changes_where(connection, point, *where)
    return {Name(row.home_kind, ref) for row in rows for ref in (row.home_ref, *act_of(row).exclusions)}


def _beside(code: str, near: Iterable[Name]) -> Iterator[sa.ColumnElement[bool]]:
    roots: dict[str, set[str]] = defaultdict(set)
    for kind, ref in near:
        roots[kind].add(_root(code, kind, ref))
    for kind, own in roots.items():
        yield c.home_kind == kind if "" in own else (c.home_kind == kind) & c.root.in_([*sorted(own), ""])


def _spread(code: str, direct: Mapping[Name, int], known: Collection[Name]) -> dict[Name, Reason]:
    """What was named, and every known provision that holds it, lies in it, or overlaps it."""
    by_root: dict[tuple[str, str], list[tuple[Reference | None, Name, int]]] = defaultdict(list)
    for name, position in direct.items():
        for root in {_root(code, *name), "*"}:
            by_root[name.kind, root].append((_reference(code, *name), name, position))
    found = {name: Reason(position, known=False) for name, position in direct.items()}
    for name in known:
        own, root = _reference(code, *name), _root(code, *name)
        near = by_root[name.kind, "*"] if not root else [*by_root[name.kind, root], *by_root[name.kind, ""]]
        reasons = [at for other, named, at in near if named == name or (own and other and meets(own, other))]
        if reasons:
            found[name] = Reason(max(reasons), known=True)
    return found


def _reference(code: str, kind: str, ref: str) -> Reference | None:
    shaped = shape(code).kind(kind)
    try:
        return parse(ref, nested=shaped.nested if shaped else False)
    except ValueError:
        return None


def _root(code: str, kind: str, ref: str) -> str:
    reference = _reference(code, kind, ref)
    return reference.root if reference else ""
