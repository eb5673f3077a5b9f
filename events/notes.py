"""Signed notes and the checkpoints that are their text (c2sp.org/signed-note, tlog-checkpoint)."""

import re
from collections.abc import Collection
from typing import NamedTuple

from events.base64s import read, written
from events.hashing import HASH
from events.note_keys import BadKey, Signer, Verifier, signer, signer_of, verifier
from events.signed_text import BadNote, Note, opened, sign

__all__ = [
    "BadKey",
    "BadNote",
    "Checkpoint",
    "Note",
    "Signer",
    "Verifier",
    "checkpoint",
    "checkpoint_in",
    "opened",
    "sign",
    "signer",
    "signer_of",
    "verifier",
]


class Checkpoint(NamedTuple):
    """What a log says of itself: its origin, how many entries it has, the root of their tree."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The text that is signed: three lines."""
        return f"{self.origin}\n{self.size}\n{written(self.root)}\n"


def checkpoint(text: str) -> Checkpoint:
    """The checkpoint in a note's text; BadNote where it is none."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not lines[0] or not _SIZE.fullmatch(lines[1]):
        raise BadNote("no checkpoint: expected three lines, an origin, a size and a root")
    root = read(lines[2])
    if root is None or len(root) != HASH:
        raise BadNote(f"no checkpoint: the root is {lines[2][:80]!r}, expected 32 bytes in base64")
    return Checkpoint(lines[0], int(lines[1]), root)


_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


def checkpoint_in(message: bytes, known: Collection[Verifier]) -> Checkpoint:
    """The checkpoint in a note that a known key has signed under the log's own name; BadNote where there is none."""
    note = opened(message, known)
    found = checkpoint(note.text)
    if found.origin not in {each.name for each in note.signed_by}:
        raise BadNote(f"the checkpoint is of {found.origin!r}, signed by {note.signed_by[0].name!r}")
    return found
