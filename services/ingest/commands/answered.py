"""What a command was answered, kept by its idempotency key and given again to the same request."""

from dataclasses import dataclass

import sqlalchemy as sa

from events.receipt import Key, KeyReused
from events.tables import event_key
from services.ingest.tables import command_answer


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command did or would do: JSON, the version of its instrument's stream, the last position (null: none)."""

    body: bytes
    version: int | None
    position: int | None


_EARLIER = (
    sa.select(event_key.c.digest, command_answer)
    .join_from(event_key, command_answer, command_answer.c.key == event_key.c.key, isouter=True)
    .where(event_key.c.key == sa.bindparam("of_key"))
)
_KEEP = sa.insert(command_answer)


def earlier(connection: sa.Connection, key: Key) -> Outcome | None:
    """What the first request under the key was answered; KeyReused where it was another, null where there was none."""
    row = connection.execute(_EARLIER, {"of_key": key.value}).one_or_none()
    if row is None:
        return None
    if row.digest != key.digest or row.key is None:
        raise KeyReused(key.value)
    return Outcome(row.answer, row.version, row.position)


def keep(connection: sa.Connection, key: Key, outcome: Outcome) -> None:
    """Keeps what the request under the key was answered."""
    row = {"key": key.value, "version": outcome.version, "position": outcome.position, "answer": outcome.body}
    connection.execute(_KEEP, row)
