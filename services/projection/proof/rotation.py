"""The life of a log's signing key: made once, joined by a new one that signs beside it for a time, retired."""

from pathlib import Path

import sqlalchemy as sa

from events import notes
from events.errors import Rejected
from events.notes import BadNote, Signer, Verifier
from services.projection import followed
from services.projection.proof import keys
from services.projection.proof.checkpoints import latest, publish_key
from services.projection.proof.tables import tree_checkpoint


class KeyKept(Rejected):
    """A log that has checkpoints keeps its key; a key that nothing replaces yet goes on signing."""


def begin(connection: sa.Connection, path: Path, origin: str | None = None) -> Signer:
    """Makes the key of a log without checkpoints; of one that has some only under another origin: that begins a new log."""
    if mirrored := followed.row(connection):
        raise KeyKept(
            f"this ledger mirrors {mirrored.url}, whose checkpoints it gives out: it has no key and signs nothing"
        )
    last = latest(connection)
    if last and (origin is None or _used(connection, origin)):
        raise KeyKept(
            f"the log {last.origin} has checkpoints, the last of {last.size} entries: its own key belongs at {path}, put it"
            " there; `--origin ANOTHER` begins a new log, which nobody can connect with this one"
        )
    signer = keys.make(path, origin or keys.new_origin())
    publish_key(connection, signer.verifier.text())
    return signer


def ensure(connection: sa.Connection, path: Path, origin: str | None = None) -> list[Signer]:
    """The signers in the key file; made where there is none and the log has no checkpoints, else the refusal says what is wrong."""
    if path.exists():
        return keys.load(path)
    return [begin(connection, path, origin)]


def rotate(connection: sa.Connection, path: Path) -> Signer:
    """Adds a new key of the same origin, which signs beside the old one until that is retired."""
    signers = keys.load(path)
    if len(signers) == keys.MOST:
        raise KeyKept(f"{keys.MOST} keys sign at once already: `inforce key retire` ends the older ones")
    added = keys.new_signer(signers[0].verifier.name)
    keys.rewrite(path, [added, *signers])
    publish_key(connection, added.verifier.text())
    return added


def retire(path: Path) -> list[Verifier]:
    """Ends all keys but the newest, once that has signed; they stay published. Those ended."""
    newest, *older = keys.load(path)
    if not older:
        raise KeyKept(f"{path} has one key: `inforce key rotate` adds the one that shall follow it")
    try:
        notes.opened(keys.last_file(path).read_bytes(), [newest.verifier])
    except (BadNote, FileNotFoundError):
        raise KeyKept(
            f"the new key {newest.verifier.text()} has signed nothing yet: wait for a checkpoint with its signature"
        ) from None
    keys.rewrite(path, [newest])
    return [each.verifier for each in older]


def _used(connection: sa.Connection, origin: str) -> bool:
    c = tree_checkpoint.c
    return connection.execute(sa.select(c.number).where(c.origin == origin).limit(1)).first() is not None
