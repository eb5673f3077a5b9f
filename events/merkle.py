"""The Merkle tree of RFC 9162 over the log's entries: roots and proofs from the hashes of complete subtrees, and their checks."""

from collections.abc import Callable, Iterable

from events.checking import consistent, included
from events.hashing import EMPTY_ROOT, HASH, folded, node_hash
from events.peaks import Peaks

__all__ = [
    "EMPTY_ROOT",
    "HASH",
    "Node",
    "Peaks",
    "consistency",
    "consistent",
    "included",
    "inclusion",
    "node_hash",
    "peaks",
    "root",
]

Node = Callable[[int, int], bytes]
"""The hash of the complete subtree of 2^level leaves that has this index among those of its level."""


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


def peaks(size: int, node: Node) -> Peaks:
    """The tree of the first `size` leaves, ready to grow."""
    return Peaks(size, _complete(0, size, node))


def _span(start: int, stop: int, node: Node) -> bytes:
    """The root over the leaves from `start`, which begins a subtree at least as large, up to `stop`."""
    return folded(list(_complete(start, stop, node)))


def _complete(start: int, stop: int, node: Node) -> Iterable[bytes]:
    while start < stop:
        level = (stop - start).bit_length() - 1
        yield node(level, start >> level)
        start += 1 << level


def _left(size: int) -> int:
    """The largest power of two below a size of two or more."""
    return 1 << ((size - 1).bit_length() - 1)
