"""Checks of what `events.merkle` proves, from the proof, sizes and roots alone (RFC 9162)."""

from collections.abc import Sequence

from events.hashing import EMPTY_ROOT, node_hash


def included(index: int, size: int, leaf: bytes, path: Sequence[bytes], tree: bytes) -> bool:
    """Whether the path proves that the leaf (its hash) has this index in the tree of that size and root (2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for each in path:
        if not last:
            return False
        if at & 1 or at == last:
            found = node_hash(each, found)
            at, last = _up_to_a_right_child(at, last)
        else:
            found = node_hash(found, each)
        at, last = at >> 1, last >> 1
    return not last and found == tree


def consistent(old: int, new: int, old_tree: bytes, new_tree: bytes, path: Sequence[bytes]) -> bool:
    """Whether the path proves that the tree of `new` leaves and that root extends the one of `old` leaves (2.1.4.2)."""
    if old == new:
        return not path and old_tree == new_tree
    if old == 0:
        return not path and old_tree == EMPTY_ROOT
    if not 0 < old < new:
        return False
    hashes = [old_tree, *path] if old & (old - 1) == 0 else list(path)
    if not hashes:
        return False
    at, last = _up_to_a_left_child(old - 1, new - 1)
    before = after = hashes[0]
    for each in hashes[1:]:
        if not last:
            return False
        if at & 1 or at == last:
            before, after = node_hash(each, before), node_hash(each, after)
            at, last = _up_to_a_right_child(at, last)
        else:
            after = node_hash(after, each)
        at, last = at >> 1, last >> 1
    return not last and before == old_tree and after == new_tree


def _up_to_a_right_child(at: int, last: int) -> tuple[int, int]:
    while at and not at & 1:
        at, last = at >> 1, last >> 1
    return at, last


def _up_to_a_left_child(at: int, last: int) -> tuple[int, int]:
    while at & 1:
        at, last = at >> 1, last >> 1
    return at, last
