"""The provisions that a change to one of them may bear on: what holds it, what lies in it, what overlaps it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

import sqlalchemy as sa

from services.law.codes import shape
from services.law.references import Reference, meets, parse
from services.projection.known_rows import act_of, changes_where
from services.projection.point import Point
from services.projection.tables import change_row

c = change_row.c


class Name(NamedTuple):
    """A provision of a code: its kind and its reference."""

    kind: str
    ref: str


class Reason(NamedTuple):
    """The position of the last event that touches a provision, and whether any change names it still."""

    position: int
    known: bool


def known_names(connection: sa.Connection, point: Point, near: Collection[Name] | None) -> set[Name]:
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


def spread(code: str, direct: Mapping[Name, int], known: Collection[Name]) -> dict[Name, Reason]:
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
