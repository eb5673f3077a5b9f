"""A point on both time axes: the legal day asked about, and the last position of the code that was known."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from events.errors import NotFound, Rejected, Unavailable
from events.store import last_position, position_at
from events.tables import event_log
from services.projection.generations import LIVE
from services.projection.tables import change_row, checkpoint, reading_row, version_row

LONDON = ZoneInfo("Europe/London")

Known = int | datetime | None
"""When it was known: a position, an instant (UTC), or now."""


class UnknownCode(NotFound):
    """The ledger holds nothing of such a code."""

    problem = "unknown-code"


class BeforeFirstVersion(NotFound):
    """The day lies before the code's first version, or the point of knowledge before its first record."""

    problem = "before-first-version"


class KnownAtInFuture(Rejected):
    """Nobody knows yet what will be known then."""

    problem = "known-at-in-future"


class ProjectionBehind(Unavailable):
    """The log holds it, the read models do not yet."""

    problem = "projection-behind"


@dataclass(frozen=True, slots=True)
class Point:
    """Where an answer binds: `position` is the code's last one known there, recorded at `recorded_at`; `known_on` a London day.

    `generation` is the one of the read models that was live when the question came: the whole answer is of it.
    """

    code: str
    as_of: date
    bound: int
    position: int
    known_on: date
    recorded_at: datetime
    up_to_date_as_of: date | None
    generation: int


_PROJECTED = sa.select(checkpoint.c.position, checkpoint.c.generation).where(
    checkpoint.c.generation == LIVE, checkpoint.c.code == sa.bindparam("of_code")
)


def point_at(connection: sa.Connection, code: str, as_of: date, known: Known, now: datetime) -> Point:
    """The point for a code, a legal day and a time of knowledge; refuses what the ledger cannot answer there."""
    found = connection.execute(_PROJECTED, {"of_code": code}).first()
    if found is None:
        return _not_projected(connection, code)
    projected, generation = found
    bound = projected if known is None else _bound(connection, known, now)
    position = projected if bound >= projected else _last_of(connection, code, bound)
    if known is not None and bound > projected and _last_of(connection, code, bound) > projected:
        raise ProjectionBehind(f"{code} is projected up to position {projected}, asked was {bound}")
    first, up_to_date, recorded_at = _facts(connection, generation, code, position)
    if first is None or as_of < first:
        began = f"its first version is of {first}" if first else f"nothing of it was known at position {bound}"
        raise BeforeFirstVersion(f"{code} on {as_of}: {began}")
    known_on = _known_on(known, now, recorded_at)
    return Point(code, as_of, position, position, known_on, recorded_at, up_to_date, generation)


def _known_on(known: Known, now: datetime, recorded_at: datetime) -> date:
    if known is None:
        return now.astimezone(LONDON).date()
    return (known if isinstance(known, datetime) else recorded_at).astimezone(LONDON).date()


def _not_projected(connection: sa.Connection, code: str) -> Point:
    end = last_position(connection, code)
    if end:
        raise ProjectionBehind(f"{code} is recorded up to position {end}, nothing of it is projected yet")
    raise UnknownCode(f"the ledger holds nothing of a code {code[:40]!r}")


def _bound(connection: sa.Connection, known: int | datetime, now: datetime) -> int:
    if isinstance(known, int):
        end = last_position(connection)
        if known > end:
            raise KnownAtInFuture(f"known_at: position {known} lies beyond the log's last one, {end}")
        return known
    last = connection.scalar(sa.select(event_log.c.recorded_at).order_by(event_log.c.position.desc()).limit(1))
    if known > now and (last is None or known > last):
        raise KnownAtInFuture(f"known_at: {known.isoformat()} lies after now, {now.astimezone(UTC).isoformat()}")
    return position_at(connection, known)


def _last_of(connection: sa.Connection, code: str, bound: int) -> int:
    own = sa.select(sa.func.max(event_log.c.position)).where(event_log.c.code == code, event_log.c.position <= bound)
    return int(connection.scalar(own) or 0)


Facts = tuple[date | None, date | None, datetime]

_KEPT = 4_096


@lru_cache(maxsize=16)
def _kept(engine: sa.Engine) -> dict[tuple[int, str, int], Facts]:
    return {}


def _facts(connection: sa.Connection, generation: int, code: str, position: int) -> Facts:
    """The code's first day, the last day its sources speak of, the position's time: frozen, so kept."""
    kept = _kept(connection.engine)
    key = (generation, code, position)
    if key not in kept:
        if len(kept) >= _KEPT:
            kept.clear()
        kept[key] = _read_facts(connection, *key)
    return kept[key]


def _read_facts(connection: sa.Connection, generation: int, code: str, position: int) -> Facts:
    at = (generation, code, position)
    first = _extreme(connection, version_row, sa.func.min, *at)
    first = first or _extreme(connection, change_row, sa.func.min, *at)
    up_to_date = _extreme(connection, reading_row, sa.func.max, *at)
    recorded_at = connection.scalar(sa.select(event_log.c.recorded_at).where(event_log.c.position == position))
    return first, up_to_date, recorded_at or datetime.min.replace(tzinfo=UTC)


def _extreme(
    connection: sa.Connection,
    table: sa.Table,
    pick: Any,  # noqa: ANN401
    generation: int,
    code: str,
    position: int,
) -> date | None:
    """The first or last effective day among what stood of a fact's rows at the position."""
    newer = table.alias()
    same = (newer.c.generation == table.c.generation, newer.c.code == table.c.code, newer.c.id == table.c.id)
    later = sa.exists().where(*same, newer.c.known_from > table.c.known_from, newer.c.known_from <= position)
    stood = (table.c.code == code, table.c.known_from <= position, table.c.alive, ~later)
    own = sa.select(pick(table.c.effective)).where(table.c.generation == generation, *stood)
    found: date | None = connection.scalar(own)
    return found
