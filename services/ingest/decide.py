"""What is known and what a document asserts, in; the events to append, out. Pure; the heart of the write side."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from events.catalogue import Event
from events.changes import DocumentLettered, ProvisionChange
from events.envelope import Pending, own_stream
from events.facts import SourceRead, SourceReceived, UnreadWords
from events.knowing_better import Claim, ConflictNoted, Correctable, FactCorrected, FactRetracted
from services.ingest.documents import Titles
from services.ingest.facts import Asserted, Source, asserted, digest, is_document, shortened
from services.ingest.reading import Reading, ReadVersion
from services.law.codes import Code
from services.law.references import reference

RULE = "first recorded stands until somebody decides"
UNREAD_KEPT, UNREAD_LIMIT = 200, 120


class KnownFact(NamedTuple):
    """A fact that is recorded: its event, the event that says it as it stands, a digest, its stream and its source."""

    event_id: str
    told_by: str
    digest: bytes
    stream: str
    sha256: str
    version: str


@dataclass
class Known:
    """What ingest knows of a code: facts by key, titles; `recall` gives the fact that an event tells."""

    facts: dict[str, KnownFact]
    titles: Titles
    recall: Callable[[str], Correctable]
    received: bool = False
    reader: str | None = None


class Noted(NamedTuple):
    """What the index of known facts is to hold for a key; null: the fact is gone."""

    key: str
    fact: KnownFact | None


@dataclass
class Decision:
    """The events to append, in order, and what changes in the index; conflicts and versions are counted as they come."""

    pending: Iterator[Pending]
    notes: list[Noted] = field(default_factory=list)
    titles: list[tuple[str, str, str, date | None]] = field(default_factory=list)
    conflicts: list[ConflictNoted] = field(default_factory=list)
    versions: list[str] = field(default_factory=list)


class Document(NamedTuple):
    """A document that was read: its source, name, media type, size in bytes, what it says."""

    source: Source
    name: str
    media_type: str
    size: int
    reading: Reading


def decide(
    code: Code, known: Known, document: Document, new_id: Callable[[], str], *, reread: bool = False
) -> Decision:
    """The events that record what the document adds to what is known; none where it adds nothing it was not read for before."""
    decision = Decision(iter(()))
    decision.pending = _events(_Writer(code, known, document, new_id, decision, reread))
    return decision


def _events(writer: "_Writer") -> Iterator[Pending]:
    """A document comes first as received and read; a repeated reading is told only with what it changes."""
    if not writer.known.received:
        yield from writer.arrival()
        yield from writer.rows()
    elif writer.reread:
        rows = writer.rows()
        first = next(rows, None)
        if first is not None:
            yield writer.told(None, writer.read())
            yield first
            yield from rows


class _Writer:
    """Goes through a document row by row and keeps what is known up to date with what it has decided."""

    def __init__(
        self, code: Code, known: Known, document: Document, new_id: Callable[[], str], decision: Decision, reread: bool
    ) -> None:
        self.code, self.known, self.document, self.reread = code, known, document, reread
        self._new_id, self._decision = new_id, decision
        self._fresh: dict[str, Event] = {}
        labels = Counter(row.label for row in document.reading.versions)
        self._doubled = {label for label, times in labels.items() if times > 1}
        self._keys: dict[str, list[str]] = defaultdict(list)
        for key, fact in known.facts.items():
            self._keys[fact.version].append(key)

    def arrival(self) -> Iterator[Pending]:
        """The document arrived, and was read."""
        source, document = self.document.source, self.document
        yield self.told(
            None,
            SourceReceived(
                code=self.code.id,
                actor=source.actor,
                sha256=source.sha256,
                media_type=document.media_type,
                name=shortened(document.name, 400),
                size=document.size,
            ),
        )
        yield self.told(None, self.read())

    def read(self) -> SourceRead:
        """How the document was read."""
        reading, source = self.document.reading, self.document.source
        days = [row.effective for row in reading.versions if row.effective]
        kept = [
            UnreadWords(
                text=shortened(each.text, UNREAD_LIMIT), spans=each.spans[:2], row=each.row, why=shortened(each.why, 80)
            )
            for each in reading.unread[:UNREAD_KEPT]
        ]
        return SourceRead(
            code=self.code.id,
            actor=source.actor,
            sha256=source.sha256,
            reader=reading.reader,
            rows=len(reading.versions),
            up_to_date_as_of=max(days, default=None),
            unread_count=len(reading.unread),
            unread=tuple(kept),
            warning_count=len(reading.warnings),
        )

    def rows(self) -> Iterator[Pending]:
        """What each row adds, contradicts or, read anew, corrects."""
        previous: str | None = None
        for row in self.document.reading.versions:
            facts = asserted(self.code, self.document.source, row, previous)
            if f"version/{row.label}" in self.known.facts:
                yield from self._compared(row, list(facts))
            else:
                self._decision.versions.append(row.label)
                for fact in facts:
                    yield from self._recorded(fact)
            previous = row.label

    def told(self, key: str | None, event: Event, stream: str | None = None) -> Pending:
        """The event on its way, and, under its key, in what is known."""
        pending = Pending(self._new_id(), stream or own_stream(event), event)
        if key is not None:
            version = getattr(event, "version", None) or ""
            self._note(
                key,
                KnownFact(pending.id, pending.id, digest(event), pending.stream, self.document.source.sha256, version),
            )
            if version in self._doubled:
                self._fresh[pending.id] = event
        return pending

    def _note(self, key: str, fact: KnownFact | None) -> None:
        self._decision.notes.append(Noted(key, fact))
        if fact is None:
            del self.known.facts[key]
        else:
            if key not in self.known.facts:
                self._keys[fact.version].append(key)
            self.known.facts[key] = fact

    def _recorded(self, fact: Asserted) -> Iterator[Pending]:
        event = fact.event
        if isinstance(event, ProvisionChange) and event.title:
            yield from self._lettered(event)
            event = self._placed(event)  # type: ignore[assignment]
            self._bears(event)
        yield self.told(fact.key, event)

    def _lettered(self, event: ProvisionChange) -> Iterator[Pending]:
        """The document of this title has a letter from now on, where the event is the first to give it one."""
        if not self._gives_letter(event):
            return
        titles, title = self.known.titles, str(event.title)
        documents = titles.documents(title)
        if not documents or titles.provisions(title) or documents[0].ref in titles.lettered:
            return
        titles.lettered[documents[0].ref] = (event.kind, event.ref)
        lettered = DocumentLettered(
            code=self.code.id,
            actor=event.actor,
            effective=event.effective,
            source=event.source,
            document=documents[0].ref,
            title=title,
            kind=event.kind,
            ref=event.ref,
            version=event.version,
        )
        yield self.told(f"lettering/{documents[0].ref}", lettered)

    def _gives_letter(self, event: ProvisionChange) -> bool:
        kind = self.code.kind(event.kind)
        if kind is None or not kind.lettered or event.action not in ("designated", "redesignated", "amended"):
            return False
        try:
            parsed = reference(kind, event.ref)
        except ValueError:
            return False
        return not parsed.holders and not parsed.is_range

    def _placed(self, event: ProvisionChange) -> ProvisionChange:
        """The event with the provision that its title names, where that is another than it says."""
        if not is_document(event):  # type: ignore[arg-type]
            return event
        titles, title = self.known.titles, str(event.title)
        lettered, documents = titles.provisions(title), titles.documents(title)
        if len(lettered) == 1:
            return event.model_copy(update={"provision": f"{lettered[0].kind}/{lettered[0].ref}"})
        if documents and documents[0].ref != event.ref:
            return event.model_copy(update={"provision": f"document/{documents[0].ref}"})
        return event

    def _bears(self, event: ProvisionChange) -> None:
        if is_document(event) or self._gives_letter(event):  # type: ignore[arg-type]
            title = str(event.title)
            if self.known.titles.note(title, event.kind, event.ref, event.effective):
                self._decision.titles.append((title, event.kind, event.ref, event.effective))

    def _compared(self, row: ReadVersion, facts: list[Asserted]) -> Iterator[Pending]:
        """A row whose version is known: nothing where it says the same, else what it corrects or contradicts."""
        said = {fact.key for fact in facts}
        for fact in facts:
            recorded = self.known.facts.get(fact.key)
            if recorded is None:
                yield from self._added(row, fact)
            elif recorded.digest != digest(fact.event):
                yield from self._differs(row, fact.key, recorded, fact.event)
        for key, recorded in self._of_version(row.label):
            if key not in said and not key.startswith(("lettering/", "conflict/")):
                yield from self._differs(row, key, recorded, None)

    def _of_version(self, label: str) -> list[tuple[str, KnownFact]]:
        keys = self._keys.get(label, ())
        return [(key, self.known.facts[key]) for key in keys if key in self.known.facts]

    def _corrects(self, recorded: KnownFact | None) -> bool:
        return self.reread and (recorded is None or recorded.sha256 == self.document.source.sha256)

    def _added(self, row: ReadVersion, fact: Asserted) -> Iterator[Pending]:
        version = self.known.facts[f"version/{row.label}"]
        if self._corrects(version):
            yield from self._recorded(fact)
        else:
            yield from self._conflict(row, fact.key, None, fact.event, version.stream)

    def _differs(self, row: ReadVersion, key: str, recorded: KnownFact, event: Event | None) -> Iterator[Pending]:
        if not self._corrects(recorded):
            yield from self._conflict(row, key, recorded, event, recorded.stream)
            return
        reason = f"{self.document.reading.reader} reads it otherwise than {self.known.reader}"
        common = {
            "code": self.code.id,
            "actor": self.document.source.actor,
            "supersedes": recorded.event_id,
            "reason": reason,
        }
        quoted = self.document.source.quotation(row.spans)
        if event is None:
            yield self.told(None, FactRetracted(**common, source=quoted), recorded.stream)
            self._note(key, None)
            return
        if isinstance(event, ProvisionChange):
            event = self._placed(event)  # type: ignore[assignment]
        corrected = FactCorrected(**common, source=event.source, effective=event.effective, fact=event)
        pending = self.told(None, corrected, recorded.stream)
        self._note(key, recorded._replace(told_by=pending.id, digest=digest(event)))
        yield pending

    def _conflict(
        self, row: ReadVersion, key: str, recorded: KnownFact | None, event: Event | None, stream: str
    ) -> Iterator[Pending]:
        """Both claims are kept, what was recorded stands; a contradiction is noted once."""
        mark = digest(event).hex() if event is not None else "absent"
        conflict_key = f"conflict/{key}/{mark}"
        if conflict_key in self.known.facts:
            return
        stands = self._recall(recorded.told_by) if recorded else None
        other = Claim(source=self.document.source.quotation(row.spans) if event is None else event.source, fact=event)
        noted = ConflictNoted(
            code=self.code.id,
            actor=self.document.source.actor,
            effective=row.effective,
            source=other.source,
            about=key,
            recorded=recorded.event_id if recorded else None,
            version=row.label,
            claims=(Claim(source=stands.source if stands else None, fact=stands), other),
            used=0,
            rule=RULE,
        )
        self._decision.conflicts.append(noted)
        yield self.told(conflict_key, noted, stream)

    def _recall(self, event_id: str) -> Correctable:
        return self._fresh.get(event_id) or self.known.recall(event_id)  # type: ignore[return-value]
