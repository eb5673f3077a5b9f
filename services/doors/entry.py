"""Who may write: the question that every endpoint that writes asks before it reads the request's body."""

import sqlalchemy as sa
from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from events.driver_errors import translated
from events.errors import Rejected
from services.doors import origin, tokens
from services.settings import Settings

BEARER = Depends(HTTPBearer(auto_error=False, description="`inforce token create NAME --scope ...` makes one."))
"""A dependency that says in `/openapi.json` that a route asks for a token; it checks nothing."""


class Unauthorized(Rejected):
    """The request does not say who makes it, or says it with a token that is none."""

    problem = "unauthorized"
    headers = {"WWW-Authenticate": "Bearer"}  # noqa: RUF012 - read alone


class Forbidden(Rejected):
    """Who makes the request is known, and may not make it; or it is made from where nobody may."""

    problem = "forbidden"


def admit(request: Request, engine: sa.Engine, settings: Settings, scope: str) -> str:
    """The actor of a request that may do what the scope covers; it asks the database: from a coroutine, in a thread."""
    with translated(), engine.connect() as connection:
        credentials = request.headers.getlist("authorization")
        if credentials:
            return _holder(connection, credentials, scope)
        if tokens.any_made(connection):
            raise Unauthorized(f"no token: expected `Authorization: Bearer ...` with one of scope {scope}")
    return _without_token(request, settings, scope)


def _holder(connection: sa.Connection, credentials: list[str], scope: str) -> str:
    scheme, _, secret = credentials[0].partition(" ")
    if len(credentials) > 1 or scheme.lower() != "bearer":
        raise Unauthorized("Authorization: expected once, as `Bearer` and a token")
    holder = tokens.who(connection, secret.strip(" "))
    if holder is None:
        raise Unauthorized("the token is not one of ours, or is revoked")
    if scope not in holder.scopes:
        raise Forbidden(f"a token of scope {scope} is needed; {holder.name!r} has {', '.join(sorted(holder.scopes))}")
    return holder.name


def _without_token(request: Request, settings: Settings, scope: str) -> str:
    """A browser sends what any page tells it to: without a token only what comes from no page, or from our own, is let in."""
    if origin.foreign(request.headers, settings.links_url()):
        raise Forbidden("without a token no page of another origin may write")
    if not settings.on_loopback() or origin.forwarded(request.headers):
        if settings.open:
            return tokens.OPEN
        raise Unauthorized(f"others than this machine need a token of scope {scope}, and none has been made")
    if not origin.named_as_loopback(request.headers):
        found = (request.headers.get("host") or "none")[:80]
        raise Forbidden(f"Host: found {found!r}; without a token expected localhost or a loopback address")
    return tokens.LOCAL
