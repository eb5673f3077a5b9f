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


def earlier(connection: sa.Connection, key: Key) -> Outcome | None:
    """What the first request under the key was answered; KeyReused where it was another, null where there was none."""
    digest = connection.scalar(sa.select(event_key.c.digest).where(event_key.c.key == key.value))
    if digest is None:
        return None
    own = sa.select(command_answer).where(command_answer.c.key == key.value)
    row = connection.execute(own).one_or_none()
    if digest != key.digest or row is None:
        raise KeyReused(key.value)
    return Outcome(row.answer, row.version, row.position)


def keep(connection: sa.Connection, key: Key, outcome: Outcome) -> None:
    """Keeps what the request under the key was answered."""
    row = {"key": key.value, "version": outcome.version, "position": outcome.position, "answer": outcome.body}
    connection.execute(sa.insert(command_answer).values(row))
