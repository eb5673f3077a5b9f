"""Signs checkpoints: only a tree that extends the last one signed, and that one is kept before anybody sees it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from events import merkle, notes
from events.errors import Rejected
from events.notes import BadNote, Checkpoint, Signer
from services.projection.proof import keys
from services.projection.proof.checkpoints import Signed, latest, publish_key, published_keys
from services.projection.proof.tables import tree_checkpoint
from services.projection.proof.tree import asked


class Fork(Rejected):
    """The tree does not extend what was signed before: signing it would show two histories of one log."""


def sign(connection: sa.Connection, path: Path, size: int, at: datetime) -> Signed | None:
    """Signs the tree of that size with the keys in the file; None where the latest checkpoint is the same; or why not."""
    signers, last = keys.load(path), latest(connection)
    origin = signers[0].verifier.name
    root = _root(connection, size)
    _refuse_other_log(connection, signers[0], last)
    for where, before in _signed_before(connection, path, signers):
        if before.size > size or _root(connection, before.size) != before.root:
            raise Fork(_FORK.format(where=where, before=before.size, size=size, path=path))
    note = notes.sign(Checkpoint(origin, size, root).text(), signers)
    if last is not None and last.note == note:
        return None
    keys.put(keys.last_file(path), note)
    signed = Signed((last.number if last else 0) + 1, origin, size, root, note, at)
    connection.execute(sa.insert(tree_checkpoint).values(signed._asdict()))
    for signer in reversed(signers):
        publish_key(connection, signer.verifier.text())
    return signed


def _signed_before(
    connection: sa.Connection, path: Path, signers: Sequence[Signer]
) -> Iterator[tuple[str, Checkpoint]]:
    """What was signed last under the key's name, as kept beside the key and in the database."""
    beside, own = keys.last_file(path), latest(connection, origin=signers[0].verifier.name)
    if beside.exists():
        try:
            yield str(beside), notes.checkpoint_in(beside.read_bytes(), [each.verifier for each in signers])
        except BadNote as why:
            raise Fork(_REPLACED.format(beside=beside, path=path, why=why)) from None
    elif own:
        raise Fork(_FORGOTTEN.format(beside=beside, size=own.size))
    if own:
        yield "the database", Checkpoint(own.origin, own.size, own.root)


def _refuse_other_log(connection: sa.Connection, signer: Signer, last: Signed | None) -> None:
    """A log keeps its name; another begins only with a key that was made for this very ledger."""
    own = signer.verifier
    if last and last.origin != own.name and own.text() not in published_keys(connection):
        raise Fork(
            f"refused to sign: the log is {last.origin}, the key is of {own.name}; put the log's own key in its place"
        )


def _root(connection: sa.Connection, size: int) -> bytes:
    return asked(connection, lambda node: merkle.root(size, node))


_FORK = (
    "refused to sign a fork: {where} holds a checkpoint of {before} entries, which this ledger of {size} does not extend:"
    " its database was restored to an earlier state, or rewritten. Restore the newer database. Where that is lost, so is"
    " this log: move {path} and {path}.last away, and `inforce key new --origin ANOTHER` begins a new one"
)
_REPLACED = (
    "refused to sign: {beside} holds no checkpoint signed with {path} ({why}): the key was replaced, or the file damaged;"
    " put both back from their backup"
)
_FORGOTTEN = (
    "refused to sign: {beside} is missing, the database has a checkpoint of {size} entries; put the file back, or, where"
    " this database is known to be the newest there ever was, `inforce checkpoint > {beside}`"
)
