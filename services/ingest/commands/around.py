"""What is recorded around a command: the changes of a code, the acts on families of provisions, where the code began."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import sqlalchemy as sa

from events.changes import DocumentLettered
from events.store import events_by_ids
from services.ingest.commands.saying import ByFamily, Family
from services.ingest.commands.standing import act, fact_in
from services.ingest.knowledge import KnownChange
from services.ingest.tables import known_change, known_fact
from services.law.codes import Code
from services.law.fold import Act

c, f = known_change.c, known_fact.c


def began(connection: sa.Connection, code: str) -> date | None:
    """The first legal day of the code: of its versions, of its changes where there are none, null while nothing is dated."""
    first: date | None = connection.scalar(_FIRST_VERSION, {"of_code": code})
    return first or connection.scalar(_FIRST_CHANGE, {"of_code": code})


_OF_CODE = sa.bindparam("of_code", type_=sa.Text)
_FIRST_VERSION = sa.select(sa.func.min(f.since)).where(f.code == _OF_CODE)
_FIRST_CHANGE = sa.select(sa.func.min(c.effective)).where(c.code == _OF_CODE, ~c.cancelled)


def changes(connection: sa.Connection, code: str, *where: sa.ColumnElement[bool]) -> list[KnownChange]:
    """The changes recorded of a code that fit, as they stand, in the order recorded."""
    rows = connection.execute(sa.select(known_change).where(c.code == code, *where).order_by(c.event_id))
    return [KnownChange._make(getattr(row, name) for name in KnownChange._fields) for row in rows]


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
    own = _acts(connection, code, kind, [root, ""])
    for slug, letter in lettered.items():
        if letter == (kind, root):
            own += [replace(each, ref=root) for each in _acts(connection, code, "document", [slug])]
    return own


def letters(connection: sa.Connection, code: str) -> dict[str, Family]:
    """The letter or number that each document by title has got, by its slug."""
    own = sa.select(f.told_by).where(f.code == code, f.key.startswith("lettering/", autoescape=True))
    told = [fact_in(each) for each in events_by_ids(connection, connection.scalars(own).all()).values()]
    return {fact.document: (fact.kind, fact.ref) for fact in told if isinstance(fact, DocumentLettered)}


def keys(connection: sa.Connection, code: str, *where: sa.ColumnElement[bool]) -> frozenset[str]:
    """The keys of the facts of a code that fit."""
    return frozenset(connection.scalars(sa.select(f.key).where(f.code == code, *where)))


def _acts(connection: sa.Connection, code: str, kind: str, roots: list[str]) -> list[Act]:
    rows = changes(connection, code, c.kind == kind, c.root.in_(roots))
    if not rows:
        return []
    told = events_by_ids(connection, {each.event_id for each in rows} | {each.told_by for each in rows})
    return [act(each, fact_in(told[each.told_by]), told[each.event_id].position) for each in rows]
