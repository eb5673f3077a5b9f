"""What is recorded around a command: the changes of a code, the acts on families of provisions, where the code began."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import sqlalchemy as sa

from events.changes import DocumentLettered
from events.store import events_by_ids
from services.ingest.commands.remembered import acts_of
from services.ingest.commands.saying import ByFamily, Family
from services.ingest.commands.standing import fact_in
from services.ingest.knowledge import KnownChange
from services.ingest.known import PRECEDING, begins
from services.ingest.tables import known_change, known_fact
from services.law.fold import Act
from services.law.shapes import Code

c, f = known_change.c, known_fact.c

_OF_CODE = sa.bindparam("of_code", type_=sa.Text)
# Without "is not null" SQLite walks past every fact that has no such day.
_FIRST_VERSION = sa.select(sa.func.min(f.since)).where(f.code == _OF_CODE, f.since.is_not(None))
_FIRST_CHANGE = sa.select(sa.func.min(c.effective)).where(c.code == _OF_CODE, ~c.cancelled, c.effective.is_not(None))
_BEGAN = sa.func.coalesce(_FIRST_VERSION.scalar_subquery(), _FIRST_CHANGE.scalar_subquery(), type_=sa.Date)
_SELECT_BEGAN = sa.select(_BEGAN)
_PLACE = sa.select(_BEGAN, PRECEDING.scalar_subquery())
_CHANGES = sa.select(*(c[name] for name in KnownChange._fields)).where(c.code == _OF_CODE)
_OF_ROOT = (c.kind == sa.bindparam("of_kind")) & c.root.in_(("", sa.bindparam("of_root")))
_KEYS = sa.select(f.key).where(f.code == _OF_CODE)
_KEYS_OF_VERSION = _KEYS.where(f.version == sa.bindparam("of_label"))
_NAMED = _KEYS.where(f.key.in_(sa.bindparam("of_keys", expanding=True)))
_LETTERINGS = sa.select(f.told_by).where(f.code == _OF_CODE, begins(f.key, "lettering/"))
_FAMILY = _CHANGES.where(_OF_ROOT)


def began(connection: sa.Connection, code: str) -> date | None:
    """The first legal day of the code: of its versions, of its changes where there are none, null while nothing is dated."""
    first: date | None = connection.scalar(_SELECT_BEGAN, {"of_code": code})
    return first


def began_and_preceding(connection: sa.Connection, code: str, day: date | None) -> tuple[date | None, str | None]:
    """The first legal day of the code, and the last version that took its date on the day or before."""
    first, label = connection.execute(_PLACE, {"of_code": code, "day": day}).one()
    return first, label


def changes(connection: sa.Connection, code: str, *where: sa.ColumnElement[bool]) -> list[KnownChange]:
    """The changes recorded of a code that fit, as they stand, in the order recorded."""
    return _in_order(connection.execute(_CHANGES.where(*where), {"of_code": code}))


def acts(connection: sa.Connection, code: Code, families: Iterable[Family]) -> ByFamily:
    """Every act on each of the families, as it stands: on ranges of families too, and on what got that letter since."""
    named = list(families)
    lettered = letters(connection, code.id) if any(_may_be_lettered(code, kind) for kind, _ in named) else {}
    return {family: _of_family(connection, code.id, family, lettered) for family in named}


def _may_be_lettered(code: Code, kind: str) -> bool:
    known = code.kind(kind)
    return kind == "document" or bool(known and known.lettered)


def _of_family(connection: sa.Connection, code: str, family: Family, lettered: dict[str, Family]) -> list[Act]:
    kind, root = lettered.get(family[1], family) if family[0] == "document" else family
    own = _acts(connection, code, kind, root)
    for slug, letter in lettered.items():
        if letter == (kind, root):
            own += [replace(each, ref=root) for each in _acts(connection, code, "document", slug)]
    return own


def letters(connection: sa.Connection, code: str) -> dict[str, Family]:
    """The letter or number that each document by title has got, by its slug."""
    own = connection.scalars(_LETTERINGS, {"of_code": code}).all()
    told = [fact_in(each) for each in events_by_ids(connection, own).values()]
    return {fact.document: (fact.kind, fact.ref) for fact in told if isinstance(fact, DocumentLettered)}


def keys(connection: sa.Connection, code: str, *where: sa.ColumnElement[bool]) -> frozenset[str]:
    """The keys of the facts of a code that fit."""
    return frozenset(connection.scalars(sa.select(f.key).where(f.code == code, *where)))


def keys_of_version(connection: sa.Connection, code: str, label: str) -> frozenset[str]:
    """The keys of the facts of a version."""
    return frozenset(connection.scalars(_KEYS_OF_VERSION, {"of_code": code, "of_label": label}))


def keys_beside(connection: sa.Connection, code: str, key: str) -> frozenset[str]:
    """The keys of the changes of the version, or of the instrument without one, that the change of that key belongs to."""
    kind, scope, *_ = key.split("/")
    return keys(connection, code, begins(f.key, f"change/{scope}/")) if kind == "change" else frozenset()


def named_already(connection: sa.Connection, code: str, names: Iterable[str]) -> frozenset[str]:
    """Those of the names that are of instruments recorded."""
    asked = {"of_code": code, "of_keys": [f"instrument/{name}" for name in names]}
    return frozenset(key.removeprefix("instrument/") for key in connection.scalars(_NAMED, asked))


def _acts(connection: sa.Connection, code: str, kind: str, root: str) -> list[Act]:
    """Acts on what has that root, and on ranges of roots."""
    rows = connection.execute(_FAMILY, {"of_code": code, "of_kind": kind, "of_root": root})
    return acts_of(connection, _in_order(rows))


def _in_order(rows: Iterable[Sequence[Any]]) -> list[KnownChange]:
    """Sorted here: told to sort, SQLite walks all changes of the code in the order asked for."""
    return sorted((KnownChange._make(row) for row in rows), key=lambda each: each.event_id)
