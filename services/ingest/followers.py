"""The facts that took their legal day from a version, or from one of its instruments, that is of another day now. Pure."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from events.facts import ModificationApproved, ModificationDirected, VersionImplemented
from events.knowing_better import Correctable
from services.ingest.knowledge import KnownFact
from services.law.following import Moved, follows, moved

Fact = tuple[str, KnownFact, Correctable]
"""A recorded fact: its key, what is known of it, and itself as it stands."""


def day_moved(was: Correctable, now: Correctable, version_day: date | None) -> Moved | None:
    """What moves where a fact of a version turns out otherwise; null where no other fact takes its day from it."""
    if isinstance(now, VersionImplemented):
        return moved(version_day, was.effective, now.effective, None)
    if isinstance(now, ModificationDirected | ModificationApproved):
        return moved(version_day, was.effective, now.effective, now.instrument)
    return None


def following(shift: Moved, facts: Iterable[Fact]) -> Iterator[Fact]:
    """Those of a version's facts that follow, each of the new day."""
    held = list(facts)
    acts = [fact for _, _, fact in held if isinstance(fact, ModificationDirected | ModificationApproved)]
    own_day = {act.instrument for act in acts if act.effective is not None}
    for key, known, fact in held:
        by: Any = getattr(fact, "instrument", None)
        if _takes_its_day(fact) and follows(shift, fact.effective, by, own_day):
            yield key, known, fact.model_copy(update={"effective": shift.now})


def _takes_its_day(fact: Correctable) -> bool:
    return not isinstance(fact, VersionImplemented | ModificationDirected | ModificationApproved)
