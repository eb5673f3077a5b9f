"""The answers that a command would change: both sides by the one rule book, on the days on which they differ. Pure."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from services.ingest.commands.saying import ByFamily, Family
from services.law.fold import Act
from services.law.fold import Family as Book
from services.law.shapes import Code


def answers_that_change(
    code: Code, before: ByFamily, acts: Mapping[Family, Mapping[str, Act | None]]
) -> Iterator[dict[str, Any]]:
    """Each provision that would be answered otherwise, on each day from which it would."""
    for family, changed in acts.items():
        known = before.get(family, [])
        places = {each.id: each.position for each in known}
        now = [each for each in known if each.id not in changed]
        now += [_placed(each, places) for each in changed.values() if each]
        yield from _differing(family[0], Book(code, family[0], known), Book(code, family[0], now), changed)


def _placed(act: Act, places: Mapping[str, int]) -> Act:
    return replace(act, position=places.get(act.id, act.position))


def _differing(kind: str, old: Book, new: Book, changed: Collection[str]) -> Iterator[dict[str, Any]]:
    for ref in sorted(old.named() | new.named()):
        acts = [*old.meeting(ref), *new.meeting(ref)]
        days = {each.effective for each in acts if each.effective and each.id in changed}
        differed = False
        # What another act hides on the day itself can show on the day of a later one.
        for day in sorted(
            days | {each.effective for each in acts if days and each.effective and each.effective > min(days)}
        ):
            was, now = _shown(old, ref, day), _shown(new, ref, day)
            if was != now and (day in days or not differed):
                yield {"kind": kind, "ref": ref, "as_of": day.isoformat(), "before": was, "after": now}
            differed = was != now


def _shown(book: Book, ref: str, day: date) -> dict[str, Any]:
    answer = book.answer(ref, day)
    specs = [
        {"spec": each.spec, "version": each.version, "since": each.since and each.since.isoformat()}
        for each in answer.spec_versions
    ]
    return {"state": answer.state, "version": answer.version, "spec_versions": specs}
