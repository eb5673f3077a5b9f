"""Distrusts the database: recomputes from the stored bytes whatever can be recomputed, and says what does not agree."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple

import sqlalchemy as sa

from events import tiles
from events.notes import Verifier
from events.store import last_position
from events.tables import event_log
from services import database
from services.audit import index, receipts, signed, sources, streams, walking
from services.audit.findings import KEPT, Findings
from services.audit.passage import compared
from services.audit.rebuilt import Rebuilt
from services.audit.signed import Held
from services.audit.walking import Moved
from services.projection.proof import growing
from services.projection.proof.tables import tree_tile
from services.projection.publish import cursors

Shown = Callable[[str], AbstractContextManager[Moved]]
"""Shows how far a part of the work has come."""

MOST_MISSING = 100_000
"""Entries that may be missing and are looked for."""

_t = tree_tile.c


class Verdict(NamedTuple):
    """What was found, of a log of so many entries with that root; `grown` of them are in the tree."""

    findings: Findings
    size: int
    root: bytes
    grown: int


def verify(
    engine: sa.Engine,
    held: Sequence[Held] = (),
    keys: Sequence[Verifier] = (),
    jobs: int | None = None,
    shown: Shown = lambda _: nullcontext(lambda done, total: None),
) -> Verdict:
    """Looks at the whole ledger as it is at one moment, and at checkpoints of it that others hold, signed by one of the keys."""
    findings = Findings()
    with database.reading(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        until = _end(connection, findings)
        tree = _entries(connection, engine, until, held, keys, jobs, shown, findings)
        streams.versions(connection, until, findings)
        receipts.receipts(connection, until, findings)
        with shown("the index") as moved:
            index.check(connection, until, findings, moved)
        sources.sources(connection, until, findings)
        return Verdict(findings, until, tree.root(until), _grown(connection))


def _end(connection: sa.Connection, findings: Findings) -> int:
    """The last position; where so much is missing before it that nobody could look at it all, one that lies nearer."""
    until = last_position(connection)
    there = connection.scalar(sa.select(sa.func.count()).select_from(event_log)) or 0
    if until - there <= MOST_MISSING:
        return until
    near = there + MOST_MISSING
    findings.add(until, f"is the last, but only {there} entries are there: those after {near} are not looked at")
    return near


def _entries(
    connection: sa.Connection,
    engine: sa.Engine,
    until: int,
    held: Sequence[Held],
    keys: Sequence[Verifier],
    jobs: int | None,
    shown: Shown,
    findings: Findings,
) -> Rebuilt:
    """The rows, and with the tree that they give the tiles and every checkpoint."""
    below = connection.scalar(sa.select(sa.func.min(event_log.c.position)))
    if below is not None and below < 1:
        findings.add(below, "the first position is 1")
    size = _grown(connection)
    if size > until:
        findings.add(until, f"the log ends here, its tree holds {size} entries: its tail is gone")
    told = signed.opened(held, keys, findings)
    parts = list(walking.stretches(until, min(size, until), {*signed.sizes(connection, told), until}))
    url = engine.url.render_as_string(hide_password=False)
    with shown("the entries") as moved:
        found, tree = walking.walked(connection, url, parts, jobs, moved)
    findings.take(found)
    _tiles_beyond(connection, until, findings)
    _tiles_above(connection, min(size, until), tree, findings)
    origin = signed.stored(connection, keys, until, tree, findings)
    for where, each in told:
        signed.compare(where, each, origin, until, tree, findings)
    return tree


def _grown(connection: sa.Connection) -> int:
    """How many entries the tree has, read without ending the transaction."""
    own = sa.select(cursors.publish_cursor.c.position).where(cursors.publish_cursor.c.channel == growing.CHANNEL)
    return int(connection.scalar(own) or 0)


def _tiles_beyond(connection: sa.Connection, until: int, findings: Findings) -> None:
    """Lowest tiles of entries that the log does not have: only looked up, since somebody may have given them any number."""
    end = (until + tiles.WIDTH - 1) // tiles.WIDTH
    beyond = (_t.level == 0) & ((_t.number >= end) | (_t.number < 0))
    for row in connection.execute(sa.select(tree_tile).where(beyond).order_by(_t.number).limit(KEPT)):
        where = tiles.path(row.number) if row.number >= 0 else row.number
        findings.add(None, f"tile 0/{where} has {len(row.hashes)} bytes, expected 0")


def _tiles_above(connection: sa.Connection, size: int, tree: Rebuilt, findings: Findings) -> None:
    """Every tile above the lowest, against the roots of those below it."""
    chosen = sa.select(tree_tile).where(_t.level > 0).order_by(_t.level, _t.number)
    held = {(row.level, row.number): bytes(row.hashes) for row in connection.execute(chosen)}
    level = 1
    while (count := tiles.hashes(size, level)) > 0:
        for number in range((count + tiles.WIDTH - 1) // tiles.WIDTH):
            width = min(count - number * tiles.WIDTH, tiles.WIDTH)
            found, expected = held.pop((level, number), b""), tree.tile(level, number, width)
            if found != expected:
                compared(findings, level, number, found, expected)
        level += 1
    for level, number in held:
        findings.add(None, f"tile {level}/{tiles.path(number)} lies beyond the tree of {size} entries")
