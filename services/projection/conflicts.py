"""Answers about contradictions between sources: one resource each, with both claims, the one used, and how that was decided."""

from collections import defaultdict
from typing import Any

import sqlalchemy as sa

from events.errors import NotFound
from events.store import event_by_id
from services.law.precedence import AS_WRITTEN
from services.projection.apply import instant
from services.projection.as_written import unlike_the_chain
from services.projection.consequences import consequences
from services.projection.known_rows import Body, body_of, code_and_bound, standing
from services.projection.point import Point
from services.projection.tables import conflict_row


class UnknownConflict(NotFound):
    """No contradiction has that id, as known at the point."""

    problem = "unknown-conflict"


def conflicts(connection: sa.Connection, point: Point) -> list[Body]:
    """The contradictions known at the point, in the order noted."""
    return [_told(point, steps) for steps in _all(connection, point)]


def conflict(connection: sa.Connection, point: Point, name: str) -> Body:
    """One contradiction, and what the claim that is not used would change."""
    for steps in _all(connection, point):
        if steps[0]["id"] == name:
            return {**_told(point, steps), "would_change": consequences(connection, point, steps[-1])}
    raise UnknownConflict(f"{point.code} has no conflict {name[:80]!r} as known at position {point.position}")


def _all(connection: sa.Connection, point: Point) -> list[list[Body]]:
    """What was decided of each contradiction, oldest first."""
    steps: dict[str, list[Body]] = defaultdict(list)
    for row in connection.execute(standing(conflict_row), code_and_bound(point)):
        steps[row.id].append(body_of(row))
    for name, decided in steps.items():
        if decided[0]["conflict"] is not None:
            decided.insert(0, _written(connection, name, decided[0]))
    for found in unlike_the_chain(connection, point):
        steps.setdefault(found["id"], [found])
    return sorted(steps.values(), key=lambda decided: (decided[0]["position"], decided[0]["id"]))


def _written(connection: sa.Connection, name: str, decided: Body) -> Body:
    """How a contradiction stood that no event notes before somebody decided it: as its source writes."""
    first = event_by_id(connection, name)
    own = {
        "event": name,
        "position": first.position,
        "recorded_at": instant(first),
        "source": decided["claims"][0]["source"],
    }
    return {**decided, **own, "used": 0, "rule": AS_WRITTEN, "by": None, "reason": None, "conflict": None}


def _told(point: Point, steps: list[Body]) -> Body:
    first, last = steps[0], steps[-1]
    return {
        "id": first["id"],
        "code": point.code,
        "status": "resolved" if last["conflict"] else "open",
        **{name: first[name] for name in ("position", "recorded_at", "about", "version", "effective", "source")},
        "recorded": last["recorded"],
        "claims": [_claim(last, index, claim) for index, claim in enumerate(last["claims"])],
        **_decision(last),
        "noted": _decision(first),
        "resolutions": [_decision(step) for step in steps if step["conflict"]],
    }


def _claim(step: Body, index: int, claim: Any) -> Body:  # noqa: ANN401
    source = claim["source"]
    kind = step["kinds"][index] if step["kinds"] else None
    return {"kind": kind, "quote": source and source["quote"], **claim, "used": index == step["used"]}


def _decision(step: Body) -> Body:
    """Which claim was used from then on, by which rule or person."""
    since = {"event": step["event"], "position": step["position"], "recorded_at": step["recorded_at"]}
    return {name: step[name] for name in ("used", "rule", "by", "reason")} | {"since": since, "words": step["source"]}
