"""The tree as RFC 9162 defines it, word for word: recursion over lists of leaves, nothing kept; and tiles in memory."""

from hashlib import sha256

from events.tiles import Tile

Held = dict[tuple[int, int], bytes]
"""Tiles by level and number."""


def kept_in(held: Held) -> Tile:
    return lambda level, number: held[level, number]


def leaf(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry).digest()


def leaves(number: int) -> list[bytes]:
    return [leaf(b"entry %d" % index) for index in range(number)]


def root(hashes: list[bytes]) -> bytes:
    if len(hashes) < 2:
        return hashes[0] if hashes else sha256().digest()
    k = split(len(hashes))
    return sha256(b"\x01" + root(hashes[:k]) + root(hashes[k:])).digest()


def path(index: int, hashes: list[bytes]) -> list[bytes]:
    if len(hashes) == 1:
        return []
    k = split(len(hashes))
    if index < k:
        return [*path(index, hashes[:k]), root(hashes[k:])]
    return [*path(index - k, hashes[k:]), root(hashes[:k])]


def proof(old: int, hashes: list[bytes]) -> list[bytes]:
    return subproof(old, hashes, whole=True) if old else []


def subproof(old: int, hashes: list[bytes], whole: bool) -> list[bytes]:
    if old == len(hashes):
        return [] if whole else [root(hashes)]
    k = split(len(hashes))
    if old <= k:
        return [*subproof(old, hashes[:k], whole), root(hashes[k:])]
    return [*subproof(old - k, hashes[k:], whole=False), root(hashes[:k])]


def split(number: int) -> int:
    """The largest power of two smaller than the number."""
    k = 1
    while k * 2 < number:
        k *= 2
    return k
