"""A replay: the read models made anew beside the live ones, compared with them, and put in their place where that is asked."""

from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import orjson
import sqlalchemy as sa

from events.driver_errors import translated
from events.errors import Conflict, NotFound, Rejected, Unavailable
from services.audit import comparing, replays
from services.audit.explaining import Told, explained
from services.audit.replays import Wish
from services.projection import generations, rebuild

CHANNEL = "replay"
"""The right to replay, which one process has at a time."""

NOTED_EVERY = 0.5
"""Seconds between two notes of how far it has come."""

Moved = Callable[[str, int, int], None]
"""Told the state, how much is done, and of how much; what it raises ends the work, which can go on later."""


class BeyondTheLog(Rejected):
    """A position that the log has not reached; the message names both."""

    problem = "bad-parameter"


class OnlyWhole(Rejected):
    """Read models that end before the log does are never put in place."""

    problem = "bad-parameter"


class Failed(Conflict):
    """A replay came to nothing; its row says why too."""


def checked(wish: Wish, end: int) -> Wish:
    """The wish, where it can be fulfilled on a log with that last position."""
    if wish.until is not None and wish.until > end:
        raise BeyondTheLog(f"until: position {wish.until} lies beyond the log's last one, {end}")
    if wish.until is not None and wish.switch:
        raise OnlyWhole(
            f"switch: read models rebuilt up to position {wish.until} are not put in place; leave out until"
        )
    return wish


def work(engine: sa.Engine, own: str, moved: Moved) -> Any:  # noqa: ANN401 - a row of replay
    """Does a replay to its end, from where it stands; the caller holds the right to; its row when it is done."""
    noted = _Noted(engine, own, moved)
    try:
        _work(engine, own, noted)
    except Unavailable:
        raise
    except Exception as why:
        said = str(why) if isinstance(why, (Conflict, NotFound, Rejected)) else f"{type(why).__name__}: {why}"
        _end(engine, own, "failed", said[:1_000])
        raise Failed(f"replay {own}: {said}") from why
    with translated(), engine.connect() as connection:
        return replays.find(connection, own)


def clear(engine: sa.Engine) -> None:
    """Removes the generations that nobody needs any longer; the caller holds the right to replay."""
    with translated(), engine.connect() as connection:
        row = replays.unfinished(connection)
        needless = generations.needless(connection, datetime.now(UTC), row.generation if row else None)
    for each in needless:
        generations.drop(engine, each)


class _Noted:
    """Tells how far a replay has come, and keeps it now and then."""

    def __init__(self, engine: sa.Engine, own: str, moved: Moved) -> None:
        self._engine, self._own, self._moved = engine, own, moved
        self._state, self._at = "", 0.0

    def at(self, state: str) -> Callable[[int, int], None]:
        """Takes how much is done of that state's work."""

        def moved(done: int, total: int) -> None:
            if state != self._state or monotonic() - self._at >= NOTED_EVERY or done >= total:
                self._state, self._at = state, monotonic()
                with translated(), self._engine.begin() as connection:
                    replays.note(connection, self._own, state=state, done=done, total=total)
            self._moved(state, done, total)

        return moved


def _work(engine: sa.Engine, own: str, noted: _Noted) -> None:
    clear(engine)
    row = _begun(engine, own)
    with translated(), engine.connect() as connection:
        live = generations.live(connection)
    if live != row.generation:  # else it was ended between the switch and the note of it
        rebuild.fill(engine, row.generation, row.until, noted.at("rebuilding"))
        differences = _compared(engine, own, live, row.generation, noted)
        if row.switch and not (row.unless_unlike and differences):
            noted.at("switching")(0, 1)
            rebuild.switch(engine, row.generation)
            live = row.generation
    _end(engine, own, "done", switched=live == row.generation)


def _begun(engine: sa.Engine, own: str) -> Any:  # noqa: ANN401 - a row of replay
    """The replay with its generation: the one that it fills already, else a new one."""
    with translated(), engine.begin() as connection:
        row = replays.find(connection, own)
        if row.generation is None:
            replays.note(connection, own, generation=generations.begin(connection), state="rebuilding")
            row = replays.find(connection, own)
        return row


def _compared(engine: sa.Engine, own: str, live: int, rebuilt: int, noted: _Noted) -> int:
    """How many differences there are; they are kept, the first with what explains them."""
    told: list[Told] = []
    count = 0
    with translated(), engine.connect() as connection:
        between = comparing.sides(connection, live, rebuilt)
        for found in comparing.unlike(connection, between, noted.at("comparing")):
            count += 1
            if len(told) < replays.KEPT:
                told.append(explained(connection, found, rebuilt))
    with translated(), engine.begin() as connection:
        kept = orjson.dumps(told)
        replays.note(connection, own, position=between.until, differences=count, told=kept)
    return count


def _end(engine: sa.Engine, own: str, state: str, error: str | None = None, *, switched: bool = False) -> None:
    with translated(), engine.begin() as connection:
        replays.note(connection, own, switched=switched)
        replays.end(connection, own, state, error)
    clear(engine)
