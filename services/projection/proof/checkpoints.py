"""Checkpoints as they were given out, and the keys that signed them."""

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from events.errors import NotFound
from services.projection.proof.tables import tree_checkpoint, tree_key

c, k = tree_checkpoint.c, tree_key.c


class NoCheckpoint(NotFound):
    """Nothing is signed yet."""

    problem = "no-checkpoint"


class Signed(NamedTuple):
    """A checkpoint as it was given out; `note` is the signed note."""

    number: int
    origin: str
    size: int
    root: bytes
    note: bytes
    signed_at: datetime


def latest(connection: sa.Connection, size: int | None = None, origin: str | None = None) -> Signed | None:
    """The checkpoint signed last: of all, of that size, or under that origin."""
    chosen = sa.select(tree_checkpoint).order_by(c.number.desc()).limit(1)
    if size is not None:
        chosen = chosen.where(c.size == size)
    if origin is not None:
        chosen = chosen.where(c.origin == origin)
    row = connection.execute(chosen).first()
    return Signed(*row) if row else None


def current(connection: sa.Connection) -> Signed:
    """The latest checkpoint; NoCheckpoint where nothing is signed yet."""
    found = latest(connection)
    if found is None:
        raise NoCheckpoint(
            "no checkpoint is signed yet: `inforce key new` makes the key, /v1/status says what stands still"
        )
    return found


def latest_note(connection: sa.Connection) -> bytes | None:
    """The latest checkpoint as a signed note; None where nothing is signed yet."""
    found = latest(connection)
    return found.note if found else None


def signed_after(connection: sa.Connection, number: int, limit: int) -> list[Signed]:
    """The checkpoints given out after that one, in the order signed."""
    chosen = sa.select(tree_checkpoint).where(c.number > number).order_by(c.number).limit(limit)
    return [Signed(*row) for row in connection.execute(chosen)]


def number_at(connection: sa.Connection, size: int) -> int:
    """The number of the last checkpoint over at most so many entries; 0 where there is none."""
    return connection.scalar(sa.select(sa.func.max(c.number)).where(c.size <= size)) or 0


def size_at(connection: sa.Connection, number: int) -> int:
    """How many entries the checkpoint of that number is over; 0 where there is none."""
    return connection.scalar(sa.select(c.size).where(c.number == number)) or 0


def published_keys(connection: sa.Connection) -> list[str]:
    """The verifier key of everyone who ever signed, the newest first."""
    return list(connection.scalars(sa.select(k.key).order_by(k.number.desc())))


def publish_key(connection: sa.Connection, key: str) -> None:
    """Adds a verifier key to those published; one that is there stays as it is."""
    if connection.scalar(sa.select(k.number).where(k.key == key)) is None:
        number = (connection.scalar(sa.select(sa.func.max(k.number))) or 0) + 1
        connection.execute(sa.insert(tree_key).values(number=number, key=key))
