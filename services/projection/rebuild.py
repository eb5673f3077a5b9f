"""A generation of the read models filled beside the live one, from the log alone, and put in its place."""

import threading

import sqlalchemy as sa

from events.driver_errors import translated
from events.errors import Conflict, Unavailable
from services.projection import generations, runner
from services.projection.runner import Poisoned, Progress


class NoBetter(Conflict):
    """The rebuilt read models cannot take what the live ones took; the message names the code and the event's position."""


class Stopped(Unavailable):
    """The work was told to stop; it goes on from where it is."""


def fill(
    engine: sa.Engine,
    generation: int,
    until: int | None = None,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
) -> int:
    """Projects the log, up to its end or a position, from where the generation stands; the position reached."""
    while True:
        if stop is not None and stop.is_set():
            raise Stopped(f"the rebuild of generation {generation} was told to stop")
        now = runner.turn(engine, generation, until)
        if progress:
            progress(now.reached, now.end)
        if now.reached >= now.end:
            return now.reached


def switch(engine: sa.Engine, generation: int) -> int:
    """The generation answers from now on, and knows no less than the one before; the position it has reached."""
    while True:
        fill(engine, generation)
        try:
            with translated(), engine.begin() as connection:
                reached = _switched(connection, generation)
        except Poisoned as poison:
            runner.stop_code(engine, generation, poison)
        else:
            if reached is not None:
                return reached


def _switched(connection: sa.Connection, generation: int) -> int | None:
    """Where it stands now that it is in place; null where the live one has run away meanwhile."""
    before, end = runner.claim_live(connection)
    seen = runner.claim(connection, generation)
    if before == generation:
        return seen
    if end - seen > runner.BATCH:
        return None
    reached = runner.project_batch(connection, generation, seen, max(end, seen))
    if reached < end:
        return None
    _refuse_worse(connection, before, generation)
    generations.put_in_place(connection, generation)
    return reached


def _refuse_worse(connection: sa.Connection, before: int, generation: int) -> None:
    stood = runner.stopped(connection, before)
    for code, position in runner.stopped(connection, generation).items():
        if code not in stood or position < stood[code]:
            raise NoBetter(f"the rebuilt projection of {code} stops at position {position}, the live one does not")
