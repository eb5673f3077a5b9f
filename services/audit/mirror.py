"""A mirror's own ledger: what was verified is put in as it is there, with ingest's index and the documents."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

import orjson
import sqlalchemy as sa

from events.driver_errors import translated
from events.envelope import Recorded
from events.errors import Conflict, Rejected
from events.merkle import Peaks, peaks
from events.notes import Checkpoint
from events.restoring import OutOfPlace, hold, restore
from events.store import last_position
from services.audit import index
from services.audit.alarm import Alarm
from services.audit.entries import recorded
from services.audit.fetching import Remote
from services.ingest.tables import source_document
from services.projection import runner
from services.projection.proof import checkpoints, growing
from services.projection.proof.checkpoints import Signed
from services.projection.proof.tables import tree_checkpoint
from services.projection.proof.tree import asked
from services.projection.proof.upkeep import SIGNING
from services.projection.publish import cursors

s = source_document.c


class NotTheOnlyWriter(Conflict):
    """Somebody else appends to the mirror's log."""


def tree(engine: sa.Engine) -> Peaks:
    """The tree of the mirror's own log, up to its end."""
    growing.catch_up(engine)
    with translated(), engine.connect() as connection:
        size = last_position(connection)
        own: Peaks = asked(connection, lambda node: peaks(size, node))
        return own


def put(
    engine: sa.Engine, remote: Remote, after: int, entries: Sequence[bytes], times: Sequence[tuple[str, str]]
) -> None:
    """Appends entries that were verified, in one transaction; Alarm where they are no events, or not what the service tells."""
    events = _events(after, entries, times)
    with translated(), engine.begin() as connection:
        if hold(connection) != after:
            raise NotTheOnlyWriter(f"expected the log to end at position {after}: a mirror's log has one writer")
        try:
            restore(connection, events)
        except OutOfPlace as why:
            raise Alarm(f"what the service tells of its log is no log: {why}") from None
        for each in events:
            if each.type == "SourceReceived":
                _source(connection, remote, each)
        try:
            index.renew(connection, sorted({each.stream for each in events}))
        except index.Underivable as why:
            raise Alarm(f"its log holds what nobody could have recorded: {why}") from None


def _events(after: int, entries: Sequence[bytes], times: Sequence[tuple[str, str]]) -> list[Recorded]:
    if len(times) < len(entries):
        raise Alarm(f"the service tells of {len(times)} events after position {after}, its log has {len(entries)}")
    found = []
    for position, (entry, (id_, time)) in enumerate(zip(entries, times, strict=False), after + 1):
        try:
            event = recorded(position, _instant(time), entry)
        except (Rejected, ValueError) as why:
            raise Alarm(f"its log holds what is no event: {why}") from None
        if event.id != id_:
            raise Alarm(f"at position {position} the service tells of event {id_}, its log has {event.id}")
        found.append(event)
    return found


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return found


def _source(connection: sa.Connection, remote: Remote, event: Recorded) -> None:
    said = orjson.loads(event.entry)["event"]
    digest = said["sha256"]
    if connection.scalar(sa.select(s.sha256).where(s.sha256 == digest)) is not None:
        return
    content = remote.get(f"/v1/sources/{digest}/content")
    if sha256(content).hexdigest() != digest:
        raise Alarm(
            f"source {digest}: the service gives other bytes than the event at position {event.position} tells of"
        )
    row = {"sha256": digest, "media_type": said["media_type"], "name": said["name"], "content": content}
    connection.execute(sa.insert(source_document).values(row | ({"kind": said["kind"]} if said.get("kind") else {})))


def show(engine: sa.Engine, told: Checkpoint, note: bytes, keys: str, at: datetime) -> None:
    """Brings tree and read models up, and gives the log's own checkpoint out: a mirror signs nothing itself."""
    growing.catch_up(engine)
    runner.catch_up(engine)
    with translated(), engine.begin() as connection:
        last = checkpoints.latest(connection)
        if last is None or last.note != note:
            row = Signed((last.number if last else 0) + 1, told.origin, told.size, told.root, note, at)
            connection.execute(sa.insert(tree_checkpoint).values(row._asdict()))
            for key in reversed(keys.splitlines()):
                checkpoints.publish_key(connection, key)
    with translated(), engine.connect() as connection:
        cursors.move(connection, SIGNING, told.size)
