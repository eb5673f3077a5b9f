"""The hashes of RFC 9162's tree: SHA-256, a node over its two children, a leaf (`events.envelope.leaf_hash`) over an entry."""

from collections.abc import Sequence
from hashlib import sha256

HASH = 32
"""Bytes of a hash (SHA-256)."""

EMPTY_ROOT = sha256(b"").digest()
"""The root of a tree without leaves."""


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over the hashes of its two children."""
    return sha256(b"\x01" + left + right).digest()


def folded(hashes: Sequence[bytes]) -> bytes:
    """The hash over subtrees side by side, the largest first: each is the left child of what is over those after it."""
    found = hashes[-1]
    for each in hashes[-2::-1]:
        found = node_hash(each, found)
    return found
