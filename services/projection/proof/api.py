"""The transparency log over HTTP: itself as its clients read it, and proofs to be checked by hand."""

from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response

from events.driver_errors import translated
from services.doors.meta import meta_of_ledger
from services.doors.parameters import BadParameter, check_names, one_of, whole
from services.projection.answers import plain
from services.projection.asked import today
from services.projection.documented import TEXT, WHOLE, described
from services.projection.proof import proofs, written
from services.projection.proof.served import NOTE, SOON_AGAIN, serve_log
from services.projection.proof.tree import BrokenTree, Kept

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


def router(engine: sa.Engine) -> APIRouter:
    """The log's endpoints; what they serve is read from the database alone, so any process can serve it."""
    routes = APIRouter(tags=["log"])
    serve_log(routes, engine)
    _of_proofs(routes, engine)
    return routes


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


def _stated(name: str) -> dict[str, Any]:
    schema, description = PARAMETERS[name]
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}
