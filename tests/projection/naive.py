"""The plainest possible answer: every provision as a set of leaves, every event applied to it one after the other.

Written apart from `services/law`, to be held against it: references are looked up in a list of all there are.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from events.catalogue import Event
from events.changes import ProvisionChange
from events.knowing_better import ChangeCancelled, ChangeRescheduled, FactCorrected, FactRetracted

PARTS = {
    "H": {"H3", "H3.1", "H3.27", "H10", "H10.8", "H10.9", "H10.11", "H10.9-H10.11"},
    "H3": {"H3.1", "H3.27"},
    "H10": {"H10.8", "H10.9", "H10.11", "H10.9-H10.11"},
    "H10.9-H10.11": {"H10.9", "H10.11"},
}
"""What holds what, written out."""

REFS = sorted({"H"} | PARTS["H"])


class Told(NamedTuple):
    """A change as it stands: when it counts from, where it stands in the log, what it says."""

    effective: date
    position: int
    fact: ProvisionChange


def standing(log: Sequence[tuple[int, str, Event]], bound: int, as_of: date) -> list[Told]:
    """The changes that count on the day, as known at the position."""
    facts: dict[str, list[Any]] = {}
    cancelled: set[str] = set()
    for position, event_id, event in log:
        if position > bound:
            break
        if isinstance(event, FactCorrected) and event.supersedes in facts:
            facts[event.supersedes][1:] = [event.fact, event.fact.effective]
        elif isinstance(event, FactRetracted):
            facts.pop(event.supersedes, None)
        elif isinstance(event, ChangeRescheduled) and event.change in facts:
            facts[event.change][2] = event.effective
            cancelled.discard(event.change)
        elif isinstance(event, ChangeCancelled):
            cancelled.add(event.change)
        elif isinstance(event, ProvisionChange):
            facts[event_id] = [position, event, event.effective]
    standing_still = [each for event_id, each in facts.items() if event_id not in cancelled]
    told = [Told(day, position, fact) for position, fact, day in standing_still if day and day <= as_of]
    return sorted(told, key=lambda each: (each.effective, each.position))


def states(told: Sequence[Told]) -> dict[str, str]:
    """The state of every provision after these changes."""
    own: dict[str, str] = dict.fromkeys(REFS, "unrecorded")
    by_name: dict[str, bool] = dict.fromkeys(REFS, False)
    left_out: dict[str, tuple[str, ...]] = dict.fromkeys(REFS, ())
    for each in told:
        fact = each.fact
        reach = {fact.ref} | PARTS.get(fact.ref, set())
        excluded = {name for ref in fact.exclusions for name in {ref} | PARTS.get(ref, set())}
        for ref in reach:
            _apply(ref, fact, ref in excluded, own, by_name, left_out)
    return {ref: _with_parts(ref, told, own, left_out) for ref in REFS}


def _apply(
    ref: str,
    fact: ProvisionChange,
    excluded: bool,
    own: dict[str, str],
    by_name: dict[str, bool],
    left_out: dict[str, tuple[str, ...]],
) -> None:
    named = ref == fact.ref
    if excluded and fact.action != "activated":
        return
    if fact.action == "activated":
        if own[ref] == "deleted" and by_name[ref] and not named:
            return
        now, named = ("inactive", True) if excluded else ("active", named)
        left_out[ref] = left_out[ref] if excluded else fact.exclusions
    elif fact.action == "deleted":
        now = "deleted"
    elif fact.action == "amended":
        now = "designated" if own[ref] == "unrecorded" else own[ref]
    elif named or own[ref] == "unrecorded" or (own[ref] == "deleted" and not by_name[ref]):
        now = "designated"
    else:
        now = own[ref]
    by_name[ref] = (by_name[ref] or named) if now == own[ref] else named
    own[ref] = now


def _with_parts(ref: str, told: Sequence[Told], own: dict[str, str], left_out: dict[str, tuple[str, ...]]) -> str:
    parts = PARTS.get(ref, set())
    if own[ref] == "deleted":
        return "deleted"
    if own[ref] == "active":
        return "partly_active" if any(part in parts and own[part] == "inactive" for part in left_out[ref]) else "active"
    switched = {each.fact.ref for each in told if each.fact.action == "activated"}
    return "partly_active" if any(part in parts and own[part] == "active" for part in switched) else own[ref]
