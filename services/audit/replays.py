"""Replays as they are kept: what was asked, how far it has come, what was found; at most one is unfinished."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from events.errors import Conflict, NotFound
from events.identifiers import new_id
from events.tables import Instant

KEPT = 100
"""Differences that are kept of one replay; all are counted."""

replay = sa.Table(
    "replay",
    sa.MetaData(),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("asked_by", sa.Text, nullable=False),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("until", sa.BigInteger),
    sa.Column("switch", sa.Boolean, nullable=False),
    sa.Column("unless_unlike", sa.Boolean, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("generation", sa.BigInteger),
    sa.Column("done", sa.BigInteger, nullable=False),
    sa.Column("total", sa.BigInteger, nullable=False),
    sa.Column("position", sa.BigInteger),
    sa.Column("differences", sa.BigInteger),
    sa.Column("switched", sa.Boolean, nullable=False),
    sa.Column("told", sa.LargeBinary),
    sa.Column("error", sa.Text),
    sa.Column("finished_at", Instant),
    sa.Column("unfinished", sa.Integer, unique=True),
)
"""One row a replay ever asked for."""

c = replay.c


class UnderWay(Conflict):
    """One replay at a time; the message names the one that is not finished."""


class UnknownReplay(NotFound):
    """No replay of that id was asked for."""

    problem = "unknown-replay"


class Wish(NamedTuple):
    """What a replay is to do: up to which position (null: all), whether to put the result in place, even where it differs."""

    until: int | None = None
    switch: bool = False
    unless_unlike: bool = False


def ask(connection: sa.Connection, wish: Wish, by: str) -> str:
    """Notes a replay that is to be done, and gives its id; UnderWay where another is not finished."""
    row = {"id": new_id(), "asked_by": by, "asked_at": datetime.now(UTC), **wish._asdict()}
    row |= {"state": "waiting", "done": 0, "total": 0, "switched": False, "unfinished": 1}
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    if connection.scalar(insert(replay).values(row).on_conflict_do_nothing().returning(c.id)) is None:
        other = unfinished(connection)
        raise UnderWay(f"replay {other.id if other else 'of another'} is not finished; one at a time")
    return str(row["id"])


def unfinished(connection: sa.Connection) -> Any:  # noqa: ANN401 - a row of replay, or null
    """The replay that is not finished, if there is one."""
    return connection.execute(sa.select(replay).where(c.unfinished == 1)).first()


def find(connection: sa.Connection, own: str) -> Any:  # noqa: ANN401 - a row of replay
    """The replay of that id."""
    row = connection.execute(sa.select(replay).where(c.id == own)).first()
    if row is None:
        raise UnknownReplay(f"no replay has the id {own[:40]!r}")
    return row


def listed(connection: sa.Connection, before: str | None, limit: int) -> Sequence[Any]:
    """The replays asked for before another one, the last first."""
    older = [c.id < before] if before else []
    return connection.execute(sa.select(replay).where(*older).order_by(c.id.desc()).limit(limit)).all()


def note(connection: sa.Connection, own: str, **values: object) -> None:
    """Keeps how far a replay has come, or what it found."""
    connection.execute(sa.update(replay).where(c.id == own).values(**values))


def end(connection: sa.Connection, own: str, state: str, error: str | None = None) -> None:
    """Keeps that a replay has ended, and how: `done`, or `failed`, with why."""
    note(connection, own, state=state, error=error, finished_at=datetime.now(UTC), unfinished=None)


def shown(row: Any) -> dict[str, Any]:  # noqa: ANN401 - a row of replay
    """A replay as REST gives it."""
    return {
        "id": row.id,
        "state": row.state,
        "until": row.until,
        "switch": row.switch,
        "unless_unlike": row.unless_unlike,
        "asked_by": row.asked_by,
        "asked_at": _text(row.asked_at),
        "finished_at": _text(row.finished_at),
        "progress": {"done": row.done, "total": row.total},
        "position": row.position,
        "switched": row.switched,
        "differences": row.differences,
        "first_differences": orjson.loads(row.told) if row.told else [],
        "error": row.error,
    }


def _text(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None
