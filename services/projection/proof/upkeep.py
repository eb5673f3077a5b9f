"""Keeps the tree up with the log, by a cursor of its own, and signs what it has become: one keeper at a time."""

import threading
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from events import tiles
from events.driver_errors import translated
from events.errors import Conflict, NotFound, Rejected, Unavailable
from events.tables import event_log
from services.projection.proof import checkpoints
from services.projection.proof.tables import edge
from services.projection.publish import cursors

CHANNEL, SIGNING = "tree", "checkpoint"
"""The names under which `/v1/status` shows how far the tree is grown, and how far it is signed."""

PAGE = 8_192
PAUSE = 0.1
"""Seconds between two looks at a log that has not grown."""

LONGEST_PAUSE = 5.0
SIGN_EVERY, LOOK_AGAIN = 1.0, 5.0
"""Seconds from one checkpoint to the next of a log that grows; and until a changed key is noticed where it does not."""

REFUSALS = (Rejected, Conflict, NotFound, OSError)
"""What keeps the tree from growing or being signed until somebody has done something about it."""


class Due(NamedTuple):
    """When the tree was last signed, or refused to be (seconds of the monotonic clock), and at what size."""

    at: float
    size: int


def run(engine: sa.Engine, key_file: Path, stop: threading.Event) -> None:
    """Follows the log until told to stop; waits while another process does, or while the database is away."""
    pause = PAUSE
    while not stop.is_set():
        try:
            with cursors.turn(engine, CHANNEL) as held:
                if held is not None:
                    pause = PAUSE
                    _keep(engine, held, key_file, stop)
        except (Unavailable, IntegrityError, *REFUSALS):  # the latter two: another was faster; no right to write
            pause = min(pause * 2, LONGEST_PAUSE)
        stop.wait(max(pause, SIGN_EVERY))


def catch_up(engine: sa.Engine) -> int:
    """Grows the tree to the end of the log; the size reached."""
    while grow(engine) == PAGE:
        pass
    with translated(), engine.connect() as connection:
        return size(connection)


def grow(engine: sa.Engine, page: int = PAGE) -> int:
    """Adds the next entries of the log to the tree, rows and cursor in one transaction; how many."""
    with translated(), engine.connect() as connection:
        before = size(connection)
        leaves = _leaves(connection, before, page)
        if not leaves:
            return 0
        changed = tiles.grown(before, edge(connection, before), leaves)
        if not _claim(connection, before):
            return 0
        rows = [{"level": level, "number": number, "hashes": held} for (level, number), held in changed.items()]
        connection.execute(_PUT, rows)
        cursors.move(connection, CHANNEL, before + len(leaves))
        return len(leaves)


def sign(engine: sa.Engine, key_file: Path) -> checkpoints.Signed | None:
    """Signs the tree as it stands, keeps the checkpoint; None where it is signed already; what refuses it is noted and raised."""
    with translated(), engine.connect() as connection:
        try:
            signed = checkpoints.sign(connection, key_file, size(connection), datetime.now(UTC))
        except REFUSALS as refusal:
            connection.rollback()
            cursors.note_failure(connection, SIGNING, str(refusal))
            raise
        if signed:
            cursors.move(connection, SIGNING, signed.size)
        return signed


def size(connection: sa.Connection) -> int:
    """How many entries the tree has."""
    return cursors.place(connection, CHANNEL).position


def _keep(engine: sa.Engine, held: sa.Connection, key_file: Path, stop: threading.Event) -> None:
    signed = Due(float("-inf"), -1)
    while not stop.is_set():
        held.execute(sa.select(1))  # fails when the right to keep the tree is lost
        held.commit()
        try:
            added = grow(engine)
        except REFUSALS as broken:
            cursors.note_failure(held, CHANNEL, str(broken))
            stop.wait(LONGEST_PAUSE)
            continue
        if added < PAGE:
            signed = _signed(engine, key_file, signed)
            stop.wait(PAUSE)


def _signed(engine: sa.Engine, key_file: Path, before: Due) -> Due:
    """Signs where it is time to; a refusal waits for the next time, whoever looks at the status sees it."""
    since = monotonic() - before.at
    if since < SIGN_EVERY:
        return before
    with translated(), engine.connect() as connection:
        now = size(connection)
    if now == before.size and since < LOOK_AGAIN:
        return before
    with suppress(*REFUSALS):
        sign(engine, key_file)
    return Due(monotonic(), now)


def _leaves(connection: sa.Connection, after: int, limit: int) -> list[bytes]:
    chosen = sa.select(event_log.c.leaf_hash).where(event_log.c.position > after)
    return list(connection.scalars(chosen.order_by(event_log.c.position).limit(limit)))


def _claim(connection: sa.Connection, before: int) -> bool:
    """Whether the tree still has that size; then nobody else grows it until this transaction ends."""
    c = cursors.publish_cursor.c
    if before == 0:
        connection.execute(_BEGIN, {"channel": CHANNEL})
    own = sa.update(cursors.publish_cursor).where(c.channel == CHANNEL, c.position == before)
    return connection.execute(own.values(position=before)).rowcount == 1


_BEGIN = sa.text("INSERT INTO publish_cursor (channel, position) VALUES (:channel, 0) ON CONFLICT DO NOTHING")
_PUT = sa.text(
    "INSERT INTO tree_tile (level, number, hashes) VALUES (:level, :number, :hashes)"
    " ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes"
)
