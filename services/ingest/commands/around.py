"""What is recorded around a command: the changes of a code, the keys of its facts, letters of documents, where the code began."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa

from events.changes import DocumentLettered
from events.store import events_by_ids
from services.ingest.commands.saying import Family
from services.ingest.commands.standing import fact_in
from services.ingest.knowledge import KnownChange
from services.ingest.known import PRECEDING, begins
from services.ingest.tables import known_change, known_fact

PART = 500

c, f = known_change.c, known_fact.c

_OF_CODE = sa.bindparam("of_code", type_=sa.Text)
# Without "is not null" SQLite walks past every fact that has no such day.
_FIRST_VERSION = sa.select(sa.func.min(f.since)).where(f.code == _OF_CODE, f.since.is_not(None))
_FIRST_CHANGE = sa.select(sa.func.min(c.effective)).where(c.code == _OF_CODE, ~c.cancelled, c.effective.is_not(None))
_BEGAN = sa.func.coalesce(_FIRST_VERSION.scalar_subquery(), _FIRST_CHANGE.scalar_subquery(), type_=sa.Date)
_SELECT_BEGAN = sa.select(_BEGAN)
_PRECEDING = PRECEDING.subquery()
_FALLS = sa.select(
    _FIRST_VERSION.scalar_subquery(), _FIRST_CHANGE.scalar_subquery(), _PRECEDING.c.version, _PRECEDING.c.since
).select_from(sa.select(sa.literal(1)).subquery().outerjoin(_PRECEDING, sa.true()))
_CHANGES = sa.select(*(c[name] for name in KnownChange._fields)).where(c.code == _OF_CODE)
_KEYS = sa.select(f.key).where(f.code == _OF_CODE)
_KEYS_OF_VERSIONS = _KEYS.add_columns(f.version).where(f.version.in_(sa.bindparam("of_labels", expanding=True)))
_NAMED = _KEYS.where(f.key.in_(sa.bindparam("of_keys", expanding=True)))
_LETTERINGS = sa.select(f.told_by).where(f.code == _OF_CODE, begins(f.key, "lettering/"))
_FAMILIES = _CHANGES.where(c.kind == sa.bindparam("of_kind"), c.root.in_(sa.bindparam("of_roots", expanding=True)))


def began(connection: sa.Connection, code: str) -> date | None:
    """The first legal day of the code: of its versions, of its changes where there are none, null while nothing is dated."""
    first: date | None = connection.scalar(_SELECT_BEGAN, {"of_code": code})
    return first


class Falls(NamedTuple):
    """Where a day falls in a code: the first day of its versions, of its changes, the version before the day and its own."""

    first_version: date | None = None
    first_change: date | None = None
    preceding: str | None = None
    since: date | None = None

    @property
    def began(self) -> date | None:
        """The code's first legal day: of its versions, of its changes where there are none."""
        return self.first_version or self.first_change

    def with_change(self, day: date | None) -> "Falls":
        """The same where a change takes effect on a day as well."""
        return self._replace(first_change=first((self.first_change, day)))

    def with_version(self, label: str, since: date | None, day: date | None) -> "Falls":
        """The same for the day where there is one version more, recorded last."""
        found = self._replace(first_version=first((self.first_version, since)))
        if day is None or since is None or since > day or since < (self.since or since):
            return found
        return found._replace(preceding=label, since=since)


def first(days: Iterable[date | None]) -> date | None:
    """The first of the days; null where there is none."""
    return min((each for each in days if each is not None), default=None)


def fall(connection: sa.Connection, code: str, day: date | None) -> Falls:
    """Where the day falls in the code."""
    return Falls._make(connection.execute(_FALLS, {"of_code": code, "day": day}).one())


def changes(connection: sa.Connection, code: str, *where: sa.ColumnElement[bool]) -> list[KnownChange]:
    """The changes recorded of a code that fit, as they stand, in the order recorded."""
    return _in_order(connection.execute(_CHANGES.where(*where), {"of_code": code}))


def changes_of(connection: sa.Connection, code: str, families: Iterable[Family]) -> list[KnownChange]:
    """The changes recorded of just these families, as they stand, those of a family in the order recorded."""
    roots: dict[str, list[str]] = {}
    for kind, root in families:
        roots.setdefault(kind, []).append(root)
    # By kind: of pairs SQLite would rather walk all changes of the code.
    parts = ((kind, own[start : start + PART]) for kind, own in roots.items() for start in range(0, len(own), PART))
    told = (connection.execute(_FAMILIES, {"of_code": code, "of_kind": kind, "of_roots": part}) for kind, part in parts)
    return [each for rows in told for each in _in_order(rows)]


def letters(connection: sa.Connection, code: str) -> dict[str, Family]:
    """The letter or number that each document by title has got, by its slug."""
    own = connection.scalars(_LETTERINGS, {"of_code": code}).all()
    told = [fact_in(each) for each in events_by_ids(connection, own).values()]
    return {fact.document: (fact.kind, fact.ref) for fact in told if isinstance(fact, DocumentLettered)}


def keys(connection: sa.Connection, code: str, *where: sa.ColumnElement[bool]) -> frozenset[str]:
    """The keys of the facts of a code that fit."""
    return frozenset(connection.scalars(sa.select(f.key).where(f.code == code, *where)))


def keys_of_versions(connection: sa.Connection, code: str, labels: Sequence[str]) -> dict[str, set[str]]:
    """The keys of the facts of each of the versions of which there are any."""
    found: dict[str, set[str]] = {}
    for key, label in connection.execute(_KEYS_OF_VERSIONS, {"of_code": code, "of_labels": labels}):
        found.setdefault(label, set()).add(key)
    return found


def keys_beside(connection: sa.Connection, code: str, key: str) -> frozenset[str]:
    """The keys of the changes of the version, or of the instrument without one, that the change of that key belongs to."""
    kind, scope, *_ = key.split("/")
    return keys(connection, code, begins(f.key, f"change/{scope}/")) if kind == "change" else frozenset()


def named_already(connection: sa.Connection, code: str, names: Iterable[str]) -> frozenset[str]:
    """Those of the names that are of instruments recorded."""
    asked = {"of_code": code, "of_keys": [f"instrument/{name}" for name in names]}
    return frozenset(key.removeprefix("instrument/") for key in connection.scalars(_NAMED, asked))


def _in_order(rows: Iterable[Sequence[Any]]) -> list[KnownChange]:
    """Sorted here: told to sort, SQLite walks all changes of the code in the order asked for."""
    return sorted((KnownChange._make(row) for row in rows), key=lambda each: each.event_id)
