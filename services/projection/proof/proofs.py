"""Proofs with all that is needed to check them by hand, out of the tree's tiles."""

import re
from typing import Any, NamedTuple

import sqlalchemy as sa

from events import merkle
from events.errors import Unavailable
from events.store import event_by_id
from services.doors.parameters import BadParameter
from services.projection.proof.checkpoints import current, latest
from services.projection.proof.tree import BrokenTree, Kept, asked, asked_again


class NotYetProved(Unavailable):
    """The event is recorded, and no checkpoint covers it yet."""

    problem = "not-yet-proved"


class Root(NamedTuple):
    """A tree's size and root, and the checkpoint that says so, if one was signed of just that size."""

    size: int
    root: bytes
    note: bytes | None


class Inclusion(NamedTuple):
    """A proof that an entry is in the tree."""

    event: str
    position: int
    entry: bytes
    leaf: bytes
    tree: Root
    path: list[bytes]


class Consistency(NamedTuple):
    """A proof that a tree extends an older one."""

    old: Root
    new: Root
    path: list[bytes]


def inclusion(connection: sa.Connection, event_id: str, size: int | None, kept: Kept) -> Inclusion:
    """The proof that an event is in the tree of that size, else of the latest checkpoint; it is checked before it is given."""
    row = _event_and_checkpoint(connection, event_id)
    index = row.position - 1
    if size is None and index >= row.size:
        raise NotYetProved(f"the event has position {row.position}, the latest checkpoint covers {row.size} entries")
    tree = _root(connection, "size", size, Root(row.size, row.root, row.note))
    if index >= tree.size:
        raise BadParameter(f"size: a tree of {tree.size} entries does not hold position {row.position}")
    path = asked_again(connection, lambda node: merkle.inclusion(index, tree.size, node), kept)
    if not merkle.included(index, tree.size, row.leaf_hash, path, tree.root):
        raise BrokenTree(f"the entry at position {row.position} is not the one in the tree: run `inforce verify`")
    return Inclusion(str(row.id), row.position, row.entry, row.leaf_hash, tree, path)


def consistency(connection: sa.Connection, old: int, new: int | None) -> Consistency:
    """The proof that the tree of `new` entries, else of the latest checkpoint, extends that of `old`; checked before given."""
    last = current(connection)
    end = Root(last.size, last.root, last.note)
    before, after = _root(connection, "from", old, end), _root(connection, "to", new, end)
    if before.size > after.size:
        raise BadParameter(
            f"from: {before.size} entries are more than the {after.size} of `to`; the older tree comes first"
        )
    path = asked(connection, lambda node: merkle.consistency(before.size, after.size, node))
    if not merkle.consistent(before.size, after.size, before.root, after.root, path):
        raise BrokenTree(
            f"the tree of {after.size} entries does not extend that of {before.size}: run `inforce verify`"
        )
    return Consistency(before, after, path)


def _event_and_checkpoint(connection: sa.Connection, event_id: str) -> Any:  # noqa: ANN401 - a row of both
    """In one round trip; NotFound where there is no such event, or no checkpoint."""
    own = event_id if _CANONICAL.fullmatch(event_id) else event_by_id(connection, event_id).id
    sql = _BOTH if connection.dialect.name == "postgresql" else _BOTH.replace("%s", "?")
    row = connection.exec_driver_sql(sql, (own,)).first()
    if row is None:
        event_by_id(connection, own)
        current(connection)
        raise NotYetProved("the first checkpoint is signed just now")
    return row


_CANONICAL = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_BOTH = (
    "SELECT e.position, e.id, e.entry, e.leaf_hash, c.size, c.root, c.note FROM event_log e, tree_checkpoint c"
    " WHERE e.id = %s AND c.number = (SELECT max(number) FROM tree_checkpoint)"
)


def _root(connection: sa.Connection, name: str, size: int | None, end: Root) -> Root:
    if size is None or size == end.size:
        return end
    if size > end.size:
        raise BadParameter(f"{name}: {size} lies beyond the latest checkpoint, of {end.size} entries")
    signed = latest(connection, size)
    if signed:
        return Root(size, signed.root, signed.note)
    return Root(size, asked(connection, lambda node: merkle.root(size, node)), None)
