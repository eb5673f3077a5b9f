"""Checkpoints and proofs: signed notes (c2sp.org/signed-note), inclusion and consistency (RFC 9162, 2.1.3.2 and 2.1.4.2)."""

import base64
import hashlib
from collections.abc import Sequence

from services.audit.checking.ed25519 import signed


class Refused(Exception):  # noqa: N818 - named for what happened
    """Something in the bundle is not as it must be; the message says where."""


def leaf_of(entry: bytes) -> bytes:
    """The hash of an entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_of(left: bytes, right: bytes) -> bytes:
    """The hash of two hashes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def included(index: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the path proves that the leaf has this index in the tree of that size and root."""
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, leaf
    for each in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_of(each, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_of(found, each)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def consistent(old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether the path proves that the tree of `new` leaves extends that of `old` ones."""
    if old == new or old == 0:
        return not path and (old == 0 or old_root == new_root)
    hashes = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not 0 < old < new or not hashes:
        return False
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = hashes[0]
    for each in hashes[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            before, after = node_of(each, before), node_of(each, after)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            after = node_of(after, each)
        at, last = at >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


def checkpoint_of(note: bytes, keys: Sequence[str], where: str) -> tuple[int, bytes]:
    """Size and root of a checkpoint that one of the keys has signed; refused where none has."""
    text, between, lines = note.decode("utf-8").rpartition("\n\n")
    parts = (text + "\n").split("\n")
    if not between or len(parts) != 4 or not parts[1].isdigit():
        raise Refused(f"{where}: no checkpoint: expected an origin, a size, a root, an empty line, signatures")
    known = {key_of(each, where) for each in keys}
    for line in lines.splitlines():
        name, _, written = line.removeprefix("\u2014 ").partition(" ")
        raw = base64.b64decode(written, validate=True)
        for own_name, key_id, public in known:
            if (own_name, key_id) == (name, raw[:4]):
                if own_name != parts[0] or not signed(public, raw[4:], text.encode() + b"\n"):
                    raise Refused(f"{where}: the signature of {name} is not that key's over this checkpoint")
                return int(parts[1]), base64.b64decode(parts[2], validate=True)
    raise Refused(f"{where}: not signed by {' or '.join(keys)}")


def key_of(text: str, where: str) -> tuple[str, bytes, bytes]:
    """Name, key id and public key in a verifier key."""
    name, _, rest = text.partition("+")
    key_id, _, written = rest.partition("+")
    key = base64.b64decode(written, validate=True)
    if len(key) != 33 or key[:1] != b"\x01" or hashlib.sha256(name.encode() + b"\n" + key).hexdigest()[:8] != key_id:
        raise Refused(f"{where}: {text[:100]!r} is no verifier key, or a damaged one")
    return name, bytes.fromhex(key_id), key[1:]
