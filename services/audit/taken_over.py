"""What was signed of a log that is taken over from a file: its last checkpoint and its verifier keys go on being its own."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from events import notes
from events.errors import Conflict
from events.merkle import Peaks
from events.notes import Checkpoint
from events.tables import event_log
from services.audit.signed import trusted
from services.projection.proof import checkpoints
from services.projection.proof.checkpoints import Signed
from services.projection.proof.tables import tree_checkpoint

c = event_log.c


class OfAnotherLog(Conflict):
    """A file's checkpoint is not one of the entries that the file holds."""


def take_over(connection: sa.Connection, note: bytes, keys: Sequence[str], at: datetime) -> Checkpoint:
    """Keeps the checkpoint and the keys, after a look whether these signed it and the log extends it (BadNote, OfAnotherLog)."""
    told = notes.checkpoint_in(note, trusted("\n".join(keys)))
    if _root(connection, told.size) != told.root:
        raise OfAnotherLog(f"its checkpoint of {told.size} entries has another root than they, or there are fewer")
    last = checkpoints.latest(connection)
    signed = Signed((last.number if last else 0) + 1, told.origin, told.size, told.root, note, at)
    connection.execute(sa.insert(tree_checkpoint).values(signed._asdict()))
    for key in reversed(keys):
        checkpoints.publish_key(connection, key)
    return told


def _root(connection: sa.Connection, size: int) -> bytes | None:
    tree = Peaks()
    chosen = sa.select(c.leaf_hash).where(c.position <= size).order_by(c.position)
    for leaf in connection.scalars(chosen.execution_options(yield_per=10_000)):
        tree.add(leaf)
    return tree.root() if tree.size == size else None
