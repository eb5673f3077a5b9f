"""The whole ledger as one file: every entry as stored, the documents as received, the idempotency keys, and what was signed."""

from base64 import b64encode
from typing import IO, Any

import sqlalchemy as sa

from events.envelope import Recorded, leaf_hash
from events.errors import Conflict
from events.merkle import Peaks
from events.reading import last_position, stream
from events.tables import event_key, instant_text
from services import database
from services.audit.lines import FORMAT, Writing
from services.audit.receipts import ordered
from services.audit.walking import Moved
from services.ingest.tables import command_answer, source_document
from services.projection.proof.checkpoints import latest, published_keys

s = source_document.c


class BrokenEntry(Conflict):
    """An entry is not the one that its leaf hash is of: what is exported could not be trusted."""


def export(engine: sa.Engine, file: IO[bytes], moved: Moved) -> int:
    """Writes the ledger as it is at one moment; how many events that are."""
    lines, tree = Writing(file), Peaks()
    lines.put({"format": FORMAT})
    with database.reading(engine) as connection:
        until = last_position(connection)
        for recorded in stream(connection, until=until):
            lines.put(_event(recorded))
            tree.add(recorded.leaf_hash)
            if tree.size % 1_000 == 0:
                moved(tree.size, until)
        counts = {"events": until, "sources": _sources(connection, lines), "keys": _keys(connection, lines)}
        signed = _signed(connection)
    lines.put({"end": counts, "root": b64encode(tree.root()).decode(), **signed})
    return until


def _signed(connection: sa.Connection) -> dict[str, Any]:
    """The latest checkpoint, and everyone's verifier key who ever signed: who takes the log over goes on from there."""
    last = latest(connection)
    if last is None:
        return {"checkpoint": None}
    keys = published_keys(connection)
    return {"checkpoint": last.note.decode(), "signed_at": instant_text(last.signed_at), "keys": keys}


def _event(recorded: Recorded) -> dict[str, Any]:
    """The entry as text: its bytes are that text in UTF-8."""
    if leaf_hash(recorded.entry) != recorded.leaf_hash:
        raise BrokenEntry(
            f"position {recorded.position}: the entry is not the one that its leaf hash is of: `inforce verify` says more"
        )
    return {
        "position": recorded.position,
        "recorded_at": instant_text(recorded.recorded_at),
        "leaf_hash": b64encode(recorded.leaf_hash).decode(),
        "entry": recorded.entry.decode(),
    }


def _sources(connection: sa.Connection, lines: Writing) -> int:
    number, after = 0, ""
    chosen = sa.select(source_document).order_by(s.sha256).limit(1)
    while row := connection.execute(chosen.where(s.sha256 > after)).first():
        after, number = row.sha256, number + 1
        content = b64encode(row.content).decode()
        about = {"media_type": row.media_type, "name": row.name, "kind": row.kind}
        lines.put({"source": row.sha256, **about, "content": content})
    return number


def _keys(connection: sa.Connection, lines: Writing) -> int:
    number = 0
    answered = sa.select(event_key, command_answer).outerjoin(command_answer, command_answer.c.key == event_key.c.key)
    for row in ordered(connection, answered):
        number += 1
        first, count = row.first_position, row.event_count
        at = {"recorded_at": instant_text(row.recorded_at), "digest": b64encode(row.digest).decode()}
        told = {"answer": row.answer.decode(), "version": row.version, "last": row.position} if row.answer else {}
        lines.put({"key": row.key, "first_position": first, "event_count": count, **at, **told})
    return number
