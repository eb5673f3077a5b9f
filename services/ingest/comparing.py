"""Which fact of a row is which recorded one: the same words first, then in the order written. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import count, zip_longest
from typing import NamedTuple

from events.catalogue import Event
from events.facts import Instrument
from services.ingest.facts import Asserted, Digests, digests, numbered
from services.ingest.knowledge import KnownFact, stem


class Pair(NamedTuple):
    """A recorded fact beside what a document says of it; null where one of the two does not hold it."""

    key: str
    recorded: KnownFact | None
    fact: Event | None
    says: Digests

    @property
    def agrees(self) -> bool:
        """Whether both say the same."""
        return self.recorded is not None and self.fact is not None and _same(self.recorded, self.fact, self.says)


_NOTHING = Digests(b"", b"")


def _same(recorded: KnownFact, event: Event, says: Digests) -> bool:
    """The same words; or all the same but for the base of an instrument, which one says and the other left out or inferred."""
    if recorded.said == says.said or not isinstance(event, Instrument):
        return recorded.said == says.said
    otherwise = {"base_inferred": not event.base_inferred}, {"base_version": None, "base_inferred": False}
    told = [digests(event.model_copy(update=each)) for each in otherwise]
    return (recorded.said, recorded.whole) in told


def pairs(recorded: Mapping[str, KnownFact], facts: Sequence[Asserted]) -> Iterator[Pair]:
    """Every fact of a row with the recorded one that it speaks of, then the recorded ones that the row lacks."""
    known: dict[str, list[tuple[str, KnownFact]]] = defaultdict(list)
    for key, fact in recorded.items():
        known[stem(key)].append((key, fact))
    said: dict[str, list[tuple[Event, Digests]]] = defaultdict(list)
    for asserted in facts:
        said[stem(asserted.key)].append((asserted.event, digests(asserted.event)))
    for name in {**said, **known}:
        yield from _matched(name, known.get(name, []), said.get(name, []))


def _matched(name: str, known: list[tuple[str, KnownFact]], said: list[tuple[Event, Digests]]) -> Iterator[Pair]:
    """The pairs of one name."""
    taken = (numbered(name, number) for number in count(1))
    keys = {key for key, _ in known}
    left: list[tuple[Event, Digests]] = []
    for event, says in said:
        same = next((each for each in known if _same(each[1], event, says)), None)
        if same is None:
            left.append((event, says))
        else:
            known.remove(same)
            yield Pair(*same, event, says)
    for before, now in zip_longest(known, left):
        key = before[0] if before else next(each for each in taken if each not in keys)
        yield Pair(key, before and before[1], now and now[0], now[1] if now else _NOTHING)
