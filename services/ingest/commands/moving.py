"""Changes given another day, or cancelled, by command, with what carries them there. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from events.envelope import Pending
from events.errors import Conflict
from events.knowing_better import ChangeCancelled, ChangeRescheduled
from services.ingest.commands.bodies import CancellationAsked, ReschedulingAsked
from services.ingest.commands.saying import ByFamily, Decided, Said
from services.ingest.commands.standing import Standing
from services.ingest.facts import digests
from services.ingest.knowledge import KnownChange
from services.law import checks
from services.law.shapes import Code


class NothingToMove(Conflict):
    """No change that stands is there to be given another day, or to be cancelled."""


@dataclass(frozen=True, slots=True)
class Meant:
    """What a rescheduling or a cancellation means: the changes, the versions and instruments that carry them, the day on which
    these are expected; and what is known around: how many changes of theirs have a day of their own, the day of the version that
    stays, the code's beginning, what day it is."""

    changes: list[KnownChange]
    carriers: list[Standing]
    day: date | None
    others: int
    version_day: date | None
    began: date | None
    today: date

    @property
    def stands(self) -> bool:
        """Whether anything of it is not cancelled."""
        return not all([*(each.cancelled for each in self.changes), *(each.cancelled for each in self.carriers)])


def decide_moves(
    code: Code,
    asked: ReschedulingAsked | CancellationAsked,
    meant: Meant,
    before: ByFamily,
    said: Said,
    new_id: Callable[[], str],
) -> Decided:
    """Each of the changes moved to the day, or cancelled; with them the version or the instruments that carry them there."""
    decided = Decided(iter(()), before=before)
    common = {"code": code.id, "actor": said.actor, "source": said.quotation, "reason": asked.reason}
    if isinstance(asked, ReschedulingAsked):
        _refuse_standing_still(meant, asked.effective)
        decided.findings += checks.before_the_code(meant.began, asked.effective)
        decided.findings += checks.left_behind(meant.others, None, checks.on_day(asked.effective))
        events = _rescheduled(decided, meant, asked.effective, common, new_id)
    else:
        if not meant.stands:
            raise NothingToMove("no change of it stands: it has none, or they are cancelled already")
        events = _cancelled(decided, meant, common, new_id)
    decided.pending = iter(list(events))
    decided.findings += checks.in_force_already([each.effective for each in meant.changes], meant.today)
    return decided


def _refuse_standing_still(meant: Meant, goal: date | None) -> None:
    if not meant.changes and not meant.carriers:
        raise NothingToMove("no change of it stands: it has none, or they are cancelled")
    there = [not each.cancelled and each.effective == goal for each in meant.changes]
    there += [not each.cancelled and meant.day == goal for each in meant.carriers]
    if all(there):
        raise NothingToMove(f"it takes effect on {goal} already" if goal else "it is undated already")


def _rescheduled(
    decided: Decided, meant: Meant, goal: date | None, common: dict[str, Any], new_id: Callable[[], str]
) -> Iterator[Pending]:
    moved = any(each.key.startswith("version/") for each in meant.carriers)
    for carrier in meant.carriers:
        told = _about(carrier.known.event_id, common | {"was": meant.day, "effective": goal})
        pending = Pending(new_id(), carrier.known.stream, ChangeRescheduled.model_validate(told))
        _note_moved(decided, carrier, pending.id, goal, goal if moved else meant.version_day)
        yield pending
    for known in meant.changes:
        told = _about(known.event_id, common | {"was": known.effective, "effective": goal})
        _becomes(decided, known._replace(effective=goal, cancelled=False))
        yield Pending(new_id(), known.stream, ChangeRescheduled.model_validate(told))


def _cancelled(decided: Decided, meant: Meant, common: dict[str, Any], new_id: Callable[[], str]) -> Iterator[Pending]:
    for carrier in meant.carriers:
        if not carrier.cancelled:
            told = _about(carrier.known.event_id, common | {"effective": carrier.day or meant.day})
            pending = Pending(new_id(), carrier.known.stream, ChangeCancelled.model_validate(told))
            decided.replaced.add(carrier.key)
            decided.notes[carrier.key] = carrier.known._replace(told_by=pending.id, since=None)
            yield pending
    for known in meant.changes:
        if not known.cancelled:
            told = _about(known.event_id, common | {"effective": known.effective})
            _becomes(decided, known._replace(cancelled=True))
            yield Pending(new_id(), known.stream, ChangeCancelled.model_validate(told))


def _about(event_id: str, said: dict[str, Any]) -> dict[str, Any]:
    return {**said, "change": event_id, "causation_id": event_id}


def _becomes(decided: Decided, known: KnownChange) -> None:
    family = (known.kind, known.root)
    decided.changes[known.event_id] = known
    was = next(each for each in decided.before[family] if each.id == known.event_id)
    decided.becomes(family, known.event_id, replace(was, effective=known.effective, cancelled=known.cancelled))


def _note_moved(decided: Decided, carrier: Standing, told_by: str, goal: date | None, version_day: date | None) -> None:
    """What a later document has to say to agree: of an instrument no day where its version has the same."""
    is_version = carrier.key.startswith("version/")
    own_day = None if not is_version and carrier.version and goal == version_day else goal
    says, _ = digests(carrier.fact.model_copy(update={"effective": own_day}))
    decided.replaced.add(carrier.key)
    decided.notes[carrier.key] = carrier.known._replace(told_by=told_by, said=says, since=goal if is_version else None)
