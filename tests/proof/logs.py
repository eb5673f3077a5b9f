"""Logs to prove: real ones through the store, long ones as leaf hashes put straight into the tree's tables."""

from pathlib import Path

import sqlalchemy as sa

from events import tiles
from events.envelope import Pending
from events.store import append, stream_versions
from services.projection.proof import keys, upkeep
from services.projection.proof.tables import tree_tile
from services.projection.proof.tree import edge
from services.projection.publish import cursors
from tests.factories import amended, pending

ORIGIN = "example.com/log"


def record(engine: sa.Engine, number: int, batch: int = 100) -> list[Pending]:
    """Appends that many events, a batch a transaction."""
    done: list[Pending] = []
    while len(done) < number:
        part = [pending(amended()) for _ in range(min(batch, number - len(done)))]
        with engine.begin() as connection:
            append(connection, part, stream_versions(connection, {each.stream for each in part}))
        done += part
    return done


def signing(engine: sa.Engine, key_file: Path) -> bytes:
    """Grows the tree to the end of the log and signs it; the note."""
    upkeep.catch_up(engine)
    signed = upkeep.sign(engine, key_file)
    assert signed
    return signed.note


def made_key(directory: Path) -> Path:
    path = directory / "signing.key"
    keys.make(path, ORIGIN)
    return path


def plant(engine: sa.Engine, leaves: list[bytes]) -> None:
    """Adds leaves to the tree that no entry of the log stands behind."""
    with engine.connect() as connection:
        size = upkeep.size(connection)
        for (level, number), held in tiles.grown(size, edge(connection, size), leaves).items():
            own = (tree_tile.c.level == level) & (tree_tile.c.number == number)
            connection.execute(sa.delete(tree_tile).where(own))
            connection.execute(sa.insert(tree_tile).values(level=level, number=number, hashes=held))
        cursors.move(connection, upkeep.CHANNEL, size + len(leaves))


def held_tiles(engine: sa.Engine) -> dict[tuple[int, int], bytes]:
    with engine.connect() as connection:
        rows = connection.execute(sa.select(tree_tile))
        return {(row.level, row.number): bytes(row.hashes) for row in rows}
