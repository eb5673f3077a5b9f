"""The transparency log's tables: the tree in tiles, the checkpoints signed over it, the keys that ever signed."""

from collections.abc import Callable, Collection
from typing import TypeVar

import sqlalchemy as sa

from events import tiles
from events.errors import Conflict
from events.merkle import HASH, Node
from events.tables import Instant
from events.tiles import Tile

Found = TypeVar("Found")

metadata = sa.MetaData()

tree_tile = sa.Table(
    "tree_tile",
    metadata,
    sa.Column("level", sa.Integer, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("hashes", sa.LargeBinary, nullable=False),
)
"""The hashes of each tile so far, one after the other; the last of a level grows until it is full."""

tree_checkpoint = sa.Table(
    "tree_checkpoint",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("root", sa.LargeBinary, nullable=False),
    sa.Column("note", sa.LargeBinary, nullable=False),
    sa.Column("signed_at", Instant, nullable=False),
)
"""Every checkpoint given out, in the order signed; one size may be signed again, with other keys."""

tree_key = sa.Table(
    "tree_key",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),
)
"""The verifier key of everyone who ever signed, in the order they came; never a private one."""

LEVELS = 8
"""Levels of tiles: 256 to the eighth is more entries than positions."""

_t = tree_tile.c


class BrokenTree(Conflict):
    """The tree's own tables do not hold what they should."""

    problem = "broken-tree"


def tiles_among(connection: sa.Connection, wanted: Collection[tuple[int, int]]) -> Tile:
    """Those tiles (level, number), read at once; asking for any other, or for one that is not there, is BrokenTree."""
    among = sa.tuple_(_t.level, _t.number).in_(sorted(wanted))
    rows = connection.execute(sa.select(tree_tile).where(among)) if wanted else ()
    held = {(row.level, row.number): row.hashes for row in rows}

    def tile(level: int, number: int) -> bytes:
        if (level, number) not in held:
            raise BrokenTree(f"the tree's tile {number} of level {level} is missing")
        return bytes(held[level, number])

    return tile


def edge(connection: sa.Connection, size: int) -> Tile:
    """The last, partial tiles of a tree of that size; BrokenTree where one is missing or too short."""
    widths = {
        (level, count // tiles.WIDTH): count % tiles.WIDTH * HASH
        for level in range(LEVELS)
        if (count := tiles.hashes(size, level)) % tiles.WIDTH
    }
    tile = tiles_among(connection, widths)
    for (level, number), width in widths.items():
        if (held := len(tile(level, number))) < width:
            raise BrokenTree(
                f"the tree's tile {number} of level {level} has {held} bytes, a tree of {size} entries has {width} there"
            )
    return tile


def asked(connection: sa.Connection, question: Callable[[Node], Found]) -> Found:
    """What a question about hashes of subtrees comes to, from the tiles it needs, read at once."""
    needed: list[tuple[int, int]] = []

    def noted(level: int, index: int) -> bytes:
        needed.append((level, index))
        return bytes(HASH)

    question(noted)
    try:
        return question(tiles.node_from(tiles_among(connection, tiles.needed(needed))))
    except LookupError as short:
        raise BrokenTree(f"the tree's tables hold too little: {short}") from None
