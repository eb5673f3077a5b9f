"""The transparency log over HTTP: checkpoint, keys, tiles and entries (c2sp.org/tlog-tiles), proofs."""

import re
from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response

from events import tiles
from events.driver_errors import translated
from events.errors import NotFound
from events.merkle import HASH
from events.tables import event_log
from services.projection.answers import meta_of_ledger, plain
from services.projection.asked import check_names, one_of, today, whole
from services.projection.documented import TEXT, WHOLE, described
from services.projection.proof import proofs, written
from services.projection.proof.checkpoints import NoCheckpoint, current, published_keys
from services.projection.proof.tables import BrokenTree, Kept, tiles_among
from services.projection.queries import BadParameter

NOTE = "text/plain; charset=utf-8"
BYTES = "application/octet-stream"
FOR_EVER = {"Cache-Control": "max-age=31536000, immutable"}
SOON_AGAIN = {"Cache-Control": "no-cache"}
SHORT = {"Cache-Control": "max-age=60"}
MOST = 10**18

PARAMETERS = {
    "event": (TEXT, "The id of the event to prove."),
    "size": (
        WHOLE,
        "The tree to prove it in, by its number of entries; the one of the latest checkpoint if not given.",
    ),
    "from": (WHOLE, "The older tree's number of entries."),
    "to": (WHOLE, "The newer tree's number of entries; the one of the latest checkpoint if not given."),
    "format": ({"enum": ["json", "tlog-proof"]}, "JSON, or one self-contained file as c2sp.org/tlog-proof says."),
}

_TILE = re.compile(r"(entries|0|[1-9][0-9]?)/(.+)", re.ASCII)


class NoTile(NotFound):
    """The log has no such tile, or none yet."""

    problem = "no-tile"


def router(engine: sa.Engine) -> APIRouter:
    """The log's endpoints; what they serve is read from the database alone, so any process can serve it."""
    routes = APIRouter(tags=["log"])
    _of_the_log(routes, engine)
    _of_proofs(routes, engine)
    return routes


def _of_the_log(routes: APIRouter, engine: sa.Engine) -> None:
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


def _of_proofs(routes: APIRouter, engine: sa.Engine) -> None:
    reading = engine if engine.dialect.name == "sqlite" else engine.execution_options(isolation_level="AUTOCOMMIT")
    extra, kept = {"parameters": [_stated(name) for name in PARAMETERS]}, Kept()

    @routes.get("/v1/log/proof", **described(()) | {"openapi_extra": extra})
    def proof(request: Request) -> Response:
        """That an event is in the tree (`event`), or that a tree extends an older one (`from`); to be checked by hand."""
        check_names(request, PARAMETERS)
        query = request.query_params
        with translated(), reading.connect() as connection:
            if "event" in query:
                return _inclusion(request, connection, kept)
            old, new = whole(query, "from", 0, MOST), whole(query, "to", 0, MOST)
            if old is None:
                raise BadParameter(
                    "event: missing, and `from` too; expected the id of an event, or the size of an older tree"
                )
            _only(request, ("from", "to", "format"))
            found = proofs.consistency(connection, old, new)
        return _answer(request, written.consistency(found), found.new.size)


def _inclusion(request: Request, connection: sa.Connection, kept: Kept) -> Response:
    _only(request, ("event", "size", "format"))
    event, size = request.query_params["event"], whole(request.query_params, "size", 0, MOST)
    try:
        found = proofs.inclusion(connection, event, size, kept)
    except BrokenTree:
        kept.clear()  # the tree may have been mended meanwhile
        found = proofs.inclusion(connection, event, size, kept)
    if _as_a_file(request):
        return Response(written.tlog_proof(found), media_type=NOTE, headers=SOON_AGAIN | {"Vary": "Accept"})
    return _answer(request, written.inclusion(found), found.tree.size)


def _answer(request: Request, body: dict[str, Any], size: int) -> Response:
    if one_of(request.query_params, "format", ("json", "tlog-proof")) == "tlog-proof":
        raise BadParameter(
            "format: a tlog-proof says that an event is in the tree; that a tree extends another is JSON"
        )
    response = plain(request, {**body, "meta": meta_of_ledger(size, today())})
    response.headers["Vary"] = "Accept"
    return response


def _as_a_file(request: Request) -> bool:
    asked = one_of(request.query_params, "format", ("json", "tlog-proof"))
    if asked is not None:
        return asked == "tlog-proof"
    accepted = [each.partition(";")[0].strip() for each in request.headers.get("accept", "").split(",")]
    return "text/plain" in accepted and "application/json" not in accepted


def _only(request: Request, names: tuple[str, ...]) -> None:
    for name in request.query_params:
        if name not in names:
            raise BadParameter(
                f"{name}: does not go with `{names[0]}`; expected one proof at a time, of {', '.join(names)}"
            )


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


def _stated(name: str) -> dict[str, Any]:
    schema, description = PARAMETERS[name]
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}
