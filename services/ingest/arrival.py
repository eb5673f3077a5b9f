"""A document that came: what is told of its arrival and of how it was read. Pure."""

from collections.abc import Iterator
from typing import NamedTuple

from events.envelope import canonical
from events.facts import SourceRead, SourceReceived, UnreadWords
from services.ingest.facts import Source, shortened
from services.ingest.knowledge import TABLE
from services.ingest.reading import Reading, Unread
from services.law.shapes import Code

UNREAD_KEPT, UNREAD_BYTES, WORDS_KEPT = 200, 48_000, 500


class Document(NamedTuple):
    """A document that was read: its source, name, media type, size in bytes, what it says, the kind of source that it is."""

    source: Source
    name: str
    media_type: str
    size: int
    reading: Reading
    kind: str = TABLE


def arrival(code: Code, document: Document) -> SourceReceived:
    """The document arrived."""
    return SourceReceived(
        code=code.id,
        actor=document.source.actor,
        sha256=document.source.sha256,
        media_type=document.media_type,
        name=document.name,
        size=document.size,
        kind=document.kind,
    )


def read_event(code: Code, document: Document) -> SourceRead:
    """How the document was read: as many of its first 200 unread words are kept as an entry of the log holds."""
    reading = document.reading
    days = [row.effective for row in reading.versions if row.effective]
    return SourceRead(
        code=code.id,
        actor=document.source.actor,
        sha256=document.source.sha256,
        reader=reading.reader,
        rows=len(reading.versions),
        up_to_date_as_of=max(days, default=None),
        unread_count=len(reading.unread),
        unread=tuple(_kept(reading.unread[:UNREAD_KEPT])),
        warning_count=len(reading.warnings),
    )


def _kept(unread: tuple[Unread, ...]) -> Iterator[UnreadWords]:
    left = UNREAD_BYTES
    for each in unread:
        words, why = shortened(each.text, WORDS_KEPT), shortened(each.why, WORDS_KEPT)
        kept = UnreadWords(text=words, spans=each.spans[:10], row=each.row, why=why)
        left -= len(canonical(kept.model_dump(mode="json")))
        if left < 0:
            return
        yield kept
