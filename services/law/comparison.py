"""What of a family of provisions would be answered otherwise if some of its acts were others. Pure."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from services.law.fold import Act, Answer, Family
from services.law.shapes import Code


class Difference(NamedTuple):
    """A provision and a day on which it would be answered otherwise: as it is answered, and as it would be."""

    ref: str
    day: date
    before: Answer
    after: Answer


def differing(code: Code, kind: str, before: Iterable[Act], after: Iterable[Act]) -> Iterator[Difference]:
    """The differences on the days of the acts that are not on both sides, for the provisions that these are on."""
    held, would = list(before), list(after)
    touched = set(held) ^ set(would)
    old, new = Family(code, kind, held), Family(code, kind, would)
    days = sorted({act.effective for act in touched if act.effective})
    for ref in sorted({act.ref for act in touched}):
        for day in days:
            was, now = old.answer(ref, day), new.answer(ref, day)
            if _shown(was) != _shown(now):
                yield Difference(ref, day, was, now)


def _shown(answer: Answer) -> tuple[object, ...]:
    return answer.state, answer.version, answer.spec_versions
