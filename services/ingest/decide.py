"""What is known and what a document asserts, in; the events to append, out. Pure; the heart of the write side."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from events.catalogue import Event
from events.changes import DocumentLettered, ProvisionChange
from events.envelope import Pending, own_stream
from events.facts import CodeDesignated
from events.knowing_better import ConflictNoted, Correctable, FactCorrected, FactRetracted
from services.ingest.arrival import Document, arrival, read_event
from services.ingest.comparing import Pair, pairs
from services.ingest.contradiction import contradiction, mark
from services.ingest.documents import title_key
from services.ingest.facts import Asserted, Digests, Source, asserted, check, digests, too_long
from services.ingest.followers import day_moved, following
from services.ingest.knowledge import Bearing, Known, KnownChange, KnownFact, family_of
from services.ingest.lettering import Letters, gives_letter
from services.ingest.reading import ReadVersion, Warned
from services.law.following import Moved
from services.law.precedence import overrules
from services.law.shapes import Code

_NO_FACTS = ("conflict/", "lettering/", "source/")


@dataclass
class Decision:
    """The events to append, in order, and what follows beside them; all but the events is there once they have been taken."""

    pending: Iterator[Pending]
    notes: dict[str, KnownFact | None] = field(default_factory=dict)
    replaced: set[str] = field(default_factory=set)
    bearings: list[Bearing] = field(default_factory=list)
    changes: dict[str, KnownChange | None] = field(default_factory=dict)
    warnings: list[Warned] = field(default_factory=list)
    conflicts: list[tuple[str, ConflictNoted]] = field(default_factory=list)
    versions: list[str] = field(default_factory=list)


class _Why(NamedTuple):
    """Why something recorded is said otherwise now, and the event that this follows from."""

    reason: str
    cause: str


def decide(
    code: Code, known: Known, document: Document, new_id: Callable[[], str], *, reread: bool = False
) -> Decision:
    """The events that record what the document adds to what is known, made as they are taken; `known` moves along."""
    decision = Decision(iter(()))
    decision.pending = _Walk(code, known, document, new_id, decision, reread).events()
    return decision


class _Walk:
    """Goes through a document row by row and keeps what is known up to date with what it has decided."""

    def __init__(
        self, code: Code, known: Known, document: Document, new_id: Callable[[], str], decision: Decision, reread: bool
    ) -> None:
        self._code, self._known, self._document, self._reread = code, known, document, reread
        self._new_id, self._decision = new_id, decision
        self._read_as = new_id()
        self._source: Source = document.source._replace(cause=self._read_as)
        known.kinds.setdefault(document.source.sha256, document.kind)
        labels = Counter(row.label for row in document.reading.versions)
        self._doubled = {label for label, times in labels.items() if times > 1}
        self._passed: set[str] = set()
        self._fresh: dict[str, Event] = {}

    def events(self) -> Iterator[Pending]:
        """A new document is first received and read; one read again is told of only where that changes something."""
        if not self._known.received:
            received = arrival(self._code, self._document)
            yield Pending(self._new_id(), own_stream(received), received)
            yield self._reading()
            yield from self._rows()
        elif self._reread:
            told = self._rows()
            first = next(told, None)
            if first is not None:
                yield self._reading()
                yield first
                yield from told

    def _reading(self) -> Pending:
        event, sha256 = read_event(self._code, self._document), self._source.sha256
        stream = own_stream(event)
        self._note(f"source/{sha256}", KnownFact(self._read_as, self._read_as, b"", b"", stream, sha256, ""))
        return Pending(self._read_as, stream, event)

    def _rows(self) -> Iterator[Pending]:
        previous: str | None = None
        for number, row in enumerate(self._document.reading.versions):
            check(row)
            self._decision.warnings += [_too_long(row, read.ref) for read in row.changes if too_long(read)]
            previous = previous if number else self._preceding(row)
            letters = Letters(self._code, self._known.titles, row)
            facts = asserted(self._code, self._source, row, previous)
            if f"version/{row.label}" in self._known.facts:
                yield from self._compared(row, list(facts), letters)
            else:
                self._decision.versions.append(row.label)
                for fact in facts:
                    yield from self._recorded(fact, letters)
            self._decision.warnings += letters.warnings
            self._passed.add(row.label)
            previous = row.label
        self._decision.warnings += [_missing(label, day) for label, day in self._known.unlisted]
        if self._reread:
            yield from self._vanished()

    def _preceding(self, row: ReadVersion) -> str | None:
        """The version before a row that has none before it in its document."""
        recorded = self._known.facts.get(f"version/{row.label}")
        if recorded is None:
            return self._known.preceding
        return getattr(self._known.recall(recorded.told_by), "previous", None)

    def _recorded(self, fact: Asserted, letters: Letters) -> Iterator[Pending]:
        lettered = letters.lettered(fact.event)
        if lettered is not None:
            yield self._told(f"lettering/{lettered.document}", lettered)
        event = letters.placed(fact.event)
        pending = self._told(fact.key, event)
        self._bears(event, pending.id, letters)
        yield pending

    def _told(self, key: str, event: Event, stream: str | None = None, says: Digests | None = None) -> Pending:
        """The event on its way and, under its key, in what is known."""
        pending = Pending(self._new_id(), stream or own_stream(event), event)
        said, whole = says or digests(event)
        version = getattr(event, "version", None) or ""
        since = event.effective if key.startswith("version/") else None
        sha256 = self._source.sha256
        self._note(key, KnownFact(pending.id, pending.id, said, whole, pending.stream, sha256, version, since))
        self._changed(pending.id, pending, event)
        if version in self._doubled:
            self._fresh[pending.id] = event
        return pending

    def _changed(self, event_id: str, told: Pending, event: Event) -> None:
        if isinstance(event, CodeDesignated | ProvisionChange):
            family = family_of(self._code, event)
            cancelled = event_id in self._known.cancelled
            now = KnownChange(event_id, told.id, told.stream, *family, event.effective, cancelled)
            self._decision.changes[event_id] = now
        elif event_id != told.id:
            # An act on the code as it is, that was taken for its founding before.
            self._decision.changes[event_id] = None

    def _note(self, key: str, fact: KnownFact | None) -> None:
        if key in self._known.facts or (key.startswith("source/") and self._known.received):
            self._decision.replaced.add(key)
        self._decision.notes[key] = fact
        # Only a row that comes once more in this document, or is corrected by it, is looked up again.
        if fact is None or key in self._known.facts or fact.version in self._doubled:
            self._known.note(key, fact)

    def _bears(self, event: Event, event_id: str, letters: Letters) -> None:
        if letters.bears(event) and isinstance(event, ProvisionChange):
            bearing = Bearing(str(event.title), event.kind, event.ref, event.effective, event_id)
            self._decision.bearings.append(bearing)

    def _compared(self, row: ReadVersion, facts: list[Asserted], letters: Letters) -> Iterator[Pending]:
        """A row whose version is known: nothing where it says the same, else what it corrects or contradicts."""
        before = self._known.of_version(row.label)
        recorded = {k: f for k, f in before.items() if not k.startswith(_NO_FACTS)}
        version = recorded[f"version/{row.label}"]
        self._shifts: list[tuple[Moved, _Why]] = []
        for pair in pairs(recorded, facts):
            owner = pair.recorded or version
            if self._corrects(row, owner):
                yield from self._reconsidered(row, pair, letters)
            elif not pair.agrees:
                yield from self._contradicted(row, pair, owner, letters)
        if self._corrects(row, version):
            yield from self._letters_again(row)
        for shift, why in self._shifts:
            yield from self._followed(row, shift, why, {fact.told_by for fact in before.values()})

    def _corrects(self, row: ReadVersion, recorded: KnownFact) -> bool:
        """Only the source of a fact can correct it, and only its first row of that label."""
        return self._reread and recorded.sha256 == self._source.sha256 and row.label not in self._passed

    def _reconsidered(self, row: ReadVersion, pair: Pair, letters: Letters) -> Iterator[Pending]:
        if pair.fact is None:
            if pair.recorded is not None:
                yield self._retracted(pair.key, pair.recorded, row, self._reread_so())
        elif pair.recorded is None:
            yield from self._recorded(Asserted(pair.key, pair.fact), letters)
        elif pair.recorded.whole != pair.says.whole:
            yield from self._corrected(pair.key, pair.recorded, pair.fact, letters, self._reread_so())

    def _corrected(self, key: str, recorded: KnownFact, event: Event, letters: Letters, why: _Why) -> Iterator[Pending]:
        lettered = letters.lettered(event)
        if lettered is not None:
            yield self._told(f"lettering/{lettered.document}", lettered)
        event = letters.placed(event)
        pending = self._superseded(key, recorded, event, why)
        self._bears(event, pending.id, letters)
        yield pending

    def _superseded(self, key: str, recorded: KnownFact, event: Event, why: _Why) -> Pending:
        corrected = FactCorrected(
            code=self._code.id,
            actor=self._source.actor,
            causation_id=why.cause,
            effective=event.effective,
            source=event.source,
            supersedes=recorded.event_id,
            fact=event,
            reason=why.reason,
        )
        pending = Pending(self._new_id(), recorded.stream, corrected)
        said, whole = digests(event)
        since = event.effective if recorded.since is not None or key.startswith("version/") else None
        sha256 = self._source.sha256
        self._note(key, recorded._replace(told_by=pending.id, said=said, whole=whole, sha256=sha256, since=since))
        if recorded.version in self._doubled:
            self._fresh[pending.id] = event
        self._changed(recorded.event_id, pending, event)
        return pending

    def _retracted(self, key: str, recorded: KnownFact, row: ReadVersion | None, why: _Why) -> Pending:
        self._note(key, None)
        self._decision.changes[recorded.event_id] = None
        event = FactRetracted(
            code=self._code.id,
            actor=self._source.actor,
            causation_id=why.cause,
            source=self._source.quotation(row.spans) if row else None,
            supersedes=recorded.event_id,
            reason=why.reason,
        )
        return Pending(self._new_id(), recorded.stream, event)

    def _reread_so(self) -> _Why:
        return _Why(f"{self._document.reading.reader} reads it otherwise than {self._known.reader}", self._read_as)

    def _vanished(self) -> Iterator[Pending]:
        """What only this source told, of rows that it is now read to not hold."""
        for label in self._known.versions():
            if label in self._passed:
                continue
            for key, fact in self._known.of_version(label).items():
                if fact.sha256 == self._source.sha256 and not key.startswith(("conflict/", "source/")):
                    yield self._retracted(key, fact, None, self._reread_so())

    def _letters_again(self, row: ReadVersion) -> Iterator[Pending]:
        """Letters that a row of this source gave, and as read now does not."""
        given = {
            (read.kind, read.ref, title_key(read.title))
            for read in row.changes
            if read.title and gives_letter(self._code, read)
        }
        for key, fact in self._known.of_version(row.label).items():
            if key.startswith("lettering/") and fact.sha256 == self._source.sha256:
                told = self._recall(fact.told_by)
                if (
                    isinstance(told, DocumentLettered)
                    and (told.kind, told.ref, title_key(told.title or "")) not in given
                ):
                    self._known.titles.lettered.discard(told.document)
                    yield self._retracted(key, fact, row, self._reread_so())

    def _contradicted(self, row: ReadVersion, pair: Pair, owner: KnownFact, letters: Letters) -> Iterator[Pending]:
        """Both claims are kept, once; where the newcomer's stands by the kind of its source, what is recorded follows."""
        key = mark(pair)
        if key in self._known.facts:
            return
        stands = self._recall(pair.recorded.told_by) if pair.recorded else None
        kinds = self._known.kind_of(owner.sha256), self._known.kind_of(self._source.sha256)
        noted = contradiction(self._code, self._source, row, pair, stands, kinds)
        pending = self._told(key, noted, owner.stream, Digests(b"", b""))
        self._decision.conflicts.append((pending.id, noted))
        yield pending
        if noted.used:
            yield from self._overruled(row, pair, stands, letters, _Why(noted.rule, pending.id))

    def _overruled(
        self, row: ReadVersion, pair: Pair, stands: Correctable | None, letters: Letters, why: _Why
    ) -> Iterator[Pending]:
        if pair.fact is None and pair.recorded is not None:
            yield self._retracted(pair.key, pair.recorded, row, why)
        elif pair.fact is not None and pair.recorded is not None and stands is not None:
            yield from self._corrected(pair.key, pair.recorded, pair.fact, letters, why)
            shift = day_moved(stands, pair.fact, row.effective)  # type: ignore[arg-type]
            self._shifts += [(shift, why)] if shift else []
        elif pair.fact is not None:
            yield from self._recorded(Asserted(pair.key, pair.fact), letters)

    def _followed(self, row: ReadVersion, shift: Moved, why: _Why, told_before: set[str]) -> Iterator[Pending]:
        """What took its day from a version or an instrument that is of another day now, where the row does not say otherwise."""
        facts = [
            (key, fact, self._recall(fact.told_by))
            for key, fact in self._known.of_version(row.label).items()
            if not key.startswith(("conflict/", "source/")) and fact.told_by in told_before
        ]
        for key, fact, event in following(shift, facts):
            if not overrules(self._code, *map(self._known.kind_of, (fact.sha256, self._source.sha256))):
                yield self._superseded(key, fact, event, why)

    def _recall(self, event_id: str) -> Correctable:
        return self._fresh.get(event_id) or self._known.recall(event_id)  # type: ignore[return-value]


def _missing(label: str, day: date) -> Warned:
    message = f"version {label} is recorded with the legal day {day}, between those of this document's rows; it has no such row"
    return Warned("row-missing", message, label, ())


def _too_long(row: ReadVersion, ref: str) -> Warned:
    message = f"version {row.label}: a change to {ref[:80]!r} is longer than the log holds and is not recorded"
    return Warned("too-long", message, row.label, row.spans)
