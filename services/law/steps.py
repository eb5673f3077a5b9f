"""The order of a proposal's life: what stands against a step, or against a decision, given what is recorded. Pure."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from services.law.checks import Doubt, Finding, Refusal
from services.law.proposals import identity
from services.law.shapes import Code

RAISED, CONVERTED, REFINED, WITHDRAWN = "raised", "converted", "refined", "withdrawn"
ORDER = (RAISED, CONVERTED, REFINED, WITHDRAWN)
"""The steps beside the decision, in the order in which they are taken."""


class Step(NamedTuple):
    """A step taken on a day."""

    name: str
    day: date


class Decision(NamedTuple):
    """An instrument that carries the proposal, and the day of its decision, null where nobody says it."""

    instrument: str
    day: date | None


def converted_name(code: Code, name: str) -> str | None:
    """The name that a proposal goes on under: MP099 for DP099; null where its letters are not converted in this code."""
    known = identity(code, name)
    now = "".join(known)
    return now if known.number and now != name else None


def on_step(
    code: Code, name: str, step: Step, taken: Iterable[Step], decisions: Iterable[Decision]
) -> Iterator[Finding]:
    """What stands against a step of a proposal, given those it has taken and what was decided of it."""
    if step.name == CONVERTED and converted_name(code, name) is None:
        yield Refusal("not-converted", f"proposal: {name} goes on under no other letters in {code.id}")
    for other in taken:
        if other.name == step.name:
            yield Refusal("step-taken", f"{name} was {step.name} on {other.day}, as recorded: withdraw that first")
        elif (ORDER.index(step.name) - ORDER.index(other.name)) * (step.day - other.day).days < 0:
            yield Refusal(
                "out-of-order", f"{name} cannot be {step.name} on {step.day}: it was {other.name} on {other.day}"
            )
    for decision in decisions:
        yield from _against_decision(name, step, decision)


def _against_decision(name: str, step: Step, decision: Decision) -> Iterator[Finding]:
    on = f" on {decision.day}" if decision.day else ""
    decided = f"it was decided{on}, by instrument {decision.instrument}"
    later = decision.day is not None and step.day > decision.day
    if step.name == WITHDRAWN and (later or decision.day is None):
        yield Refusal("decided", f"{name} cannot be withdrawn on {step.day}: {decided}; `cancellations` undoes that")
    elif step.name == WITHDRAWN:
        yield Doubt("decided-after", f"{name} is withdrawn on {step.day}, but {decided}")
    elif later and step.name == REFINED:
        yield Doubt("refined-later", f"{name} is refined on {step.day}, but {decided}")
    elif later:
        yield Refusal("decided", f"{name} cannot be {step.name} on {step.day}: {decided}")


def on_decision(name: str, decided_on: date | None, taken: Iterable[Step]) -> Iterator[Finding]:
    """What makes a decision on a proposal doubtful, given the steps it has taken."""
    for step in taken:
        if step.name == WITHDRAWN:
            yield Doubt("withdrawn-already", f"{name} was withdrawn on {step.day}, as recorded")
        elif decided_on is not None and decided_on < step.day:
            yield Doubt("decided-before", f"{name} is decided on {decided_on}, but was {step.name} on {step.day}")
