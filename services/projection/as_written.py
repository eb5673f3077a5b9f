"""Bases that a source writes otherwise than the chain of versions has them: contradictions of a source with its own order."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from events.store import events_by_ids, stream_openings
from services.law.codes import shape
from services.law.precedence import AS_WRITTEN
from services.projection.apply import instant
from services.projection.instruments import versions_in_order
from services.projection.known_rows import Body, body_of, known
from services.projection.point import Point
from services.projection.tables import instrument_row

_AS_IT_STANDS = {"used": 0, "rule": AS_WRITTEN, "by": None, "reason": None, "conflict": None}
_NOT_OF_THE_FACT = ("id", "event", "position", "recorded_at")


def unlike_the_chain(connection: sa.Connection, point: Point) -> Iterator[Body]:
    """Each instrument whose base as written is not the version before its own, in the order recorded: as written it stands."""
    versions = {version["label"]: version for version in versions_in_order(connection, point)}
    found = [
        (row, act, version)
        for row in known(connection, instrument_row, point)
        if (version := versions.get(row.version)) and _is_unlike(act := body_of(row), version["previous"])
    ]
    first = events_by_ids(connection, [row.id for row, _, _ in found])
    sources = stream_openings(connection, [f"source/{act['source']['sha256']}" for _, act, _ in found if act["source"]])
    for row, act, version in found:
        opening: Any = sources.get(f"source/{act['source']['sha256']}") if act["source"] else None
        yield {
            "id": row.id,
            "event": row.id,
            "position": row.position,
            "recorded_at": instant(first[row.id]),
            "about": f"instrument/{row.instrument}",
            "recorded": row.id,
            "version": row.version,
            "effective": version["effective"],
            "source": act["source"],
            "claims": _claims(point, row, act, versions.get(version["previous"]), version["previous"]),
            "kinds": [(opening.event.kind or "instrument") if opening else None, "chain"],
            **_AS_IT_STANDS,
        }


def _is_unlike(act: Body, before: str | None) -> bool:
    return bool(before and act["base_version"] and not act["base_inferred"] and act["base_version"] != before)


def _claims(point: Point, row: Any, act: Body, before: Body | None, label: str) -> list[Body]:  # noqa: ANN401
    directed = row.authority in shape(point.code).directing
    fact = {"type": "ModificationDirected" if directed else "ModificationApproved", "code": point.code}
    fact |= {"instrument": row.instrument} | {n: value for n, value in act.items() if n not in _NOT_OF_THE_FACT}
    chain = {**fact, "base_version": label, "base_inferred": True}
    return [{"source": act["source"], "fact": fact}, {"source": before and before["source"], "fact": chain}]
