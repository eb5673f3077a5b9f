"""Grows the tree with the log, by a cursor of its own: rows and cursor in one transaction, apart from appends."""

import sqlalchemy as sa

from events import tiles
from events.driver_errors import translated
from events.tables import event_log
from services.projection.proof.tree import edge
from services.projection.publish import cursors

CHANNEL = "tree"
"""The name under which `/v1/status` shows how far the tree is grown."""

PAGE = 8_192


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


def size(connection: sa.Connection) -> int:
    """How many entries the tree has."""
    return cursors.place(connection, CHANNEL).position


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
