"""A direction or an approval, and what is known where it falls, in; the events that record it, out. Pure."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import cast

from events.catalogue import Event, change
from events.changes import Change
from events.envelope import Pending, own_stream
from events.errors import Conflict
from events.facts import ModificationApproved, ModificationDirected, TopicIntroduced, VersionImplemented
from services.ingest.commands.bodies import ChangeAsked, InstrumentAsked
from services.ingest.commands.saying import Decided, Family, Said
from services.ingest.commands.standing import act
from services.ingest.documents import Titles
from services.ingest.facts import change_stem, digests, numbered
from services.ingest.knowledge import Bearing, KnownChange, KnownFact, family, family_of
from services.ingest.lettering import Letters
from services.ingest.reading import ReadChange, ReadVersion
from services.law import checks
from services.law.fold import Act
from services.law.fold import Family as Book
from services.law.shapes import Code


class LabelUsed(Conflict):
    """The version label belongs to a version that is recorded."""


class NameUsed(Conflict):
    """The id belongs to an instrument that is recorded."""


@dataclass(frozen=True, slots=True)
class Place:
    """What is known where an instrument falls: its id, whether its version is there already and the day of that, the version
    before, the code's beginning, titles, the keys of the version's facts, the acts on the families that it touches."""

    instrument: str
    joins: bool
    version_day: date | None
    previous: str | None
    began: date | None
    titles: Titles
    taken: frozenset[str] = frozenset()
    acts: Mapping[Family, list[Act]] = field(default_factory=dict)


def families(code: Code, asked: InstrumentAsked) -> set[Family]:
    """The families of the provisions that the command names."""
    return {family(code, each.kind, each.ref) for each in asked.changes}


def words(code: Code, asked: InstrumentAsked) -> Iterator[checks.Finding]:
    """What the code's grammar does not know of the command's words."""
    proposals = [*asked.proposals, *(each.proposal for each in asked.changes if each.proposal)]
    yield from checks.unknown_words(code, asked.authority, asked.legal_basis, proposals, asked.version)
    if asked.base_version is not None and not code.label.fullmatch(asked.base_version):
        yield checks.Refusal("bad-label", f"base_version: {asked.base_version!r} is no version label of {code.id}")
    if asked.topics and asked.version is None:
        yield checks.Refusal("no-version", "topics: a subject belongs to a version, and none is named")
    for number, each in enumerate(asked.changes):
        yield from checks.unknown_reference(code, f"changes.{number}", each.kind, [each.ref, *each.exclusions])


def decide(code: Code, asked: InstrumentAsked, place: Place, said: Said, new_id: Callable[[], str]) -> Decided:
    """The instrument, the version it makes, its changes and subjects, in the order of cause and effect."""
    decided = Decided(iter(()), before=dict(place.acts))
    decided.seen_as(code.id, place.instrument)
    decided.findings += checks.before_the_code(place.began, asked.effective)
    decided.findings += checks.decided_later(asked.decided_on, asked.effective)
    walk = _Walk(code, asked, place, said, new_id, decided)
    decided.pending = iter(list(walk.events()))
    return decided


_SAID_OF_IT = {"authority", "legal_basis", "proposals", "decided_on", "signed_on", "announced_on", "reason"}


class _Walk:
    """Makes the events of one instrument and notes beside each what is known by it."""

    def __init__(
        self, code: Code, asked: InstrumentAsked, place: Place, said: Said, new_id: Callable[[], str], decided: Decided
    ) -> None:
        self._code, self._asked, self._place, self._said = code, asked, place, said
        self._new_id, self._decided = new_id, decided
        self._common = {"code": code.id, "actor": said.actor, "source": said.quotation}
        self._scope = asked.version or place.instrument
        self._seen: Counter[str] = Counter()

    def events(self) -> Iterator[Pending]:
        instrument = self._told(f"instrument/{self._place.instrument}", self._instrument())
        self._common |= {"causation_id": instrument.id}
        yield instrument
        if self._asked.version is not None and not self._place.joins:
            yield self._told(f"version/{self._asked.version}", self._version())
        letters = Letters(self._code, self._place.titles, _row(self._asked))
        for each in self._asked.changes:
            yield from self._changed(each, letters)
        for text in self._asked.topics:
            topic = {"version": self._asked.version, "instrument": self._place.instrument, "text": text}
            event = TopicIntroduced.model_validate(self._common | topic | {"effective": self._asked.effective})
            yield self._told(self._numbered(f"topic/{self._scope}"), event)

    def _changed(self, each: ChangeAsked, letters: Letters) -> Iterator[Pending]:
        event = _change(self._code, self._asked, each, self._place.instrument, self._common)
        lettered = letters.lettered(event)
        if lettered is not None:
            yield self._told(f"lettering/{lettered.document}", lettered)
        event = cast(Change, letters.placed(event))
        pending = self._told(self._numbered(change_stem(self._scope, event)), event)
        if letters.bears(event):
            bearing = Bearing(str(event.title), event.kind, event.ref, event.effective, pending.id)
            self._decided.bearings.append(bearing)
        self._judge(pending, event)
        yield pending

    def _judge(self, pending: Pending, event: Change) -> None:
        """Checks the act against those before it on its family, the command's own among them."""
        own_family = family_of(self._code, event)
        known = KnownChange(pending.id, pending.id, pending.stream, *own_family, event.effective)
        own = self._decided.acts.get(own_family, {})
        others = [*self._place.acts.get(own_family, ()), *(each for each in own.values() if each)]
        new = act(known, event, 2**62 + sum(map(len, self._decided.acts.values())))
        found = [*checks.before_the_code(self._place.began, event.effective)]
        found += checks.on_provision(Book(self._code, own_family[0], others), new)
        self._decided.findings += [each for each in found if each not in self._decided.findings]
        self._decided.becomes(own_family, pending.id, new)
        self._decided.changes[pending.id] = known

    def _told(self, key: str, event: Event) -> Pending:
        pending = Pending(self._new_id(), own_stream(event), event)
        said, whole = digests(event)
        since = event.effective if key.startswith("version/") else None
        label, sha256 = getattr(event, "version", None) or "", self._said.quotation.sha256
        self._decided.notes[key] = KnownFact(pending.id, pending.id, said, whole, pending.stream, sha256, label, since)
        return pending

    def _numbered(self, stem: str) -> str:
        while True:
            self._seen[stem] += 1
            key = numbered(stem, self._seen[stem])
            if key not in self._place.taken:
                return key

    def _instrument(self) -> ModificationDirected | ModificationApproved:
        asked, base = self._asked, self._asked.base_version
        said = asked.model_dump(include=_SAID_OF_IT)
        # As a document has it: a day of its own is one that is not the version's.
        own_day = asked.effective if asked.version is None or asked.effective != self._place.version_day else None
        cls = ModificationDirected if asked.authority in self._code.directing else ModificationApproved
        return cls.model_validate(
            self._common
            | said
            | {"instrument": self._place.instrument, "version": asked.version, "effective": own_day}
            | {
                "base_version": base or self._place.previous,
                "base_inferred": base is None and bool(self._place.previous),
            }
        )

    def _version(self) -> VersionImplemented:
        asked = self._asked
        return VersionImplemented.model_validate(
            self._common
            | {"version": asked.version, "effective": asked.effective, "base_version": asked.base_version}
            | {"previous": self._place.previous, "instruments": (self._place.instrument,)}
        )


def _change(
    code: Code, asked: InstrumentAsked, each: ChangeAsked, instrument: str, common: Mapping[str, object]
) -> Change:
    fields = each.model_dump(exclude={"action", "kind", "effective"})
    own = {"effective": each.effective or asked.effective, "version": asked.version, "instrument": instrument}
    if each.proposal is None and len(asked.proposals) == 1:
        own["proposal"] = asked.proposals[0]
    return change(each.action, each.kind, **({"code": code.id, "actor": ""} | dict(common) | fields | own))


def _row(asked: InstrumentAsked) -> ReadVersion:
    """The changes as a row of a table words them, for finding out what their titles mean."""
    changes = tuple(
        ReadChange(**each.model_dump(exclude={"effective"}), instrument=0, spans=()) for each in asked.changes
    )
    return ReadVersion(asked.version or "", asked.effective, (), changes, (), ())
