"""Proofs as they are given out: as JSON, and as one self-contained file (c2sp.org/tlog-proof)."""

from base64 import b64encode
from typing import Any

from services.doors.parameters import BadParameter
from services.projection.proof.proofs import Consistency, Inclusion, Root

Body = dict[str, Any]


def inclusion(proof: Inclusion) -> Body:
    """The proof with the entry's bytes, its leaf and the path to the root; every hash and the bytes in base64."""
    return {
        "event": proof.event,
        "position": proof.position,
        "leaf_index": proof.position - 1,
        "leaf_hash": _text(proof.leaf),
        "entry": _text(proof.entry),
        "path": [_text(each) for each in proof.path],
        **_tree(proof.tree),
    }


def consistency(proof: Consistency) -> Body:
    """The proof with both roots; every hash in base64."""
    return {"from": _tree(proof.old), "to": _tree(proof.new), "path": [_text(each) for each in proof.path]}


def tlog_proof(proof: Inclusion) -> bytes:
    """The proof as a file that a `tlog-proof` client checks with the log's key and the entry alone."""
    if proof.tree.note is None:
        raise BadParameter(f"size: no checkpoint of {proof.tree.size} entries was signed, which a tlog-proof needs")
    lines = ["c2sp.org/tlog-proof@v1", f"index {proof.position - 1}", *map(_text, proof.path), "", ""]
    return "\n".join(lines).encode() + proof.tree.note


def _tree(tree: Root) -> Body:
    return {"size": tree.size, "root": _text(tree.root), "checkpoint": tree.note.decode() if tree.note else None}


def _text(raw: bytes) -> str:
    return b64encode(raw).decode()
