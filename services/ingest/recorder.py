"""Recording a document: receive, read, decide, append; whole or not at all."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from events.driver_errors import translated
from events.envelope import Pending, Sealed, seal
from events.errors import Rejected, Unavailable
from events.identifiers import new_id
from events.receipt import Key, Request, VersionConflict, checked
from events.store import append_sealed, stream_versions
from services.ingest import known, touches
from services.ingest.arrival import Document
from services.ingest.codes.grammars import read
from services.ingest.decide import decide
from services.ingest.facts import Source
from services.ingest.knowledge import TABLE
from services.ingest.mirrored import refuse
from services.ingest.recording import Outcome, Recording, earlier, recording
from services.ingest.sources.text import decode
from services.ingest.tables import source_document
from services.law.codes import shape
from services.law.days import london_day

TRIES = 8
BLOCK = 1_000
NAME_LIMIT, KEY_LIMIT = 255, 255

MEDIA_TYPES = ("text/plain",)
"""The forms of source that can be read."""


class UnknownMediaType(Rejected):
    """The source is of a form that cannot be read; the message names those that can."""

    problem = "unreadable-source"
    status = 415


class UnknownKindOfSource(Rejected):
    """The code does not say how far to believe such a kind of source; the message names those that it ranks."""

    problem = "bad-parameter"


class UnusableKey(Rejected):
    """The idempotency key is none that the log can hold."""

    problem = "bad-parameter"


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
    kind: str = TABLE,
) -> Recording:
    """Records what the document adds to the ledger, in one transaction; the same document again adds nothing."""
    if media_type not in MEDIA_TYPES:
        raise UnknownMediaType(f"found a source of type {media_type[:80]!r}; expected {', '.join(MEDIA_TYPES)}")
    if kind not in shape(code).precedence:
        expected = ", ".join(shape(code).precedence)
        raise UnknownKindOfSource(f"kind: found {kind[:80]!r}; expected one of {expected}")
    text = decode(data, max_bytes)
    reading = read(text, code)
    name = _printable(name)
    source = Source(hashlib.sha256(data).hexdigest(), text, actor)
    document = Document(source, name, media_type, len(data), reading, kind)
    request = _request(key, source.sha256, code, name, str(reread), kind) if key is not None else None
    for _ in range(TRIES):
        try:
            return recording(document, code, _record_once(engine, document, data, request, code, reread))
        except (_Overtaken, VersionConflict, IntegrityError):
            continue
    raise Unavailable(f"others kept recording {code} at the same time; nothing was written")


class _Overtaken(Exception):  # noqa: N818 - what happened
    """Somebody else recorded something of the code between our look and our append."""


def _printable(name: str) -> str:
    """A name as the log can hold it: what no screen shows, and what is no character, becomes a question mark."""
    shown = "".join(each if each.isprintable() else "?" for each in name[:NAME_LIMIT])
    return shown.encode(errors="replace").decode() or "document"


def _request(key: str, *words: str) -> Key:
    if not 0 < len(key) <= KEY_LIMIT or not key.isprintable():
        raise UnusableKey(f"Idempotency-Key: found {key[:80]!r}; expected 1 to {KEY_LIMIT} printable characters")
    return Key(key, hashlib.sha256("\n".join(words).encode()).digest())


def _record_once(
    engine: sa.Engine, document: Document, data: bytes, key: Key | None, code: str, reread: bool
) -> Outcome:
    """Decides on what is known and appends what follows; _Overtaken where that is no longer what is known."""
    sha256 = document.source.sha256
    with translated(), engine.begin() as connection:
        first = earlier(connection, key, code) if key else None
        if first is not None:
            return first
        refuse(connection)
        # Looked at first: whatever is recorded after it makes `move_on` refuse.
        seen = known.revision(connection, code)
        last = known.last_reading(connection, code, sha256)
        if last is not None and not reread:
            return _nothing_new(connection, key, last.recorded_at)
        decision = decide(
            shape(code), known.load(connection, code, sha256, document.reading), document, new_id, reread=reread
        )
        ready, expected = sealed_in_place(connection, decision.pending)
        if not ready:
            return _nothing_new(connection, key, last.recorded_at if last else None)
        # On SQLite the first write takes the only writer's place: all that can be done before has been.
        if not known.move_on(connection, code, seen):
            raise _Overtaken
        _keep(connection, document, data)
        touches.keep(connection, code, touches.touches(connection, code, ready))
        known.save(connection, code, [decision], london_day(datetime.now(UTC)), {each.id for each in ready})
        (receipt,) = append_sealed(connection, [Request([], expected, key)], [ready], datetime.now(UTC))
        return Outcome(receipt.positions, decision.versions, decision.conflicts, decision.warnings, receipt.recorded_at)


def _nothing_new(connection: sa.Connection, key: Key | None, recorded_at: datetime | None) -> Outcome:
    """Nothing is appended; the key is kept all the same, so that no other request can use it."""
    if key is not None:
        append_sealed(connection, [Request([], {}, key)], [[]], datetime.now(UTC))
    return Outcome(range(0), (), (), (), recorded_at)


def sealed_in_place(connection: sa.Connection, pending: Iterator[Pending]) -> tuple[list[Sealed], dict[str, int]]:
    """The decided events in their canonical bytes, and the versions of their streams that they build on."""
    ready: list[Sealed] = []
    expected: dict[str, int] = {}
    versions: dict[str, int] = {}
    written_at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    while block := list(islice(pending, BLOCK)):
        fresh = {each.stream for each in block} - versions.keys()
        found = stream_versions(connection, fresh) if fresh else {}
        expected |= found
        versions |= found
        for each in block:
            versions[each.stream] += 1
            ready.append(_fitted(checked(seal(each, versions[each.stream], written_at))))
    return ready, expected


def _fitted(event: Sealed) -> Sealed:
    """The same without the room that the serialiser left in its buffer: six times an entry, of 60,000 entries."""
    return event._replace(entry=bytes(memoryview(event.entry)))


def _keep(connection: sa.Connection, document: Document, data: bytes) -> None:
    own = source_document.c.sha256 == document.source.sha256
    if connection.scalar(sa.select(source_document.c.sha256).where(own)) is None:
        row = {
            "sha256": document.source.sha256,
            "media_type": document.media_type,
            "name": document.name,
            "content": data,
            "kind": document.kind,
        }
        connection.execute(sa.insert(source_document).values(row))
