"""What a command says, against what the code knows: the reasons to refuse it, and the doubts to record it with. Pure."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from services.law.fold import DELETED, UNRECORDED, Act, Family
from services.law.references import reference
from services.law.shapes import Code


class Refusal(NamedTuple):
    """What stands against recording a command: a code, a sentence that names the facts."""

    code: str
    message: str


class Doubt(NamedTuple):
    """What a command is recorded with, as a warning: a code, a sentence that names the facts."""

    code: str
    message: str


Finding = Refusal | Doubt


def unknown_words(
    code: Code, authority: str | None, bases: Iterable[str], proposals: Iterable[str], label: str | None
) -> Iterator[Finding]:
    """An authority, a legal basis, a proposal or a version label that is none of the code's."""
    if authority is not None and code.authorities and authority not in code.authorities:
        expected = ", ".join(sorted(code.authorities))
        yield Refusal("unknown-authority", f"authority: found {authority!r}; expected one of {expected}")
    for basis in bases:
        if not code.basis.fullmatch(basis):
            yield Refusal("unknown-basis", f"legal_basis: {basis!r} is no legal basis of {code.id}")
    for proposal in proposals:
        if not code.proposal.fullmatch(proposal):
            yield Refusal("unknown-proposal", f"proposals: {proposal!r} is no proposal of {code.id}")
    if label is not None and not code.label.fullmatch(label):
        yield Refusal("bad-label", f"version: {label!r} is no version label of {code.id}")


def unknown_reference(code: Code, place: str, kind: str, refs: Iterable[str]) -> Iterator[Finding]:
    """A kind or a reference that the code's grammar does not know."""
    known = code.kind(kind)
    if known is None:
        expected = ", ".join(code.kinds)
        yield Refusal("unknown-kind", f"{place}: {kind!r} is no kind of {code.id}; expected one of {expected}")
        return
    for ref in refs:
        try:
            reference(known, ref)
        except ValueError as error:
            yield Refusal("unknown-reference", f"{place}: {error}")


def before_the_code(began: date | None, day: date | None) -> Iterator[Finding]:
    """A legal day on which the code was not there yet."""
    if day is not None and began is not None and day < began:
        yield Refusal("before-the-code", f"effective: {day} lies before the code began, on {began}")


def not_yet(day: date, today: date) -> Iterator[Finding]:
    """A day that has not come, of something that is said to have happened."""
    if day > today:
        yield Refusal("not-yet", f"effective: {day} has not come: what is planned has not happened")


def decided_later(decided_on: date | None, effective: date | None) -> Iterator[Finding]:
    """A decision that came after the day on which it takes effect."""
    if decided_on is not None and effective is not None and decided_on > effective:
        yield Doubt("decided-later", f"decided_on: {decided_on} lies after the day it takes effect, {effective}")


def in_force_already(days: Iterable[date | None], today: date) -> Iterator[Finding]:
    """Changes that are to move, or to fall away, though their day has come."""
    past = sorted(day for day in days if day is not None and day <= today)
    if past:
        yield Doubt("in-force-already", f"its day has come: it has been in force since {past[0]}, as far as recorded")


def on_day(day: date | None) -> str:
    """A day in words."""
    return f"on {day}" if day else "undated"


def left_behind(number: int, day: date | None, what: str) -> Iterator[Finding]:
    """Changes that keep their day where what carries them is withdrawn or gets another one."""
    if number:
        when = f"on {day}" if day else "on days of their own"
        yield Doubt("changes-stay", f"it is {what}, {number} of its changes stay {when}")


def on_provision(family: Family, act: Act) -> Iterator[Finding]:
    """What stands against an act on its provision on its day, or makes it doubtful, given all other acts on the family."""
    before = family.answer(act.ref, act.effective or date.max)
    what = f"{act.ref} on {act.effective}" if act.effective else f"{act.ref}, undated"
    if before.state == DELETED and act.action not in ("designated", "redesignated"):
        yield Refusal("deleted", f"{act.action} {what}: it is deleted then")
    elif act.action in ("redesignated", "deleted") and before.state == UNRECORDED:
        yield Doubt("never-designated", f"{act.action} {what}: no designation of it is recorded")
    elif act.action == "designated" and not act.alongside and act.spec is None and _own(before.history, "designated"):
        yield Doubt("designated-already", f"designated {what}: it is designated already")


def _own(history: Iterable[tuple[Act, str | None]], action: str) -> bool:
    return any(via is None and act.action == action and act.spec is None for act, via in history)
