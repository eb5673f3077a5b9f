"""The days of a code as iCalendar: one all-day event for each dated change, its revisions counted, what falls away cancelled."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from itertools import groupby, pairwise
from typing import Any, NamedTuple
from urllib.parse import quote

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response
from icalendar import Calendar
from icalendar import Event as Day

from events.tables import event_log
from services.law.codes import shape
from services.projection.answering import Answering
from services.projection.asked import POINT
from services.projection.changes import all_changes
from services.projection.documented import described
from services.projection.instruments import acts_by_name
from services.projection.known_rows import Body, body_of
from services.projection.point import Point
from services.projection.publish.titles import change_in_words, clean, heading
from services.projection.tables import change_row

MEDIA_TYPE = "text/calendar; charset=utf-8"


class Revised(NamedTuple):
    """A change as last known: its latest row, the last day it had, how often its day or its life changed, when last revised."""

    row: Any
    day: date
    stands: bool
    sequence: int
    revised_at: datetime


def router(answering: Answering, public_url: str) -> APIRouter:
    """The calendar's endpoint; every link in it begins with the public URL."""
    routes = APIRouter(tags=["subscribers"])

    @routes.get("/v1/codes/{code}/calendar.ics", **described(POINT, media_type=MEDIA_TYPE))
    def days(request: Request, code: str) -> Response:
        """Every dated change as an all-day event: past ones too; one that moved or fell away with a raised SEQUENCE."""
        return answering.written(request, code, MEDIA_TYPE, lambda c, p: calendar(c, p, public_url))

    return routes


def calendar(connection: sa.Connection, point: Point, public_url: str) -> bytes:
    """The calendar as known at the point; each event's category is its status on the day asked about."""
    told = Calendar()
    told.add("prodid", "-//inforce//calendar//EN")
    told.add("version", "2.0")
    told.add("calscale", "GREGORIAN")
    told.add("x-wr-calname", f"{shape(point.code).title}: what takes effect when")
    standing = {item["id"]: item for item in all_changes(connection, point)}
    acts = acts_by_name(connection, point)
    for change in revised(connection, point):
        told.add_component(_day(point.code, change, standing.get(change.row.id), acts, public_url))
    return bytes(told.to_ical())


def revised(connection: sa.Connection, point: Point) -> list[Revised]:
    """Each change that has or had a day, by that day, then in the order recorded."""
    c = change_row.c
    known_then = sa.and_(c.code == point.code, c.known_from <= point.bound)
    rows = connection.execute(
        sa.select(change_row, event_log.c.recorded_at.label("known_at"))
        .join(event_log, event_log.c.position == c.known_from)
        .where(known_then)
        .order_by(c.position, c.id, c.known_from, c.alive)
    )
    found = [change for _, own in groupby(rows, key=lambda row: row.id) if (change := _revised(own))]
    return sorted(found, key=lambda change: (change.day, change.row.position))


def _revised(rows: Iterable[Any]) -> Revised | None:
    """What the rows of one change come to: of several known from one position, the last says how it stood."""
    steps = [list(same)[-1] for _, same in groupby(rows, key=lambda row: row.known_from)]
    days = [row.effective for row in steps if row.effective]
    if not days:
        return None
    told = [(row.effective, row.alive and not row.cancelled) for row in steps]
    moved = sum(before != after for before, after in pairwise(told))
    last = steps[-1]
    return Revised(last, days[-1], told[-1][1] and last.effective is not None, moved, last.known_at.astimezone(UTC))


def _day(code: str, change: Revised, standing: Body | None, acts: dict[str, Body], public_url: str) -> Day:
    row, body = change.row, body_of(change.row)
    day = Day()
    day.add("uid", row.id)
    day.add("dtstamp", change.revised_at)
    day.add("dtstart", change.day)
    day.add("summary", f"{heading(code, row.version)}: {change_in_words(body)}")
    day.add("description", _described(body, acts.get(row.instrument or ""), f"{public_url}/v1/events/{row.id}"))
    path = f"{public_url}/v1/codes/{code}/provisions/{row.home_kind}/{quote(row.home_ref, safe='')}"
    day.add("url", f"{path}?as_of={change.day}")
    day.add("categories", [standing["status"] if standing else "withdrawn"])
    day.add("sequence", change.sequence)
    day.add("status", "CONFIRMED" if change.stands else "CANCELLED")
    day.add("transp", "TRANSPARENT")
    return day


def _described(body: Body, act: Body | None, event_url: str) -> str:
    by = [f"By the {act['authority']}.", *act["legal_basis"]] if act else []
    words = [f"“{body['source']['quote']}”"] if body["source"] else []
    return clean("\n".join([*by, *words, event_url])).replace("\r", "")
