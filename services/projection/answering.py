"""A question over HTTP: its parameters checked, bound to a point, put to the read models, its answer given the promised form."""

import time
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response

from events.driver_errors import translated
from events.tables import event_log
from services.doors.parameters import check_names
from services.projection import queries
from services.projection.answers import answered, answered_as
from services.projection.asked import PAGING, POINT, Asked, point_asked
from services.projection.kept import Memory
from services.projection.paging import Place, page, resumed
from services.projection.point import Point, ProjectionBehind, point_at

PATIENCE = 5.0
"""Seconds that `min_position` waits for the projection."""

Query = Callable[[sa.Connection, Point], Any]


class Answering:
    """Opens the database for a question, binds it to a point, and gives the answer the form that the API promises."""

    def __init__(self, engine: sa.Engine, memory: Memory) -> None:
        self.engine, self.memory = _without_transactions(engine), memory

    def now(self) -> datetime:
        """The time it is."""
        return self.memory.clock()

    def one(self, request: Request, code: str, query: Query, extra: Collection[str] = ()) -> Response:
        """A single answer."""
        check_names(request, {*POINT, *extra})
        asked = self._asked(request)
        with translated(), self.engine.connect() as connection:
            point = self._bind(connection, code, asked)
            body = query(connection, point)
        return answered(request, point, asked, body, self.memory)

    def written(
        self, request: Request, code: str, media_type: str, query: Callable[[sa.Connection, Point], bytes]
    ) -> Response:
        """A single answer in a form other than JSON."""
        check_names(request, POINT)
        asked = self._asked(request)
        with translated(), self.engine.connect() as connection:
            point = self._bind(connection, code, asked)
            content = query(connection, point)
        return answered_as(media_type, request, point, asked, content, self.memory)

    def many(self, request: Request, code: str, query: Query, extra: Collection[str] = ()) -> Response:
        """A list, paged: whatever is recorded meanwhile, every page answers at the point of the first."""
        check_names(request, {*POINT, *PAGING, *extra})
        asked = _kept_to(self._asked(request), resumed(request.query_params, request.url.path))
        with translated(), self.engine.connect() as connection:
            point = self._bind(connection, code, asked)
            items = query(connection, point)
        chosen, following = page(items, request.query_params, request.url.path, point)
        return answered(request, point, asked, {"items": chosen, "next": following}, self.memory)

    def _asked(self, request: Request) -> Asked:
        asked = point_asked(request, self.now())
        if asked.min_position:
            self._wait(asked.min_position)
        return asked

    def _bind(self, connection: sa.Connection, code: str, asked: Asked) -> Point:
        point = point_at(connection, code, asked.day, asked.known, asked.at or self.now())
        if asked.min_position and asked.known is None:
            _refuse_stopped(connection, point, asked.min_position)
        return point

    def _wait(self, position: int) -> None:
        """Waits for the projection; holds no connection meanwhile."""
        end = time.monotonic() + PATIENCE
        while True:
            with translated(), self.engine.connect() as connection:
                reached = queries.status(connection)["projection"]["position"]
            if reached >= position:
                return
            if time.monotonic() > end:
                raise ProjectionBehind(f"min_position: the projection has reached {reached}, asked was {position}")
            time.sleep(0.02)


def _kept_to(asked: Asked, place: Place | None) -> Asked:
    """What is asked, bound to the point of a cursor's place where the request leaves that open."""
    if place is None:
        return asked
    known = place.position if asked.known is None else asked.known
    return asked._replace(as_of=asked.as_of or place.as_of, known=known)


def _without_transactions(engine: sa.Engine) -> sa.Engine:
    """Answers bind to a position, below which nothing changes: they need no transaction, nor the two round trips it takes."""
    return engine if engine.dialect.name == "sqlite" else engine.execution_options(isolation_level="AUTOCOMMIT")


def _refuse_stopped(connection: sa.Connection, point: Point, position: int) -> None:
    """A code that stands still lacks what others were projected past."""
    c = event_log.c
    own = sa.select(sa.func.max(c.position)).where(c.code == point.code, c.position <= position)
    if (connection.scalar(own) or 0) > point.position:
        raise ProjectionBehind(f"{point.code} is projected up to position {point.position}, asked was {position}")
