"""What is known of a code when a document comes: recorded facts by key, and which provisions bear which titles. Pure."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple, cast

from events.changes import ProvisionChange
from events.envelope import Recorded
from events.facts import CodeDesignated
from events.knowing_better import ChangeRescheduled, Correctable, FactCorrected, FactRetracted, LaterKnowledge
from services.ingest.documents import Titles
from services.law.references import parse
from services.law.shapes import Code

TABLE = "table"
"""The kind of a source of which nothing else is said."""

_NUMBERED = re.compile(r"#\d+$")


class KnownFact(NamedTuple):
    """A recorded fact: its event, the event that tells it as it stands, what it says, its stream, source and version.

    `said` and `whole` are digests (with and without what is inferred); `since` is the day of a version, null otherwise.
    """

    event_id: str
    told_by: str
    said: bytes
    whole: bytes
    stream: str
    sha256: str
    version: str
    since: date | None = None


class KnownChange(NamedTuple):
    """A recorded change as it stands: the event that tells it, its stream, the family of its provision, its legal day."""

    event_id: str
    told_by: str
    stream: str
    kind: str
    root: str
    effective: date | None
    cancelled: bool = False


def family_of(code: Code, event: CodeDesignated | ProvisionChange) -> tuple[str, str]:
    """The kind and the outermost reference of the provision that a change belongs to; empty for a range of roots."""
    kind, ref = event.kind, event.ref
    if isinstance(event, ProvisionChange) and event.provision:
        kind, _, ref = event.provision.partition("/")
    return family(code, kind, ref)


def family(code: Code, kind: str, ref: str) -> tuple[str, str]:
    """The kind and the outermost reference of a provision; empty for a range of roots."""
    known = code.kind(kind)
    return kind, parse(ref, nested=known.nested if known else False).root


class Bearing(NamedTuple):
    """A provision that bears a title from a day on, as an event said first."""

    title: str
    kind: str
    ref: str
    since: date | None
    event_id: str


@dataclass
class Known:
    """What ingest knows of a code: facts by key, titles; `recall` gives the fact that an event tells."""

    recall: Callable[[str], Correctable]
    facts: dict[str, KnownFact] = field(default_factory=dict, init=False)
    titles: Titles = field(default_factory=Titles)
    received: bool = False
    reader: str | None = None
    preceding: str | None = None
    """The version known to come before the document's first row, where that row itself is not known."""

    unlisted: list[tuple[str, date]] = field(default_factory=list)
    """The versions known with a day between those of the document's rows, of which it has none."""

    kinds: dict[str, str] = field(default_factory=dict)
    """The kind of each source, where it is no table."""

    cancelled: set[str] = field(default_factory=set)
    """The changes that will not take effect, whatever else is known better of them."""

    _keys: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict), init=False)

    def kind_of(self, sha256: str) -> str:
        """The kind of a source."""
        return self.kinds.get(sha256, TABLE)

    def of_version(self, label: str) -> dict[str, KnownFact]:
        """The facts of a version by key, in the order recorded."""
        return {key: self.facts[key] for key in self._keys.get(label, ())}

    def versions(self) -> list[str]:
        """The labels of which anything is known."""
        return [label for label, keys in self._keys.items() if keys]

    def note(self, key: str, fact: KnownFact | None) -> None:
        """Keeps a fact under its key; null: it is withdrawn."""
        before = self.facts.pop(key, None)
        if before is not None and (fact is None or fact.version != before.version):
            del self._keys[before.version][key]
        if fact is not None:
            self.facts[key] = fact
            self._keys[fact.version][key] = None


def as_it_stands(told: Iterable[Recorded], event_id: str) -> Correctable | None:
    """The fact of an event after all that its stream tells of it; null where it was withdrawn or is no fact."""
    fact: Correctable | None = None
    for each in told:
        match each.event:
            case FactCorrected(supersedes=first, fact=corrected) if first == event_id:
                fact = corrected
            case FactRetracted(supersedes=first) if first == event_id:
                return None
            case ChangeRescheduled(change=first, effective=day) if first == event_id and fact is not None:
                fact = fact.model_copy(update={"effective": day})
            case LaterKnowledge():
                continue
            case event if each.id == event_id:
                fact = cast(Correctable, event)
    return fact


def stem(key: str) -> str:
    """What the keys of facts that only their order tells apart have in common."""
    return _NUMBERED.sub("", key)
