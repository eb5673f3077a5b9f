"""The acts on provisions, and the versions in force, supposing that the other of two claims were used."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import orjson

from events.catalogue import EVENT
from services.law.codes import shape
from services.law.fold import Act
from services.law.following import Moved, follows, moved
from services.law.references import parse
from services.projection.known_rows import Body, act_of

Home = tuple[str, str]
"""A kind and an outermost reference."""

_WITH_A_DAY = ("VersionImplemented", "ModificationDirected", "ModificationApproved")
_OF_AN_ACT = ("effective", "version", "spec", "spec_version", "alongside", "exclusions")


def shift(used: Body | None, other: Body | None, label: str, versions: list[Body]) -> Moved | None:
    """The legal day that would be another, of the version or of one of its instruments."""
    if not used or not other or used["type"] not in _WITH_A_DAY:
        return None
    own = next((day_of(each["effective"]) for each in versions if each["label"] == label), None)
    return moved(own, day_of(used["effective"]), day_of(other["effective"]), used.get("instrument"))


def followed(row: Any, moving: Moved, own_day: set[str]) -> Act:  # noqa: ANN401 - a row of change_row
    """The change as it would be if that day were another."""
    act = act_of(row)
    return replace(act, effective=moving.now) if follows(moving, act.effective, row.instrument, own_day) else act


def claimed(rows: list[Any], event_id: str | None, fact: Body | None, code: str) -> dict[Home, list[Act]]:
    """The change that a claim tells, in place of the one of that event, by its family; none where it tells of no change."""
    if fact is None or "ref" not in fact or fact["type"] == "DocumentLettered":
        return {}
    event: Any = EVENT.validate_json(orjson.dumps(fact))
    homes = {(row.kind, row.ref): (row.home_kind, row.home_ref) for row in rows}
    named = getattr(event, "provision", None)
    kind, ref = named.split("/", 1) if named else homes.get((event.kind, event.ref), (event.kind, event.ref))
    position = next((row.position for row in rows if row.id == event_id), 2**62)
    said = {name: getattr(event, name) for name in _OF_AN_ACT if hasattr(event, name)}
    form = shape(code).kind(kind)
    root = parse(ref, nested=form.nested if form else False).root
    return {(kind, root): [Act(id=event_id or "", position=position, action=event.action, ref=ref, **said)]}


def in_force(versions: list[Body], label: str, moving: Moved) -> Iterator[Body]:
    """The days on which another version would be in force, if the version were of another day."""
    held = [(day_of(each["effective"]), each["label"]) for each in versions if each["status"] != "cancelled"]
    would = [(moving.now if name == label else day, name) for day, name in held]
    for day in sorted(day for day in (moving.was, moving.now) if day):
        was, now = _on(held, day), _on(would, day)
        if was != now:
            yield {"as_of": day.isoformat(), "before": was, "after": now}


def _on(versions: list[tuple[date | None, str]], on: date) -> str | None:
    past = [(day, at, name) for at, (day, name) in enumerate(versions) if day and day <= on]
    return max(past)[2] if past else None


def day_of(text: str | None) -> date | None:
    """A day as JSON has it."""
    return date.fromisoformat(text) if text else None
