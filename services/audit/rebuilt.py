"""The tree rebuilt from the entries alone: the roots of its whole tiles, and from them every root and tile above."""

from collections.abc import Mapping, Sequence

from events import merkle
from events.merkle import node_hash
from events.tiles import HEIGHT, WIDTH


class Rebuilt:
    """A tree by the roots of its whole tiles (32 bytes for 256 entries), and the tails of the sizes that end within one."""

    def __init__(self, roots: Sequence[bytes], tails: Mapping[int, bytes]) -> None:
        self._levels, self._tails = [list(roots)], tails
        while len(self._levels[-1]) > 1:
            row = self._levels[-1]
            self._levels.append([node_hash(a, b) for a, b in zip(row[::2], row[1::2], strict=False)])

    def node(self, level: int, index: int) -> bytes:
        """The hash of a complete subtree of whole tiles."""
        return self._levels[level - HEIGHT][index]

    def root(self, size: int) -> bytes:
        """The root of the first `size` entries, of a size that was asked for or is one of whole tiles."""
        whole = size - size % WIDTH
        if whole == size:
            return merkle.root(size, self.node)
        found = self._tails[size]
        for each in reversed(merkle.peaks(whole, self.node).peaks):
            found = node_hash(each, found)
        return found

    def tile(self, level: int, number: int, width: int) -> bytes:
        """The first hashes of a tile above the lowest."""
        first = number * WIDTH
        return b"".join(self.node(level * HEIGHT, index) for index in range(first, first + width))
