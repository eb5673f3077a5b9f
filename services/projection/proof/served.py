"""The log as clients of c2sp.org/tlog-tiles read it: checkpoint, keys, tiles, entries."""

import re

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response

from events import tiles
from events.driver_errors import translated
from events.errors import NotFound
from events.merkle import HASH
from events.tables import event_log
from services.doors.parameters import check_names
from services.projection.documented import described
from services.projection.proof.checkpoints import NoCheckpoint, current, published_keys
from services.projection.proof.tree import BrokenTree, tiles_among

NOTE = "text/plain; charset=utf-8"
BYTES = "application/octet-stream"
FOR_EVER = {"Cache-Control": "max-age=31536000, immutable"}
SOON_AGAIN = {"Cache-Control": "no-cache"}
SHORT = {"Cache-Control": "max-age=60"}

_TILE = re.compile(r"(entries|0|[1-9][0-9]?)/(.+)", re.ASCII)


class NoTile(NotFound):
    """The log has no such tile, or none yet."""

    problem = "no-tile"


def serve_log(routes: APIRouter, engine: sa.Engine) -> None:
    """Adds the log's own endpoints."""

    @routes.get("/v1/log/checkpoint", **described((), media_type="text/plain"))
    def checkpoint(request: Request) -> Response:
        """The latest signed checkpoint."""
        check_names(request, ())
        with translated(), engine.connect() as connection:
            return Response(current(connection).note, media_type=NOTE, headers=SOON_AGAIN)

    @routes.get("/v1/log/key", **described((), media_type="text/plain"))
    def key(request: Request) -> Response:
        """The verifier key of who signs today, one line; to be got another way as well before it is trusted."""
        check_names(request, ())
        return Response(f"{_keys(engine)[0]}\n", media_type=NOTE, headers=SHORT)

    @routes.get("/v1/log/keys", **described((), media_type="text/plain"))
    def keys(request: Request) -> Response:
        """The verifier key of everyone who ever signed, one a line, the newest first."""
        check_names(request, ())
        return Response("".join(f"{each}\n" for each in _keys(engine)), media_type=NOTE, headers=SHORT)

    @routes.get("/v1/log/tile/{path:path}", **described((), media_type=BYTES))
    def tile(request: Request, path: str) -> Response:
        """A tile of the tree, `<level>/<number>[.p/<width>]`, or a bundle of entries, `entries/<number>[.p/<width>]`."""
        check_names(request, ())
        with translated(), engine.connect() as connection:
            return Response(_tile(connection, path), media_type=BYTES, headers=FOR_EVER)


def _keys(engine: sa.Engine) -> list[str]:
    with translated(), engine.connect() as connection:
        found = published_keys(connection)
    if not found:
        raise NoCheckpoint("no key has signed yet: `inforce key new` makes one")
    return found


def _tile(connection: sa.Connection, path: str) -> bytes:
    """The bytes of a tile or bundle within the latest checkpoint; NoTile for all else, whatever is wrong with the path."""
    found = _TILE.fullmatch(path)
    place = tiles.parsed(found[2]) if found else None
    if not found or not place:
        raise NoTile(f"{path[:80]!r} names no tile: expected <level>/<number> or entries/<number>, as 0/x001/067.p/5")
    number, width = place
    level = 0 if found[1] == "entries" else int(found[1])
    size = current(connection).size
    if not tiles.holds(size, level, number, width):
        raise NoTile(f"{path[:80]} lies beyond the latest checkpoint, of {size} entries")
    if found[1] == "entries":
        return _bundle(connection, number, width)
    return tiles_among(connection, {(level, number): width * HASH})(level, number)[: width * HASH]


def _bundle(connection: sa.Connection, number: int, width: int) -> bytes:
    c, first = event_log.c, number * tiles.WIDTH
    chosen = sa.select(c.entry).where(c.position > first, c.position <= first + width).order_by(c.position)
    entries = list(connection.scalars(chosen))
    if len(entries) != width:
        raise BrokenTree(
            f"the log has {len(entries)} entries after position {first}, the checkpoint says {width} or more"
        )
    return tiles.bundle(entries)
