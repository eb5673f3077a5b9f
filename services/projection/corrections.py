"""Answers about corrections: what turned out to be otherwise, and which corrections bear on the law of a day."""

from dataclasses import replace
from datetime import date

import sqlalchemy as sa

from services.projection.changes import all_changes
from services.projection.instruments import acts_by_name, versions_in_order
from services.projection.known_rows import Body
from services.projection.learnt import CORRECTING, learnt
from services.projection.point import Point


def corrections(connection: sa.Connection, point: Point, live_on: date | None = None) -> list[Body]:
    """The corrections and withdrawals known at the point, in the order learnt; only those live on a day, where one is given.

    One is live on a day if it is the last word on its fact and that fact, as corrected, applies then; of one withdrawn: would have.
    """
    items = learnt(connection, point, 0, CORRECTING)
    last = {item["fact"]: item["id"] for item in items}
    items = [{**item, "stands": last[item["fact"]] == item["id"]} for item in items]
    if live_on is None:
        return items
    applying = _applying(connection, replace(point, as_of=live_on))
    return [item for item in items if item["stands"] and _live(item, applying, live_on.isoformat())]


def _live(item: Body, applying: dict[str, bool], day: str) -> bool:
    if item["after"] is not None and item["fact"] in applying:
        return applying[item["fact"]]
    effective = (item["after"] or item["before"] or {}).get("effective")
    return effective is not None and effective <= day


def _applying(connection: sa.Connection, point: Point) -> dict[str, bool]:
    """Whether each change, version and instrument applies on the day, by the event that recorded it."""
    versions = versions_in_order(connection, point)
    days = {version["label"]: version["effective"] for version in versions}
    found = {
        act["event"]: _reached(act["effective"] or days.get(act["version"]), point) and not act.get("cancelled")
        for act in acts_by_name(connection, point).values()
    }
    found |= {version["id"]: version["status"] == "in_force" for version in versions}
    return found | {item["id"]: item["status"] == "in_force" for item in all_changes(connection, point)}


def _reached(effective: str | None, point: Point) -> bool:
    return effective is not None and effective <= point.as_of.isoformat()
