"""The tree cut into tiles (c2sp.org/tlog-tiles): 256 hashes of one level each, and the entries in bundles of as many."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from events.merkle import HASH, Node, node_hash

HEIGHT = 8
WIDTH = 1 << HEIGHT
TILE = WIDTH * HASH
"""Bytes of a full tile."""

Tile = Callable[[int, int], bytes]
"""The hashes of a tile, one after the other: level, number."""


def path(number: int, width: int = WIDTH) -> str:
    """A tile's number as paths have it: 5 is `005`, 1234067 is `x001/x234/067`; a partial one `005.p/17`."""
    last, groups = f"{number % 1000:03}", []
    while number := number // 1000:
        groups.append(f"x{number % 1000:03}/")
    return "".join(groups[::-1]) + last + (f".p/{width}" if width != WIDTH else "")


def parsed(text: str) -> tuple[int, int] | None:
    """Number and width of a tile from its path; None for what `path` never writes."""
    found = _PATH.fullmatch(text)
    if not found:
        return None
    number = int(found[1].replace("x", "").replace("/", "") + found[2])
    width = int(found[3]) if found[3] else WIDTH
    return (number, width) if width <= WIDTH and path(number, width) == text else None


_PATH = re.compile(r"((?:x[0-9]{3}/){0,6})([0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


def hashes(size: int, level: int) -> int:
    """How many hashes that level of tiles has in a tree of `size` leaves."""
    return size >> (HEIGHT * level)


def holds(size: int, level: int, number: int, width: int) -> bool:
    """Whether the first `width` hashes of the tile belong to the tree of `size` leaves."""
    return number * WIDTH + width <= hashes(size, level)


def node_from(tile: Tile) -> Node:
    """The hashes of complete subtrees, out of tiles that hold them; LookupError where one does not."""

    def node(level: int, index: int) -> bytes:
        row, inner = divmod(level, HEIGHT)
        number, at = divmod(index << inner, WIDTH)
        return _rows(tile(row, number))[inner][at >> inner]

    return node


def grown(size: int, tile: Tile, leaves: Iterable[bytes]) -> dict[tuple[int, int], bytes]:
    """Every tile that changes, with its new hashes, as leaves (their hashes) are added to a tree of `size` ones."""
    changed: dict[tuple[int, int], bytes] = {}
    added, level = b"".join(leaves), 0
    while added:
        number, width = divmod(hashes(size, level), WIDTH)
        run = (tile(level, number)[: width * HASH] if width else b"") + added
        parts = [run[at : at + TILE] for at in range(0, len(run), TILE)]
        changed |= {(level, number + index): part for index, part in enumerate(parts)}
        added = b"".join(_rows(part)[HEIGHT][0] for part in parts if len(part) == TILE)
        level += 1
    return changed


def needed(nodes: Iterable[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """The tiles (level, number) that hold the hashes of these subtrees (level, index), and how many bytes of each."""
    found: dict[tuple[int, int], int] = {}
    for level, index in nodes:
        row, inner = divmod(level, HEIGHT)
        number, last = divmod(((index + 1) << inner) - 1, WIDTH)
        found[row, number] = max(found.get((row, number), 0), (last + 1) * HASH)
    return found


def bundle(entries: Iterable[bytes]) -> bytes:
    """Entries as a bundle holds them: each after its length as a big-endian uint16; OverflowError beyond 65,535 bytes."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def unbundled(held: bytes) -> Iterator[bytes]:
    """The entries of a bundle; ValueError where it ends within one."""
    at = 0
    while at < len(held):
        start = at + 2
        at = start + int.from_bytes(held[at:start], "big")
        if start > len(held) or at > len(held):
            raise ValueError(f"a bundle of {len(held)} bytes ends within an entry that should end at {at}")
        yield held[start:at]


@lru_cache(maxsize=512)
def _rows(held: bytes) -> list[list[bytes]]:
    """The hashes of a tile, then those of each row of whole nodes above them, up to the root of a full one."""
    rows = [[held[at : at + HASH] for at in range(0, len(held), HASH)]]
    for _ in range(HEIGHT):
        row = rows[-1]
        rows.append([node_hash(left, right) for left, right in zip(row[::2], row[1::2], strict=False)])
    return rows
