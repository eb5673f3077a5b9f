"""A tree that only grows, kept as the roots of its complete subtrees."""

from collections.abc import Iterable

from events.hashing import EMPTY_ROOT, folded, node_hash


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
        return folded(self.peaks) if self.peaks else EMPTY_ROOT
