"""Recording a document: receive, read, decide, append; whole or not at all."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from events.driver_errors import translated
from events.envelope import Sealed, seal
from events.errors import Conflict, Rejected, Unavailable
from events.identifiers import new_id
from events.knowing_better import ConflictNoted
from events.receipt import Key, Receipt, Request, checked
from events.store import append_sealed, stream_versions
from services.ingest import known
from services.ingest.codes.grammars import read
from services.ingest.decide import Decision, Document, KnownFact, Noted, decide
from services.ingest.facts import Source
from services.ingest.reading import plain
from services.ingest.sources.text import decode
from services.ingest.tables import source_document
from services.law.codes import shape

TRIES = 8
BLOCK = 1_000

MEDIA_TYPES = ("text/plain",)
"""The forms of source that can be read."""


class UnknownMediaType(Rejected):
    """The source is of a form that cannot be read."""

    problem = "unreadable-source"


@dataclass(frozen=True, slots=True)
class Recording:
    """What became of a document: what is new in the log, what was not read, what contradicts what is known."""

    source: dict[str, Any]
    code: str
    reader: str
    new_events: int
    positions: tuple[int, int] | None
    versions: tuple[str, ...]
    unread: list[Any]
    warnings: list[Any]
    conflicts: list[dict[str, Any]]
    recorded_at: datetime | None

    def plain(self) -> dict[str, Any]:
        """As REST gives it."""
        recorded = self.recorded_at.isoformat().replace("+00:00", "Z") if self.recorded_at else None
        return {
            "source": self.source,
            "code": self.code,
            "reader": self.reader,
            "new_events": self.new_events,
            "positions": list(self.positions or ()),
            "versions": list(self.versions),
            "unread": self.unread,
            "warnings": self.warnings,
            "conflicts": self.conflicts,
            "recorded_at": recorded,
        }


def record(
    engine: sa.Engine,
    data: bytes,
    name: str,
    code: str,
    *,
    media_type: str = "text/plain",
    actor: str,
    max_bytes: int,
    reread: bool = False,
    key: str | None = None,
) -> Recording:
    """Records what the document adds to the ledger, in one transaction; the same document again adds nothing."""
    if media_type not in MEDIA_TYPES:
        raise UnknownMediaType(f"a source of {media_type[:80]!r} cannot be read; expected {', '.join(MEDIA_TYPES)}")
    text = decode(data, max_bytes)
    reading = read(text, code)
    source = Source(hashlib.sha256(data).hexdigest(), text, actor)
    document = Document(source, name, media_type, len(data), reading)
    request = Key(key, _request_digest(source.sha256, code, name, reread)) if key else None
    for _ in range(TRIES):
        try:
            return _record_once(engine, document, data, request, code, reread)
        except _Overtaken:
            continue
    raise Unavailable(f"others kept recording {code} at the same time; nothing was written")


class _Overtaken(Exception):  # noqa: N818 - what happened
    """Another writer recorded something of the code between our look and our append."""


def _request_digest(sha256: str, code: str, name: str, reread: bool) -> bytes:
    return hashlib.sha256("\n".join((sha256, code, name, str(reread))).encode()).digest()


def _record_once(
    engine: sa.Engine, document: Document, data: bytes, key: Key | None, code: str, reread: bool
) -> Recording:
    labels = [row.label for row in document.reading.versions]
    try:
        with translated(), engine.begin() as connection:
            index = known.load(connection, code, document.source.sha256, labels)
            decision = decide(shape(code), index, document, new_id, reread=reread)
            ready, expected = _sealed(connection, decision)
            if ready:
                _arrived(decision, ready, document.source.sha256)
                _keep(connection, document, data)
                known.save(connection, code, decision.notes, decision.titles)
            if not ready and key is None:
                return _recording(document, code, decision, 0, None)
            sent_at = datetime.now(UTC)
            (receipt,) = append_sealed(connection, [Request([], expected, key)], [ready], sent_at)
    except IntegrityError as error:
        raise _Overtaken from error
    except Conflict as conflict:
        if hasattr(conflict, "stream"):
            raise _Overtaken from conflict
        raise
    return _recording(document, code, decision, len(ready), receipt)


def _sealed(connection: sa.Connection, decision: Decision) -> tuple[list[Sealed], dict[str, int]]:
    """The decided events in their canonical bytes, and the versions of their streams that they build on."""
    ready: list[Sealed] = []
    expected: dict[str, int] = {}
    versions: dict[str, int] = {}
    written_at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    pending = decision.pending
    while block := list(islice(pending, BLOCK)):
        fresh = {each.stream for each in block} - versions.keys()
        found = stream_versions(connection, fresh) if fresh else {}
        expected |= found
        versions |= found
        for each in block:
            versions[each.stream] += 1
            ready.append(checked(seal(each, versions[each.stream], written_at)))
    return ready, expected


def _arrived(decision: Decision, ready: list[Sealed], sha256: str) -> None:
    """Notes by which event the source was last read."""
    for event in ready[:2]:
        if event.type == "SourceRead":
            fact = KnownFact(ready[0].id, event.id, b"", event.stream, sha256, "")
            decision.notes.append(Noted(f"source/{sha256}", fact))


def _keep(connection: sa.Connection, document: Document, data: bytes) -> None:
    own = source_document.c.sha256 == document.source.sha256
    if connection.scalar(sa.select(source_document.c.name).where(own)) is None:
        row = {
            "sha256": document.source.sha256,
            "media_type": document.media_type,
            "name": document.name,
            "content": data,
        }
        connection.execute(sa.insert(source_document).values(row))


def _recording(
    document: Document, code: str, decision: Decision, new_events: int, receipt: Receipt | None
) -> Recording:
    reading = document.reading
    positions = receipt.positions if receipt else range(0)
    return Recording(
        source={
            "sha256": document.source.sha256,
            "name": document.name,
            "media_type": document.media_type,
            "chars": len(document.source.text),
            "size": document.size,
        },
        code=code,
        reader=reading.reader,
        new_events=new_events if positions else 0,
        positions=(positions[0], positions[-1]) if positions else None,
        versions=tuple(decision.versions) if positions else (),
        unread=plain(reading.unread),
        warnings=plain(reading.warnings),
        conflicts=[_conflict(each) for each in decision.conflicts],
        recorded_at=receipt.recorded_at if receipt else None,
    )


def _conflict(noted: ConflictNoted) -> dict[str, Any]:
    return noted.model_dump(mode="json", include={"about", "version", "recorded", "claims", "used", "rule"})
