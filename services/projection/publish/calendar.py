"""The days of a code as iCalendar: one all-day event for each dated change, its revisions counted, what falls away cancelled."""

from urllib.parse import quote

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response
from icalendar import Calendar
from icalendar import Event as Day

from services.law.codes import shape
from services.projection.answering import Answering
from services.projection.asked import POINT
from services.projection.changes import all_changes
from services.projection.documented import described
from services.projection.instruments import acts_by_name
from services.projection.known_rows import Body, body_of
from services.projection.point import Point
from services.projection.publish.revisions import Revised, revised
from services.projection.publish.wordings import change_in_words, clean, heading

MEDIA_TYPE = "text/calendar; charset=utf-8"


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
