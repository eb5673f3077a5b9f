"""The Merkle tree of RFC 9162 over the log's entries: roots and proofs from the hashes of complete subtrees, and their checks."""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

HASH = 32
"""Bytes of a hash (SHA-256)."""

EMPTY_ROOT = sha256(b"").digest()
"""The root of a tree without leaves."""

Node = Callable[[int, int], bytes]
"""The hash of the complete subtree of 2^level leaves that has this index among those of its level."""


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over the hashes of its two children."""
    return sha256(b"\x01" + left + right).digest()


def root(size: int, node: Node) -> bytes:
    """The root of the tree of the first `size` leaves."""
    return _span(0, size, node) if size else EMPTY_ROOT


def inclusion(index: int, size: int, node: Node) -> list[bytes]:
    """The path from a leaf's sibling up, which proves the leaf to be in the tree of `size` leaves (PATH, 2.1.3.1)."""
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    path, start, stop = [], 0, size
    while stop - start > 1:
        middle = start + _left(stop - start)
        if index < middle:
            path.append(_span(middle, stop, node))
            stop = middle
        else:
            path.append(_span(start, middle, node))
            start = middle
    return path[::-1]


def consistency(old: int, new: int, node: Node) -> list[bytes]:
    """The hashes which prove that the tree of `new` leaves extends that of `old` ones (PROOF, 2.1.4.1); from 0 none are needed."""
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} leaves extends none of {old}")
    path, start, stop = [], 0, new
    while 0 < old < stop:
        middle = start + _left(stop - start)
        if old <= middle:
            path.append(_span(middle, stop, node))
            stop = middle
        else:
            path.append(_span(start, middle, node))
            start = middle
    if start:
        path.append(_span(start, stop, node))
    return path[::-1]


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


class Peaks:
    """A tree that only grows: its size and the roots of its complete subtrees, the largest first; enough for its root."""

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.size, self.peaks = size, list(peaks)
        if len(self.peaks) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} peaks, found {len(self.peaks)}")

    def add(self, leaf: bytes) -> None:
        """Adds a leaf, by its hash."""
        carried, full = leaf, self.size
        while full & 1:
            carried = node_hash(self.peaks.pop(), carried)
            full >>= 1
        self.peaks.append(carried)
        self.size += 1

    def root(self) -> bytes:
        """The root of the tree as it is now."""
        return _folded(self.peaks) if self.peaks else EMPTY_ROOT


def peaks(size: int, node: Node) -> Peaks:
    """The tree of the first `size` leaves, ready to grow."""
    return Peaks(size, _complete(0, size, node))


def _span(start: int, stop: int, node: Node) -> bytes:
    """The root over the leaves from `start`, which begins a subtree at least as large, up to `stop`."""
    return _folded(list(_complete(start, stop, node)))


def _complete(start: int, stop: int, node: Node) -> Iterable[bytes]:
    while start < stop:
        level = (stop - start).bit_length() - 1
        yield node(level, start >> level)
        start += 1 << level


def _folded(hashes: Sequence[bytes]) -> bytes:
    found = hashes[-1]
    for each in hashes[-2::-1]:
        found = node_hash(each, found)
    return found


def _left(size: int) -> int:
    """The largest power of two below a size of two or more."""
    return 1 << ((size - 1).bit_length() - 1)


def _up_to_a_right_child(at: int, last: int) -> tuple[int, int]:
    while at and not at & 1:
        at, last = at >> 1, last >> 1
    return at, last


def _up_to_a_left_child(at: int, last: int) -> tuple[int, int]:
    while at & 1:
        at, last = at >> 1, last >> 1
    return at, last
