"""The tree as it is stored: its tiles read where they are needed, kept where they are asked for again."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import sqlalchemy as sa

from events import tiles
from events.errors import Conflict
from events.merkle import HASH, Node
from events.tiles import Tile
from services.projection.proof.tables import tree_tile

Found = TypeVar("Found")

Place = tuple[int, int]
"""A tile by level and number."""

LEVELS = 8
"""Levels of tiles: 256 to the eighth is more entries than positions."""

MOST_KEPT = 512
"""Tiles kept in memory, of 8 KiB each at most."""

_ANY = bytes(HASH)
_t = tree_tile.c


class BrokenTree(Conflict):
    """The tree's own tables do not hold what they should."""

    problem = "broken-tree"


def tiles_among(connection: sa.Connection, wanted: Mapping[Place, int]) -> Tile:
    """Those tiles, read at once; BrokenTree where one is missing or has fewer bytes than wanted."""
    rows = _rows(connection, sorted(wanted)) if wanted else ()
    held = {(row.level, row.number): bytes(row.hashes) for row in rows}
    for (level, number), least in wanted.items():
        found = len(held.get((level, number), b""))
        if found < least or not found:
            raise BrokenTree(f"the tree's tile {number} of level {level} has {found} bytes, expected {least} or more")
    return lambda level, number: held[level, number]


def _rows(connection: sa.Connection, places: list[Place]) -> Iterable[Any]:
    if connection.dialect.name == "sqlite":
        return connection.execute(_OF_SQLITE, {"places": json.dumps(places)})
    return connection.execute(sa.select(tree_tile).where(sa.tuple_(_t.level, _t.number).in_(places)))


# SQLite would read the whole table for rows that are among some.
_OF_SQLITE = sa.text(
    "SELECT level, number, hashes FROM json_each(:places) AS place CROSS JOIN tree_tile"
    " ON level = json_extract(place.value, '$[0]') AND number = json_extract(place.value, '$[1]')"
)


def edge(connection: sa.Connection, size: int) -> Tile:
    """The last, partial tiles of a tree of that size; BrokenTree where one is missing or too short."""
    counts = {level: divmod(tiles.hashes(size, level), tiles.WIDTH) for level in range(LEVELS)}
    return tiles_among(connection, {(level, at): width * HASH for level, (at, width) in counts.items() if width})


class Kept(dict[Place, bytes]):
    """Tiles read before, up to a number of them: what a tile holds never changes, it only grows."""

    def tile(self, level: int, number: int) -> bytes:
        """The tile as it was last read; LookupError where it never was."""
        return self[level, number]

    def fill(self, connection: sa.Connection, wanted: Mapping[Place, int]) -> None:
        """Reads those of the tiles that are not kept as far; else as `tiles_among`."""
        missing = {place: least for place, least in wanted.items() if len(self.get(place, b"")) < least}
        read = tiles_among(connection, missing)
        if len(self) > MOST_KEPT:
            for place in list(self)[: MOST_KEPT // 2]:
                self.pop(place, None)
        self.update({place: read(*place) for place in missing})


def asked(connection: sa.Connection, question: Callable[[Node], Found]) -> Found:
    """What a question about hashes of subtrees comes to, from the tiles it needs, read at once."""
    return question(tiles.node_from(tiles_among(connection, _needed(question))))


def asked_again(connection: sa.Connection, question: Callable[[Node], Found], kept: Kept) -> Found:
    """The same, from tiles that are kept; only those that are not are read."""
    try:
        return question(tiles.node_from(kept.tile))
    except LookupError:
        wanted = _needed(question)
        kept.fill(connection, wanted)
        held = {place: kept.get(place, b"") for place in wanted}
        return question(tiles.node_from(lambda level, number: held[level, number]))


def _needed(question: Callable[[Node], object]) -> dict[Place, int]:
    nodes: list[Place] = []

    def noted(level: int, index: int) -> bytes:
        nodes.append((level, index))
        return _ANY

    question(noted)
    return tiles.needed(nodes)
