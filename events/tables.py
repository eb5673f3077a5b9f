"""The log's two tables, as the migrations make them: the events, and the idempotency keys of the appends."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Date, DateTime, Dialect, Integer, LargeBinary, MetaData, Table, Text
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator, TypeEngine

METADATA = MetaData()
"""Tables for writing statements with; the schema itself is made by Alembic alone."""


class Instant(TypeDecorator[datetime]):
    """A moment in UTC: `timestamptz` on PostgreSQL, RFC 3339 text with microseconds on SQLite, an aware datetime in Python."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text on SQLite, which has no type for moments."""
        implementation: TypeEngine[Any] = Text() if dialect.name == "sqlite" else DateTime(timezone=True)
        return dialect.type_descriptor(implementation)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | str | None:
        """A naive datetime is refused: nobody knows which moment it is."""
        if value is None or dialect.name != "sqlite":
            return value
        return instant_text(value)

    def process_result_value(self, value: datetime | str | None, dialect: Dialect) -> datetime | None:
        """Aware, in UTC."""
        return datetime.fromisoformat(value) if isinstance(value, str) else value


def instant_text(value: datetime) -> str:
    """RFC 3339 in UTC with six digits and a Z: one width, so that text order is time order."""
    if value.tzinfo is None:
        raise ValueError(f"a moment needs its offset from UTC, {value!r} has none")
    return value.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


Position = BigInteger().with_variant(Integer(), "sqlite")
"""A place in the log: 1, 2, 3 ..."""

EventId = Text().with_variant(postgresql.UUID(as_uuid=False), "postgresql")
"""A UUID, as text in Python."""

event_log = Table(
    "event_log",
    METADATA,
    Column("position", Position, primary_key=True, autoincrement=False),
    Column("id", EventId, nullable=False, unique=True),
    Column("code", Text, nullable=False),
    Column("stream", Text, nullable=False),
    Column("stream_version", Position, nullable=False),
    Column("type", Text, nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("effective_on", Date),
    Column("recorded_at", Instant, nullable=False),
    Column("entry", LargeBinary, nullable=False),
    Column("leaf_hash", LargeBinary, nullable=False),
)

event_key = Table(
    "event_key",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("first_position", Position, nullable=False),
    Column("event_count", Integer, nullable=False),
    Column("recorded_at", Instant, nullable=False),
)
