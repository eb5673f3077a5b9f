"""How far each channel has published; a channel has one publisher at a time, and a dead one's place is free at once."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import NamedTuple

import sqlalchemy as sa

from events.driver_errors import translated
from events.tables import Instant
from services.projection.known_rows import Body
from services.projection.proof.checkpoints import size_at

CHECKPOINTS = "kafka.checkpoints"
"""The one channel whose cursor is no position of the log: it counts the checkpoints signed, of which two may have one size."""

OF_SUBSCRIPTIONS = "webhooks.checkpoints/"
"""What the cursors begin with by which a subscription is told of checkpoints, before its id; they count as the one above does."""

publish_cursor = sa.Table(
    "publish_cursor",
    sa.MetaData(),
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("day", sa.Date),
    sa.Column("moved_at", Instant),
    sa.Column("error", sa.Text),
    sa.Column("failed_at", Instant),
)
"""One row a channel; `day`: the London day that the channel's current state is published for."""

c = publish_cursor.c


class Place(NamedTuple):
    """How far a channel has published, and for which London day (null: none yet)."""

    position: int
    day: date | None


@contextmanager
def turn(engine: sa.Engine, channel: str) -> Iterator[sa.Connection | None]:
    """A connection that holds the only right to publish on the channel; None where another process holds it."""
    with translated(), engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            with _locked_file(f"{engine.url.database}.{channel}.lock") as held:
                yield connection if held else None
            return
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        key = int.from_bytes(sha256(channel.encode()).digest()[:8], signed=True)
        if not connection.scalar(sa.select(sa.func.pg_try_advisory_lock(key))):
            yield None
            return
        try:
            yield connection
        finally:
            # Closes the session, and with it the lock, whatever state the session is in.
            connection.invalidate()


@contextmanager
def _locked_file(path: str) -> Iterator[bool]:
    with open(path, "a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def place(connection: sa.Connection, channel: str) -> Place:
    """Where the channel stands; at the log's beginning where it has published nothing."""
    row = connection.execute(sa.select(c.position, c.day).where(c.channel == channel)).first()
    connection.commit()
    return Place(row.position, row.day) if row else Place(0, None)


def move(connection: sa.Connection, channel: str, position: int, day: date | None = None) -> None:
    """Keeps, durably, that everything up to the position was acknowledged; a failure noted before is over."""
    _set(connection, channel, position=position, day=day, moved_at=datetime.now(UTC), error=None, failed_at=None)


def note_failure(connection: sa.Connection, channel: str, why: str) -> None:
    """Keeps why the channel stands still; its place stays."""
    _set(connection, channel, error=why[:1_000], failed_at=datetime.now(UTC))


def _set(connection: sa.Connection, channel: str, **values: object) -> None:
    if connection.execute(sa.update(publish_cursor).where(c.channel == channel).values(**values)).rowcount == 0:
        connection.execute(sa.insert(publish_cursor).values({"channel": channel, "position": 0, **values}))
    connection.commit()


def told(connection: sa.Connection, end: int) -> list[Body]:
    """Every channel with its position, how far that is behind the log's end, and what stops it."""
    own = ~c.channel.startswith(OF_SUBSCRIPTIONS)
    rows = connection.execute(sa.select(publish_cursor).where(own).order_by(c.channel)).all()
    reached = {row.channel: row.position for row in rows}
    if CHECKPOINTS in reached:
        reached[CHECKPOINTS] = size_at(connection, reached[CHECKPOINTS])
    return [
        {
            "channel": row.channel,
            "position": reached[row.channel],
            "lag": end - reached[row.channel],
            "moved_at": _text(row.moved_at),
            "error": {"at": _text(row.failed_at), "why": row.error} if row.error else None,
        }
        for row in rows
    ]


def _text(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None
