"""An append on SQLite: the steps of PostgreSQL's `log_append`, under the single writer's lock."""

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from events.block import Block, Outcome
from events.envelope import Sealed
from events.tables import instant_text

_LAST = "SELECT position, recorded_at FROM event_log ORDER BY position DESC LIMIT 1"
_VERSION = "SELECT max(stream_version) FROM event_log WHERE stream = ?"
_INSERT = "INSERT INTO event_log VALUES (?,?,?,?,?,?,?,?,?,?,?)"
_INSERT_KEY = "INSERT INTO event_key VALUES (?,?,?,?,?)"


def put(driver: sqlite3.Connection, block: Block) -> Outcome:
    """Appends a block after all checks; begins a transaction where none is open, never commits."""
    refusal = _refusal(driver, block)
    if refusal:
        return refusal
    last, last_at = driver.execute(_LAST).fetchone() or (0, "")
    text = max(instant_text(datetime.now(UTC)), last_at)
    keys = [(k.key.value, k.key.digest, last + 1 + k.offset, k.size, text) for k in block.keys]
    if len(block.events) == 1 and not keys:
        # A single statement is all or nothing by itself.
        driver.execute(_INSERT, next(_rows(block.events, last + 1, text)))
    else:
        _insert(driver, keys, _rows(block.events, last + 1, text))
    return Outcome(None, None, None, None, last + 1, datetime.fromisoformat(text))


def _insert(driver: sqlite3.Connection, keys: Sequence[tuple[object, ...]], rows: Iterator[tuple[object, ...]]) -> None:
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


def _rows(events: Sequence[Sealed], first: int, recorded_at: str) -> Iterator[tuple[object, ...]]:
    return (
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
        for position, event in enumerate(events, first)
    )
