"""A ledger on paper: documents made by hand are decided on what it holds, and what follows is kept as the index keeps it."""

import hashlib
from collections.abc import Sequence
from datetime import date
from itertools import count
from typing import Any

from events.envelope import Pending
from events.facts import SourceRead, SourceReceived
from events.knowing_better import FactCorrected
from services.ingest.arrival import Document
from services.ingest.decide import Decision, decide
from services.ingest.documents import Titled
from services.ingest.facts import Source
from services.ingest.knowledge import Bearing, Known, KnownFact
from services.ingest.reading import Coverage, ReadChange, Reading, ReadInstrument, ReadTopic, ReadVersion
from services.law.described.sec import CODE as SEC

SOS = "Secretary of State"
ONE = ((0, 4),)


def act(authority: str = SOS, **said: Any) -> ReadInstrument:
    given = {
        "legal_basis": (),
        "base_version": None,
        "base_inferred": False,
        "proposals": (),
        "decided_on": None,
        "effective": None,
        "spans": ONE,
    } | said
    return ReadInstrument(authority, **given)


def did(action: str, provision: str, title: str | None = None, **said: Any) -> ReadChange:
    kind, _, ref = provision.partition("/")
    given = {
        "spec": None,
        "spec_version": None,
        "alongside": False,
        "exclusions": (),
        "proposal": None,
        "instrument": 0,
        "spans": ONE,
    } | said
    return ReadChange(action, kind, ref, title, **given)


def document(action: str, title: str, **said: Any) -> ReadChange:
    return did(action, f"document/{title.lower().replace(' ', '-')}", title, **said)


def topic(text: str, at: int = 9) -> ReadTopic:
    return ReadTopic(text, ((at, at + 1),), 0)


def row(
    label: str,
    day: str | None,
    *changes: ReadChange,
    acts: Sequence[ReadInstrument] = (act(),),
    topics: Sequence[ReadTopic] = (),
) -> ReadVersion:
    return ReadVersion(label, date.fromisoformat(day) if day else None, tuple(acts), changes, tuple(topics), ONE)


class Ledger:
    """Keeps events and index in memory, and tells what each document adds."""

    def __init__(self) -> None:
        self.events: list[Pending] = []
        self.last: Decision | None = None
        self._facts: dict[str, KnownFact] = {}
        self._bearings: list[Bearing] = []
        self._readers: dict[str, str] = {}
        self._kinds: dict[str, str] = {}
        self._ids = (f"id-{number:05}" for number in count(1))

    def take(
        self, *rows: ReadVersion, text: str = "", reader: str = "r/1", reread: bool = False, kind: str = "table"
    ) -> list[Pending]:
        """The events that a document of these rows adds; other text is another document."""
        text = text or repr(rows)
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        reading = Reading("sec", reader, rows, Coverage(0, 0), (), ())
        known = self._known(sha256, reading)
        paper = Document(Source(sha256, text, "t"), "paper", "text/plain", len(text), reading, kind)
        self.last = decide(SEC, known, paper, lambda: next(self._ids), reread=reread)
        added = list(self.last.pending)
        if added:
            self._readers[sha256] = reader
            self._kinds.setdefault(sha256, kind)
        self.events += added
        self._bearings += self.last.bearings
        for key, fact in self.last.notes.items():
            if fact is None:
                del self._facts[key]
            else:
                self._facts[key] = fact
        return added

    def facts(self) -> list[dict[str, Any]]:
        """What is recorded, but for sources and for what differs from one recording to the next."""
        own = (each.event for each in self.events if not isinstance(each.event, SourceReceived | SourceRead))
        told = [each.model_dump(mode="json", exclude={"source", "actor", "causation_id"}) for each in own]
        return sorted(told, key=repr)

    def _known(self, sha256: str, reading: Reading) -> Known:
        known = Known(self._recall)
        for key, fact in sorted(self._facts.items(), key=lambda item: item[1].event_id):
            known.note(key, fact)
        for each in self._bearings:
            known.titles.note(each.title, Titled(each.kind, each.ref, each.since))
        known.titles.lettered = {key.removeprefix("lettering/") for key in self._facts if key.startswith("lettering/")}
        known.kinds = dict(self._kinds)
        known.received = sha256 in self._readers
        known.reader = self._readers.get(sha256)
        first = reading.versions[0] if reading.versions else None
        if first and first.effective and f"version/{first.label}" not in self._facts:
            before = [f for f in self._facts.values() if f.since and f.since <= first.effective]
            known.preceding = max(before, key=lambda f: (f.since, f.event_id)).version if before else None
        return known

    def _recall(self, event_id: str) -> Any:
        event = next(each.event for each in self.events if each.id == event_id)
        return event.fact if isinstance(event, FactCorrected) else event


def told(events: Sequence[Pending]) -> list[str]:
    """Type and stream of each event, the source's own left out."""
    return [f"{each.event.type} {each.stream}" for each in events if not each.stream.startswith("source/")]
