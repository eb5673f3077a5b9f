"""What ingest's index must hold, from the events of whole streams alone: ingest's own rules, applied to what is recorded.

Later knowledge goes to the stream of its fact, and what only its order tells apart is in one stream: each stands by itself.
"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from itertools import count
from typing import Any, NamedTuple, cast

import orjson

from events.catalogue import EVENT_CLASSES
from events.changes import ProvisionChange
from events.envelope import Recorded
from events.facts import CodeDesignated, Instrument
from events.proposing import ProposalStep
from services.ingest.documents import title_key
from services.ingest.facts import Digests, digests_of, numbered, step_key
from services.ingest.knowledge import Bearing, KnownChange, KnownFact, stem
from services.ingest.lettering import gives_letter
from services.ingest.touches import LATER, about, carried
from services.law.codes import shape
from services.law.days import london_day
from services.law.references import parse

Said = Mapping[str, Any]
"""An event's fields as its entry has them."""

_CHANGES = {name: cls.action for name, cls in EVENT_CLASSES.items() if issubclass(cls, ProvisionChange)}
_INSTRUMENTS = {name for name, cls in EVENT_CLASSES.items() if issubclass(cls, Instrument)}
_STEPS = {name: cls.step for name, cls in EVENT_CLASSES.items() if issubclass(cls, ProposalStep)}
_FOUNDING = CodeDesignated.__name__
_EMPTY = Digests(b"", b"")


class Stood(NamedTuple):
    """A change as it stands, and whether its day is still to come."""

    change: KnownChange
    awaited: bool


Recall = Callable[[str], Said]
"""The fields of another event, by its id; empty where the log has none."""


class Derived:
    """What the streams of one code hold: facts by key, changes by event, titles borne."""

    def __init__(self, code: str, recall: Recall) -> None:
        self.code, self._recall = code, recall
        self.facts: dict[str, KnownFact] = {}
        self.changes: dict[str, Stood] = {}
        self.titles: dict[str, Bearing] = {}
        self.moved: set[str] = set()
        """Instruments whose day was moved: what a document has to say of them depends on their version's day then."""
        self.touches: dict[str, set[str]] = {}
        """Instruments by the events that tell more of what they did, in other streams than their own."""
        self._carried: dict[str, tuple[str, ...]] = {}
        self._keys: dict[str, str] = {}
        self._told: dict[str, Said] = {}
        self._cancelled: set[str] = set()
        self._borne: set[tuple[str, str, str]] = set()

    def add(self, recorded: Recorded) -> None:
        """Takes in the next event of a stream."""
        said = orjson.loads(recorded.entry)["event"]
        if said["type"] in LATER:
            self._touched(recorded, said)
        match said["type"]:
            case "FactCorrected":
                self._corrected(recorded, said)
            case "FactRetracted":
                self.facts.pop(self._keys.pop(said["supersedes"], ""), None)
                self.changes.pop(said["supersedes"], None)
            case "ChangeRescheduled":
                self._rescheduled(recorded, said)
            case "ChangeCancelled":
                self._fell(recorded, said)
            case "TookEffect":
                stood = self.changes.get(said["change"])
                if stood:
                    self.changes[said["change"]] = Stood(stood.change, awaited=False)
            case "SourceReceived":
                pass
            case "SourceRead":
                self._note(f"source/{said['sha256']}", recorded, said, _EMPTY, said["sha256"])
            case "ConflictNoted" if said.get("conflict"):
                self._decided(said)
            case "ConflictNoted":
                self._note(self._mark(said), recorded, said, _EMPTY)
            case _:
                self._fact(recorded, said)

    def _touched(self, recorded: Recorded, said: Said) -> None:
        first, now = about(said), carried(said.get("fact", {}))
        names, own = {*self._carried.get(first, ()), *now}, f"{self.code}/instrument/"
        self.touches[recorded.id] = {name for name in names if recorded.stream != f"{own}{name}"}
        if said["type"] == "FactCorrected":
            self._carried[first] = now

    def _fact(self, recorded: Recorded, said: Said) -> None:
        self._carried[recorded.id] = carried(said)
        # Recorded by a decision of a contradiction: whoever decided stands for it.
        decided = self._recall(said["causation_id"]) if said.get("correlation_id") else {}
        quoted = decided.get("source", {}).get("sha256")
        self._note(self._free(_key(said)), recorded, said, digests_of(said), quoted)
        self._changed(recorded.id, recorded, said, cancelled=False)
        self._bears(recorded.id, said)
        if said["type"] in _INSTRUMENTS or said["type"] == "VersionImplemented":
            self._told[recorded.id] = said

    def _note(self, key: str, recorded: Recorded, said: Said, says: Digests, sha256: str | None = None) -> None:
        before = self.facts.get(key)
        if before is not None:
            self._keys.pop(before.event_id, None)
        since = _day(said.get("effective")) if key.startswith("version/") else None
        quoted = sha256 or said.get("source", {}).get("sha256", "")
        version = said.get("version") or ""
        self.facts[key] = KnownFact(recorded.id, recorded.id, *says, recorded.stream, quoted, version, since)
        self._keys[recorded.id] = key

    def _free(self, name: str) -> str:
        if not name.startswith(("change/", "topic/")):
            return name
        if name not in self.facts:
            return name
        return next(key for number in count(2) if (key := numbered(name, number)) not in self.facts)

    def _mark(self, said: Said) -> str:
        """The key of a contradiction: both claims, in an order that does not say which of them stands."""
        about, known = said["about"], self.facts.get(self._keys.get(said.get("recorded") or "", ""))
        fact, absent = said["claims"][1].get("fact"), f"absent/{about}"
        claims = (known.said.hex() if known else absent, digests_of(fact).said.hex() if fact else absent)
        return "/".join(("conflict", stem(about), *sorted(claims)))

    def _decided(self, said: Said) -> None:
        """Somebody stands for the fact now, whether or not a correction follows."""
        key = self._keys.get(said.get("recorded") or "")
        if key is not None and said.get("source"):
            self.facts[key] = self.facts[key]._replace(sha256=said["source"]["sha256"])

    def _changed(self, event_id: str, told: Recorded, said: Said, *, cancelled: bool) -> None:
        if said["type"] not in _CHANGES and said["type"] != _FOUNDING:
            # An act on the code as it is, that was taken for its founding before.
            self.changes.pop(event_id, None)
            return
        kind, ref = said["kind"], said["ref"]
        if said.get("provision"):
            kind, _, ref = said["provision"].partition("/")
        day = _day(said.get("effective"))
        change = KnownChange(event_id, told.id, told.stream, kind, _root(self.code, kind, ref), day, cancelled)
        self.changes[event_id] = Stood(change, _awaited(told, change))

    def _bears(self, event_id: str, said: Said) -> None:
        title = said.get("title")
        if said["type"] not in _CHANGES or not title:
            return
        kind, ref = said["kind"], said["ref"]
        unlettered = kind == "document" and not said.get("provision")
        name = (title_key(title), kind, ref)
        fits = unlettered or _lettering(self.code, kind, _CHANGES[said["type"]], ref)
        if fits and name[0] and name not in self._borne and not self._by_decision(said):
            self._borne.add(name)
            self.titles[event_id] = Bearing(title, kind, ref, _day(said.get("effective")), event_id)

    def _by_decision(self, said: Said) -> bool:
        """Whether it follows from somebody's decision of a contradiction, which gives no title a bearer."""
        return bool(self._recall(said.get("causation_id") or "").get("conflict"))

    def _corrected(self, recorded: Recorded, said: Said) -> None:
        first, fact, cause = said["supersedes"], said["fact"], said.get("causation_id") or ""
        key = self._keys.get(first)
        if key is None:
            return
        because = {} if cause == first else self._recall(cause)
        by_document = cause != first and not because.get("conflict")
        before = self.facts.pop(key)
        if cause == first:
            key = self._renamed(key, fact)
        quoted = because.get("sha256") or (because or said).get("source", {}).get("sha256", "")
        cancelled = first in self._cancelled
        dated = key.startswith("version/") and (by_document or not cancelled)
        since = _day(fact.get("effective")) if dated else None
        says, whole = digests_of(fact)
        self.facts[key] = before._replace(told_by=recorded.id, said=says, whole=whole, sha256=quoted, since=since)
        self._keys[first] = key
        stood = self.changes.get(first)
        kept = bool(stood and stood.change.cancelled)
        self._changed(first, recorded, fact, cancelled=kept)
        self.moved.discard(first)
        if first in self._told:
            self._told[first] = fact
        if by_document:
            self._bears(recorded.id, fact)

    def _renamed(self, key: str, fact: Said) -> str:
        """The key under which a document that says the same finds a fact that a command corrected."""
        if fact["type"] not in _CHANGES:
            return key
        now = _change_key(key.split("/")[1], fact)
        return key if now == stem(key) else self._free(now)

    def _rescheduled(self, recorded: Recorded, said: Said) -> None:
        first, day = said["change"], said.get("effective")
        self._again(recorded, first, effective=_day(day), cancelled=False)
        self._cancelled.discard(first)
        key, told = self._keys.get(first), self._told.get(first)
        if key is None or told is None:
            return
        self._told[first] = {name: value for name, value in told.items() if name != "effective"} | _dated(day)
        is_version = key.startswith("version/")
        own_day = day if is_version or not told.get("version") else None
        moved = {name: value for name, value in told.items() if name != "effective"} | _dated(own_day)
        since = _day(day) if is_version else None
        self.facts[key] = self.facts[key]._replace(told_by=recorded.id, said=digests_of(moved).said, since=since)
        if not is_version:
            self.moved.add(first)

    def _fell(self, recorded: Recorded, said: Said) -> None:
        first = said["change"]
        self._again(recorded, first, cancelled=True)
        key = self._keys.get(first)
        if key is not None and first in self._told:
            self._cancelled.add(first)
            self.facts[key] = self.facts[key]._replace(told_by=recorded.id, since=None)

    def _again(self, recorded: Recorded, event_id: str, **changed: Any) -> None:  # noqa: ANN401
        stood = self.changes.get(event_id)
        if stood:
            change = stood.change._replace(**changed)
            self.changes[event_id] = Stood(change, _awaited(recorded, change))


def _dated(day: str | None) -> dict[str, str]:
    return {"effective": day} if day else {}


def _key(said: Said) -> str:
    """The key of a fact, but for its number."""
    match said["type"]:
        case "VersionImplemented":
            return f"version/{said['version']}"
        case "TopicIntroduced":
            return f"topic/{said['version']}"
        case "DocumentLettered":
            return f"lettering/{said['document']}"
        case name if name in _STEPS:
            return step_key(shape(said["code"]), said["proposal"], _STEPS[name])
        case name if name in _INSTRUMENTS:
            return f"instrument/{said['instrument']}"
        case _:
            return _change_key(said.get("version") or said.get("instrument") or "", said)


def _change_key(scope: str, said: Said) -> str:
    action = _CHANGES[said["type"]]
    parts = (scope, action, said["kind"], said["ref"], said.get("spec"), said.get("spec_version"))
    return "change/" + "/".join(part for part in parts if part)


def _awaited(told: Recorded, change: KnownChange) -> bool:
    day = change.effective
    return day is not None and day > london_day(told.recorded_at) and not change.cancelled


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


@lru_cache(maxsize=65_536)
def _root(code: str, kind: str, ref: str) -> str:
    known = shape(code).kind(kind)
    return parse(ref, nested=known.nested if known else False).root


class _Named(NamedTuple):
    kind: str
    action: str
    ref: str


@lru_cache(maxsize=65_536)
def _lettering(code: str, kind: str, action: str, ref: str) -> bool:
    return gives_letter(shape(code), cast(ProvisionChange, _Named(kind, action, ref)))
