"""Which provisions may answer differently since a channel's last step, and what each is now: the state that is published."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

import orjson
import sqlalchemy as sa

from events import store
from events.envelope import Recorded
from events.errors import NotFound
from services.projection.answers import meta
from services.projection.asked import Asked
from services.projection.point import point_at
from services.projection.provisions import provision
from services.projection.publish.cursors import Place
from services.projection.publish.neighbours import Name
from services.projection.publish.touched import touched
from services.projection.tables import checkpoint


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
        codes |= set(connection.scalars(sa.select(checkpoint.c.code).where(checkpoint.c.code != "")))
    for code in sorted(codes):
        reasons = touched(connection, code, since, until, day, now, page.values())
        for name, reason in sorted(reasons.items(), key=lambda item: (item[1].position, item[0])):
            # As known when its last event had come; what came later in the page does not touch it.
            known = reason.position if reason.position in page else until
            state = _state(connection, code, name, day, known, now) if reason.known else None
            cause = page.get(reason.position) or store.read(connection, reason.position - 1, 1)[0]
            yield Changed(f"{code}/{name.kind}/{name.ref}", cause, state)


def _state(connection: sa.Connection, code: str, name: Name, day: date, known: int, now: datetime) -> bytes | None:
    """The provision as REST gives it on that day as known at that position; null where it is deleted."""
    try:
        point = point_at(connection, code, day, known, now)
        body = provision(connection, point, *name)
    except NotFound:
        return None
    asked = Asked(day, known, f"pos:{known}", negotiated=False, model=None, min_position=0)
    return None if body["state"] == "deleted" else orjson.dumps({**body, "meta": meta(point, asked)})
