"""Ledgers for publishing: many events quickly, and the shipped table."""

from datetime import date

import sqlalchemy as sa

from events.envelope import Pending
from events.identifiers import new_id
from events.store import append
from services.projection.runner import catch_up
from tests.factories import amended


def fill(engine: sa.Engine, number: int, begin: int = 0) -> None:
    """Records so many events, each of a section of its own; none is projected."""
    for start in range(begin, begin + number, 2_000):
        own = range(start, min(start + 2_000, begin + number))
        events = [Pending(new_id(), f"sec/section/Z{i}", amended(f"Z{i}", effective=date(2018, 5, 31))) for i in own]
        with engine.begin() as connection:
            append(connection, events, {each.stream: 0 for each in events})


def fill_and_project(engine: sa.Engine, number: int) -> None:
    """Records so many events and projects them."""
    fill(engine, number)
    catch_up(engine)


def ids(engine: sa.Engine) -> list[str]:
    """The ids of all events, in the order of the log."""
    with engine.connect() as connection:
        return [
            str(each)
            for each in connection.scalars(sa.text("SELECT CAST(id AS TEXT) FROM event_log ORDER BY position"))
        ]
