"""What a command was answered, kept by its idempotency key and given again to the same request."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy as sa

from events.receipt import Key
from events.tables import event_key
from services.ingest.tables import command_answer


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command did or would do: JSON, the version of its instrument's stream, the last position (null: none)."""

    body: bytes
    version: int | None
    position: int | None


class Earlier(NamedTuple):
    """The first request under a key: its digest, and what it was answered (null: it was no command)."""

    digest: bytes
    outcome: Outcome | None


_EARLIER = (
    sa.select(event_key.c.key.label("of"), event_key.c.digest, command_answer)
    .join_from(event_key, command_answer, command_answer.c.key == event_key.c.key, isouter=True)
    .where(event_key.c.key.in_(sa.bindparam("of_keys", expanding=True)))
)
_KEEP = sa.insert(command_answer)


def earlier(connection: sa.Connection, keys: Collection[str]) -> dict[str, Earlier]:
    """What the first request under each of the keys was, where there was one."""
    rows = connection.execute(_EARLIER, {"of_keys": list(keys)})
    return {
        row.of: Earlier(row.digest, None if row.key is None else Outcome(row.answer, row.version, row.position))
        for row in rows
    }


def keep(connection: sa.Connection, answers: Iterable[tuple[Key, Outcome]]) -> None:
    """Keeps what the request under each key was answered."""
    rows = [
        {"key": key.value, "version": outcome.version, "position": outcome.position, "answer": outcome.body}
        for key, outcome in answers
    ]
    if rows:
        connection.execute(_KEEP, rows)
