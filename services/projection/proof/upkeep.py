"""Keeps the tree up with the log, by a cursor of its own, and signs what it has become: one keeper at a time."""

import threading
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from events.driver_errors import translated
from events.errors import Conflict, NotFound, Rejected, Unavailable
from services.projection import followed
from services.projection.proof import signing
from services.projection.proof.checkpoints import Signed
from services.projection.proof.growing import CHANNEL, PAGE, catch_up, grow, size
from services.projection.publish import cursors

__all__ = ["CHANNEL", "PAGE", "SIGNING", "catch_up", "grow", "run", "sign", "size"]

SIGNING = "checkpoint"
"""The name under which `/v1/status` shows how far the tree is signed."""

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


def sign(engine: sa.Engine, key_file: Path) -> Signed | None:
    """Signs the tree as it stands, keeps the checkpoint; None where it is signed already; what refuses it is noted and raised."""
    with translated(), engine.connect() as connection:
        try:
            signed = signing.sign(connection, key_file, size(connection), datetime.now(UTC))
        except REFUSALS as refusal:
            connection.rollback()
            cursors.note_failure(connection, SIGNING, str(refusal))
            raise
        if signed:
            cursors.move(connection, SIGNING, signed.size)
        return signed


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
        now, mirrored = size(connection), followed.row(connection) is not None
    if mirrored:  # its checkpoints are those of the log that it follows
        return Due(monotonic(), now)
    if now == before.size and since < LOOK_AGAIN:
        return before
    with suppress(*REFUSALS):
        sign(engine, key_file)
    return Due(monotonic(), now)
