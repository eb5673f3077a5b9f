"""Which provisions may answer differently since a channel's last step, and what each is now: the state that is published."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from typing import NamedTuple

import orjson
import sqlalchemy as sa

from events import store
from events.envelope import Recorded
from events.errors import NotFound
from services.projection.answers import meta
from services.projection.asked import Asked
from services.projection.generations import LIVE
from services.projection.point import LONDON, Point, point_at
from services.projection.provisions import provision
from services.projection.publish.cursors import Place
from services.projection.publish.neighbours import Name
from services.projection.publish.touched import touched
from services.projection.tables import checkpoint, reading_row, version_row


class Changed(NamedTuple):
    """A provision's name, the event for which it may be another one, and what it is now (null: not there, or deleted)."""

    name: str
    cause: Recorded
    state: bytes | None


def changed(connection: sa.Connection, since: Place, until: int, day: date, now: datetime) -> Iterator[Changed]:
    """What the events up to `until`, and the days up to `day`, may have changed since a place: each provision once, as now."""
    page = {each.position: each for each in store.read(connection, since.position, until - since.position, until=until)}
    codes = {each.code for each in page.values()}
    if since.day and day > since.day:
        live = (checkpoint.c.generation == LIVE, checkpoint.c.code != "")
        codes |= set(connection.scalars(sa.select(checkpoint.c.code).where(*live)))
    for code in sorted(codes):
        begin = min((at for at, each in page.items() if each.code == code), default=until)
        point_of = _points(connection, code, begin, until, day, now)
        reasons = touched(connection, code, since, until, day, now, page.values())
        for name, reason in sorted(reasons.items(), key=lambda item: (item[1].position, item[0])):
            cause = page.get(reason.position) or store.read(connection, reason.position - 1, 1)[0]
            # As known when its last event had come; what came later in the page does not touch it.
            known = cause.position if cause.position in page else until
            point = point_of(known) if reason.known else None
            state = _state(connection, point, name) if point else None
            yield Changed(f"{code}/{name.kind}/{name.ref}", cause, state)


def _points(
    connection: sa.Connection, code: str, begin: int, until: int, day: date, now: datetime
) -> Callable[[int], Point | None]:
    """The point for each position from the first event of the code on; what points have in common is asked once."""
    steps = [begin, until]
    for each in (version_row.c, reading_row.c):
        own = (each.generation == LIVE, each.code == code, each.known_from > begin, each.known_from <= until)
        steps += connection.scalars(sa.select(each.known_from).where(*own))

    @cache
    def at(position: int) -> Point | None:
        try:
            return point_at(connection, code, day, position, now)
        except NotFound:
            return None

    def point_of(position: int) -> Point | None:
        step = at(max(each for each in steps if each <= position))
        if step is None or step.bound == position:
            return at(position)
        [last] = store.read(connection, position - 1, 1)
        known_on = last.recorded_at.astimezone(LONDON).date()
        return replace(step, bound=position, position=position, recorded_at=last.recorded_at, known_on=known_on)

    return point_of


def _state(connection: sa.Connection, point: Point, name: Name) -> bytes | None:
    """The provision as REST gives it at the point; null where it is deleted."""
    try:
        body = provision(connection, point, *name)
    except NotFound:
        return None
    asked = Asked(point.as_of, point.bound, f"pos:{point.bound}", negotiated=False, model=None, min_position=0)
    return None if body["state"] == "deleted" else orjson.dumps({**body, "meta": meta(point, asked)})
