"""An append on SQLite: the steps of PostgreSQL's `log_append`, under the single writer's lock."""

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime

from events.block import Block, Outcome
from events.envelope import Sealed
from events.tables import instant_text

_LAST = "SELECT position, recorded_at FROM event_log ORDER BY position DESC LIMIT 1"
_VERSION = "SELECT max(stream_version) FROM event_log WHERE stream = ?"
_INSERT = "INSERT INTO event_log VALUES (?,?,?,?,?,?,?,?,?,?,?)"
_INSERT_KEY = "INSERT INTO event_key VALUES (?,?,?,?,?)"


def put(driver: sqlite3.Connection, block: Block, chunk: Sequence[Sealed], continued_at: datetime | None) -> Outcome:
    """Appends a chunk of a block, the first one after all checks; begins a transaction where none is open, never commits."""
    if continued_at is None:
        refusal = _refusal(driver, block)
        if refusal:
            return refusal
    last, last_at = driver.execute(_LAST).fetchone() or (0, "")
    at = continued_at or datetime.now(UTC)
    text = max(instant_text(at), last_at)
    keys = () if continued_at else block.keys
    _insert(
        driver,
        _rows(chunk, last + 1, text),
        [(k.key.value, k.key.digest, last + 1 + k.offset, k.size, text) for k in keys],
    )
    return Outcome(None, None, None, None, last + 1, datetime.fromisoformat(text))


def _insert(driver: sqlite3.Connection, rows: list[tuple[object, ...]], keys: list[tuple[object, ...]]) -> None:
    if len(rows) == 1 and not keys:
        # A single statement is all or nothing by itself.
        driver.execute(_INSERT, rows[0])
        return
    driver.execute("SAVEPOINT append")
    try:
        driver.executemany(_INSERT_KEY, keys)
        driver.executemany(_INSERT, rows)
    except sqlite3.IntegrityError:
        driver.execute("ROLLBACK TO append")
        raise
    finally:
        if driver.in_transaction:
            driver.execute("RELEASE append")


def _refusal(driver: sqlite3.Connection, block: Block) -> Outcome | None:
    now = datetime.now(UTC)
    if abs((now - block.sent_at).total_seconds()) > 5:
        return Outcome("clock", None, None, None, None, now)
    if not driver.in_transaction:
        driver.execute("BEGIN IMMEDIATE")
    for part in block.keys:
        if driver.execute("SELECT 1 FROM event_key WHERE key = ?", (part.key.value,)).fetchone():
            return Outcome("key", part.key.value, None, None, None, now)
    for stream, expected in block.expected.items():
        found = driver.execute(_VERSION, (stream,)).fetchone()[0] or 0
        if found != expected:
            return Outcome("version", stream, expected, found, None, now)
    return None


def _rows(chunk: Sequence[Sealed], first: int, recorded_at: str) -> list[tuple[object, ...]]:
    return [
        (
            position,
            event.id,
            event.code,
            event.stream,
            event.stream_version,
            event.type,
            event.schema_version,
            event.effective_on and event.effective_on.isoformat(),
            recorded_at,
            event.entry,
            event.leaf_hash,
        )
        for position, event in enumerate(chunk, first)
    ]
