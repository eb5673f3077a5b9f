"""One pass over a stretch of the log, on a connection of its own: rows, order, leaves, and the tree's lowest tiles."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import sqlalchemy as sa

from events import merkle, tiles
from events.merkle import HASH, node_hash
from events.tiles import TILE, WIDTH
from services.audit.entries import agrees, disagreements, leaf_of, raw
from services.audit.findings import Findings
from services.projection.proof.tables import tree_tile

PAGE = 16
"""Tiles read at a time: 4,096 entries."""

SHOWN = 3
"""Wrong hashes of a tile that are told one by one."""

_MISSING = bytes(HASH)
_t = tree_tile.c


class Stretch(NamedTuple):
    """Tiles [first, stop) of a log up to position `until`, of a tree of `size` leaves; `sizes`: whose tails are wanted."""

    first: int
    stop: int
    until: int
    size: int
    sizes: tuple[int, ...] = ()


@dataclass
class Passed:
    """What a pass found: the roots of whole tiles, the roots of the tails asked for, the first and last time recorded."""

    findings: Findings = field(default_factory=Findings)
    roots: list[bytes] = field(default_factory=list)
    tails: dict[int, bytes] = field(default_factory=dict)
    rows: int = 0
    began_at: Any = None
    ended_at: Any = None


def passed(connection: sa.Connection, stretch: Stretch) -> Passed:
    """Looks at every entry of the stretch."""
    done, sizes = Passed(), set(stretch.sizes)
    for first in range(stretch.first, stretch.stop, PAGE):
        stop = min(first + PAGE, stretch.stop)
        leaves = _leaves(connection, done, first * WIDTH, min(stop * WIDTH, stretch.until))
        held = _tiles(connection, first, stop)
        for number in range(first, stop):
            own = leaves[(number - first) * WIDTH : (number - first + 1) * WIDTH]
            _tile(done, number, own, held.get(number, b""), stretch.size)
            _roots(done, number, own, sizes)
    return done


def _leaves(connection: sa.Connection, done: Passed, after: int, until: int) -> list[bytes]:
    leaves: list[bytes] = []
    expected, before = after + 1, done.ended_at
    for row in raw(connection, after, until):
        if row[0] != expected:
            expected = _out_of_place(done, row[0], expected, leaves)
            if row[0] != expected:
                continue
        leaf = leaf_of(row)
        leaves.append(leaf)
        expected += 1
        if not agrees(row, leaf):
            for each in disagreements(row, leaf):
                done.findings.add(row[0], each)
        if before is not None and row[8] < before:
            done.findings.add(row[0], f"recorded_at is {row[8]}, before that of the position before, {before}")
        before = row[8]
        if done.began_at is None:
            done.began_at = before
        done.rows += 1
    done.ended_at = before
    if expected <= until:
        _out_of_place(done, until + 1, expected, leaves)
    return leaves


def _out_of_place(done: Passed, found: int, expected: int, leaves: list[bytes]) -> int:
    """Notes a gap, filled so that what follows keeps its place; the position that is expected now."""
    if found < expected:
        done.findings.add(found, "is there twice")
        return expected
    last = f" to {found - 1}" if found - 1 > expected else ""
    done.findings.add(expected, f"missing{last and f', with all{last}'}")
    leaves += [_MISSING] * (found - expected)
    return found


def _tiles(connection: sa.Connection, first: int, stop: int) -> dict[int, bytes]:
    chosen = sa.select(_t.number, _t.hashes).where(_t.level == 0, _t.number >= first, _t.number < stop)
    return {row.number: bytes(row.hashes) for row in connection.execute(chosen)}


def _tile(done: Passed, number: int, leaves: list[bytes], held: bytes, size: int) -> None:
    expected = b"".join(leaves[: max(size - number * WIDTH, 0)])
    if held != expected:
        compared(done.findings, 0, number, held, expected)


def compared(findings: Findings, level: int, number: int, held: bytes, expected: bytes) -> None:
    """Notes where a tile's hashes are not those that the entries give."""
    where = f"tile {level}/{tiles.path(number)}"
    if len(held) != len(expected):
        findings.add(None, f"{where} has {len(held)} bytes, expected {len(expected)}")
    wrong = [
        at for at in range(0, min(len(held), len(expected)), HASH) if held[at : at + HASH] != expected[at : at + HASH]
    ]
    for at in wrong[:SHOWN]:
        position = number * WIDTH + at // HASH + 1 if level == 0 else None
        one, other = held[at : at + HASH].hex(), expected[at : at + HASH].hex()
        findings.add(position, f"{where} has the hash {one} at {at // HASH}, the entries give {other}")
    if len(wrong) > SHOWN:
        findings.add(None, f"{where} has {len(wrong) - SHOWN} more hashes that the entries do not give")


def _roots(done: Passed, number: int, leaves: list[bytes], sizes: set[int]) -> None:
    node = tiles.node_from(lambda *_: joined)
    joined = b"".join(leaves)
    if len(joined) == TILE:
        done.roots.append(node_hash(node(7, 0), node(7, 1)))
    for width in range(1, min(len(leaves), WIDTH - 1) + 1):
        if number * WIDTH + width in sizes:
            done.tails[number * WIDTH + width] = merkle.root(width, node)
