"""Proofs with all that is needed to check them by hand, out of the tree's tiles."""

from typing import NamedTuple

import sqlalchemy as sa

from events import merkle
from events.envelope import Recorded
from events.errors import Unavailable
from events.store import event_by_id
from services.projection.proof.checkpoints import Signed, current, latest
from services.projection.proof.tables import BrokenTree, asked
from services.projection.queries import BadParameter


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

    recorded: Recorded
    tree: Root
    path: list[bytes]


class Consistency(NamedTuple):
    """A proof that a tree extends an older one."""

    old: Root
    new: Root
    path: list[bytes]


def inclusion(connection: sa.Connection, event_id: str, size: int | None) -> Inclusion:
    """The proof that an event is in the tree of that size, else of the latest checkpoint; it is checked before it is given."""
    recorded, end = event_by_id(connection, event_id), current(connection)
    index = recorded.position - 1
    if size is None and index >= end.size:
        raise NotYetProved(
            f"the event has position {recorded.position}, the latest checkpoint covers {end.size} entries"
        )
    tree = _root(connection, "size", size, end)
    if index >= tree.size:
        raise BadParameter(f"size: a tree of {tree.size} entries does not hold position {recorded.position}")
    path = asked(connection, lambda node: merkle.inclusion(index, tree.size, node))
    if not merkle.included(index, tree.size, recorded.leaf_hash, path, tree.root):
        raise BrokenTree(f"the entry at position {recorded.position} is not the one in the tree: run `inforce verify`")
    return Inclusion(recorded, tree, path)


def consistency(connection: sa.Connection, old: int, new: int | None) -> Consistency:
    """The proof that the tree of `new` entries, else of the latest checkpoint, extends that of `old`; checked before given."""
    end = current(connection)
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


def _root(connection: sa.Connection, name: str, size: int | None, end: Signed) -> Root:
    if size is None or size == end.size:
        return Root(end.size, end.root, end.note)
    if size > end.size:
        raise BadParameter(f"{name}: {size} lies beyond the latest checkpoint, of {end.size} entries")
    signed = latest(connection, size)
    if signed:
        return Root(size, signed.root, signed.note)
    return Root(size, asked(connection, lambda node: merkle.root(size, node)), None)
