"""Which log this ledger mirrors, if it is a mirror: its last checkpoint that held, and the alarm that was raised."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from events.tables import Instant
from services.projection.known_rows import Body

followed_log = sa.Table(
    "followed_log",
    sa.MetaData(),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("note", sa.LargeBinary),
    sa.Column("checked_at", Instant),
    sa.Column("alarm", sa.Text),
    sa.Column("alarm_at", Instant),
)
"""One row, or none: `key` are the verifier keys that are believed, one a line; `note` the last checkpoint that held."""


def row(connection: sa.Connection) -> Any:  # noqa: ANN401 - a row of followed_log
    """The log that is followed; null where none is."""
    return connection.execute(sa.select(followed_log)).first()


def told(connection: sa.Connection) -> Body | None:
    """What `/v1/status` says of it; null where this ledger is no mirror."""
    held = row(connection)
    if held is None:
        return None
    alarm = {"at": _text(held.alarm_at), "why": held.alarm} if held.alarm else None
    return {"url": held.url, "size": held.size, "checked_at": _text(held.checked_at), "alarm": alarm}


def _text(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None
