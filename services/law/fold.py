"""From changes to what is in force: the one rule book, used to decide, to project and to check. Pure.

Acts are applied in the order of their legal day, within a day in the order recorded. A provision's own acts and those on what
holds it set its state; what was done to its parts can only make it partly active.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

from services.law.references import Reference, holds, meets, parse
from services.law.shapes import Code

UNRECORDED, DESIGNATED, ACTIVE, PARTLY, INACTIVE, DELETED = (
    "unrecorded",
    "designated",
    "active",
    "partly_active",
    "inactive",
    "deleted",
)


@dataclass(frozen=True, slots=True)
class Act:
    """A change as known at one point: `ref` is that of the provision it belongs to; `effective` null is undated."""

    id: str
    position: int
    effective: date | None
    action: str
    ref: str
    version: str | None = None
    spec: str | None = None
    spec_version: str | None = None
    alongside: bool = False
    exclusions: tuple[str, ...] = ()
    cancelled: bool = False

    @property
    def whole(self) -> bool:
        """Whether it acts on the provision as such, not on one specification version in it."""
        return self.spec is None


class Touch(NamedTuple):
    """An act that bears on a provision, and the other reference through which it does (null: its own)."""

    act: Act
    via: str | None


class SpecVersion(NamedTuple):
    """A specification version in force: its name (null: the document's own numbering), its number, the day it came."""

    spec: str | None
    version: str
    since: date | None


@dataclass(frozen=True)
class Answer:
    """What is in force of one provision on a day: its state, the interval in which that holds, and the acts it follows from."""

    state: str
    version: str | None
    valid_from: date | None
    valid_to: date | None
    exclusions: tuple[str, ...]
    spec_versions: tuple[SpecVersion, ...]
    because: tuple[Touch, ...]
    upcoming: tuple[Touch, ...]
    history: tuple[Touch, ...]


@dataclass(frozen=True, slots=True)
class _Standing:
    """Where a provision stands by its own acts and those on its holders: the state, since which touch, the last activation."""

    state: str = UNRECORDED
    own: bool = False
    since: int = 0
    activation: Act | None = None


class Family:
    """The acts that may bear on the provisions of one kind in one code; answers for any reference of that kind."""

    def __init__(self, code: Code, kind: str, acts: Iterable[Act]) -> None:
        shape = code.kind(kind)
        self._nested = shape.nested if shape else False
        self._acts = sorted((act for act in acts if not act.cancelled), key=_order)
        self._parsed = [self._parse(act.ref) for act in self._acts]

    def answer(self, ref: str, as_of: date) -> Answer:
        """What is in force of that provision on the day, with its reasons and what comes next."""
        target = self._parse(ref)
        touches = self._touches(target)
        past = [touch for touch in touches if _reached(touch.act, as_of)]
        coming = tuple(touch for touch in touches if not _reached(touch.act, as_of))
        own = [touch for touch in past if not self._is_part(target, touch)]
        standing = self._stand(target, own)
        parts = [touch for touch in past if self._is_part(target, touch)]
        state, reasons = self._with_parts(target, standing, parts, as_of)
        because = sorted({*own[standing.since :], *reasons} if past else set(), key=lambda touch: _order(touch.act))
        return Answer(
            state=state,
            version=past[-1].act.version if past else None,
            valid_from=past[-1].act.effective if past else None,
            valid_to=coming[0].act.effective if coming else None,
            exclusions=self._exclusions(target, standing, as_of),
            spec_versions=_spec_versions(touch.act for touch in own if touch.via is None),
            because=tuple(because),
            upcoming=coming,
            history=tuple(past) + coming,
        )

    def named(self) -> set[str]:
        """Every reference that an act names, as target or as exclusion."""
        return {act.ref for act in self._acts} | {ref for act in self._acts for ref in act.exclusions}

    def meeting(self, ref: str) -> list[Act]:
        """The acts that the answer for a provision can follow from: on itself, on what holds it, on its parts."""
        target = self._parse(ref)
        pairs = zip(self._acts, self._parsed, strict=True)
        return [act for act, parsed in pairs if meets(target, parsed) or holds(parsed, target)]

    def superseded(self, act: Act, as_of: date) -> bool:
        """Whether a later act in force on the day took the place of this one: a deletion, or a new form of the same thing."""
        reference = self._parse(act.ref)
        return any(
            _order(later) > _order(act) and _reached(later, as_of) and _replaces(later, act, holds(parsed, reference))
            for later, parsed in self._replacing
        )

    @cached_property
    def _replacing(self) -> list[tuple[Act, Reference]]:
        pairs = zip(self._acts, self._parsed, strict=True)
        return [pair for pair in pairs if pair[0].action in ("deleted", "redesignated")]

    def _parse(self, ref: str) -> Reference:
        return parse(ref, nested=self._nested)

    def _touches(self, target: Reference) -> list[Touch]:
        """All that bears on the target, in order: its own acts, those on its holders, the switching of its parts."""
        found = []
        for act, reference in zip(self._acts, self._parsed, strict=True):
            if holds(reference, target):
                if act.action == "activated" or not self._excluded(act, target):
                    found.append(Touch(act, None if holds(target, reference) else act.ref))
            elif act.action in ("activated", "deleted") and meets(target, reference):
                found.append(Touch(act, act.ref))
        return found

    def _is_part(self, target: Reference, touch: Touch) -> bool:
        return touch.via is not None and not holds(self._parse(touch.via), target)

    def _excluded(self, act: Act, target: Reference) -> bool:
        return any(holds(self._parse(exclusion), target) for exclusion in act.exclusions)

    def _stand(self, target: Reference, touches: Sequence[Touch]) -> _Standing:
        standing = _Standing()
        for index, touch in enumerate(touches):
            standing = self._step(target, standing, touch, index)
        return standing

    def _step(self, target: Reference, now: _Standing, touch: Touch, index: int) -> _Standing:
        act, own = touch.act, touch.via is None
        state, activation = now.state, now.activation
        if act.spec is not None and act.action == "deleted":
            return now
        if act.action == "activated":
            excluded = self._excluded(act, target)
            own = own or excluded
            if now.state == DELETED and now.own and touch.via is not None:
                return now
            state, activation = (INACTIVE, activation) if excluded else (ACTIVE, act)
        elif act.action == "deleted":
            state, activation = DELETED, None
        elif act.action == "amended":
            state = DESIGNATED if now.state == UNRECORDED else now.state
        elif own or now.state == UNRECORDED or (now.state == DELETED and not now.own):
            state, activation = DESIGNATED, None
        if state == now.state:
            return _Standing(state, now.own or own, now.since, activation)
        return _Standing(state, own, index, activation)

    def _with_parts(
        self, target: Reference, standing: _Standing, parts: Sequence[Touch], as_of: date
    ) -> tuple[str, list[Touch]]:
        """The state with the parts counted in, and the touches of parts that make it so."""
        if standing.state == DELETED:
            return DELETED, []
        if standing.state == ACTIVE:
            left_out = self._exclusions(target, standing, as_of)
            return (PARTLY if left_out else ACTIVE), []
        switched = [touch for touch in parts if touch.act.action == "activated"]
        live = [touch for touch in switched if self._state_of_part(touch.act.ref, as_of) in (ACTIVE, PARTLY)]
        return (PARTLY, live) if live else (standing.state, [])

    def _state_of_part(self, ref: str, as_of: date) -> str:
        """A part's state by its own acts and those on its holders."""
        target = self._parse(ref)
        touches = [touch for touch in self._touches(target) if _reached(touch.act, as_of)]
        return self._stand(target, [touch for touch in touches if not self._is_part(target, touch)]).state

    def _exclusions(self, target: Reference, standing: _Standing, as_of: date) -> tuple[str, ...]:
        """The references that its activation left out of the target and that are dormant still."""
        if standing.state != ACTIVE or standing.activation is None:
            return ()
        dormant = []
        for ref in standing.activation.exclusions:
            excluded = self._parse(ref)
            within = meets(target, excluded) and not holds(excluded, target)
            if within and self._state_of_part(ref, as_of) == INACTIVE:
                dormant.append(ref)
        return tuple(dormant)


def _order(act: Act) -> tuple[bool, date, int]:
    return (act.effective is None, act.effective or date.max, act.position)


def _reached(act: Act, as_of: date) -> bool:
    return act.effective is not None and act.effective <= as_of


def _replaces(later: Act, act: Act, within: bool) -> bool:
    if not within or later.alongside:
        return False
    same_line = later.spec is None or (later.spec, later.spec_version) == (act.spec, act.spec_version)
    if later.action == "deleted":
        return same_line
    return later.ref == act.ref and (same_line if later.spec else act.spec is None)


def _spec_versions(acts: Iterable[Act]) -> tuple[SpecVersion, ...]:
    """The specification versions in force together after these acts, in the order they came."""
    kept: dict[tuple[str | None, str], SpecVersion] = {}
    for act in acts:
        if act.action == "deleted":
            gone = [key for key in kept if act.spec is None or key == (act.spec, act.spec_version)]
        elif act.action == "redesignated" and act.whole and not act.alongside:
            gone = [key for key in kept if key[0] is None]
        else:
            gone = []
        for key in gone:
            del kept[key]
        if act.spec_version is not None and act.action != "deleted":
            kept.setdefault((act.spec, act.spec_version), SpecVersion(act.spec, act.spec_version, act.effective))
    return tuple(kept.values())


def status(act: Act, family: Family, as_of: date) -> str:
    """What became of a change on a day: in_force, scheduled, undated, cancelled or superseded."""
    if act.cancelled:
        return "cancelled"
    if act.effective is None:
        return "undated"
    if act.effective > as_of:
        return "scheduled"
    return "superseded" if family.superseded(act, as_of) else "in_force"
