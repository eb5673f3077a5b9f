"""Refusals as RFC 9457 problems: the four bases give the status, a refusal's own `problem` its type."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from events.driver_errors import refusal_of
from events.errors import Conflict, NotFound, Rejected, Unavailable

if TYPE_CHECKING:
    from fastapi import FastAPI

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = "1"

BASES: tuple[tuple[type[Exception], int, str], ...] = (
    (Rejected, 400, "bad-parameter"),
    (Conflict, 409, "conflict"),
    (NotFound, 404, "not-found"),
    (Unavailable, 503, "unavailable"),
)

STATUS_OF = {
    "unauthorized": 401,
    "forbidden": 403,
    "model-gone": 410,
    "precondition-failed": 412,
    "too-large": 413,
    "unreadable-source": 422,
}
TYPE_OF = {"UnreadableSource": "unreadable-source", "TooLarge": "too-large"}
_OF_STATUS = {404: "not-found", 405: "method-not-allowed"}


class UnknownParameter(Rejected):
    """A query parameter that the resource does not know."""

    problem = "unknown-parameter"


def problem(
    kind: str,
    status: int,
    detail: str,
    headers: Mapping[str, str] | None = None,
    **extra: Any,  # noqa: ANN401 - members of the problem
) -> Response:
    """A problem+json answer; `kind` is the last part of its type."""
    body = {
        "type": f"/problems/{kind}",
        "title": kind.replace("-", " ").capitalize(),
        "status": status,
        "detail": detail,
    }
    wait = {"Retry-After": RETRY_AFTER} if status == 503 else {}
    return Response(orjson.dumps(body | extra), status, {**wait, **(headers or {})}, media_type=MEDIA_TYPE)


def answer_for(refusal: Exception) -> Response | None:
    """The problem that a refusal is; None for what is no refusal but a fault."""
    known = refusal if isinstance(refusal, tuple(base for base, _, _ in BASES)) else refusal_of(_cause(refusal))
    for base, status, kind in BASES:
        if isinstance(known, base):
            kind = str(getattr(known, "problem", TYPE_OF.get(type(known).__name__, kind)))
            status = getattr(known, "status", None) or STATUS_OF.get(kind, status)
            return problem(kind, status, str(known), getattr(known, "headers", None), **getattr(known, "extra", {}))
    return None


def _cause(error: Exception) -> BaseException:
    return getattr(error, "orig", None) or error


def speak_problems(app: "FastAPI") -> None:
    """Makes the app answer every refusal, and every fault, as a problem."""
    # Commands have refusals too, and need not wait for the web framework.
    from fastapi.exceptions import RequestValidationError

    @app.exception_handler(HTTPException)
    async def http(_: Request, error: HTTPException) -> Response:
        kind = _OF_STATUS.get(error.status_code, "bad-request")
        return problem(kind, error.status_code, str(error.detail), error.headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        return problem("bad-parameter", 400, f"{'.'.join(map(str, first['loc'][1:]))}: {first['msg']}")

    async def refused(_: Request, error: Exception) -> Response:
        answer = answer_for(error)
        if answer is None:
            raise error
        return answer

    for base in (Rejected, Conflict, NotFound, Unavailable):
        app.add_exception_handler(base, refused)
    from sqlalchemy.exc import DBAPIError

    app.add_exception_handler(DBAPIError, refused)
