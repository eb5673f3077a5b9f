"""Who may write: the question that every endpoint that writes asks before it reads the request's body."""

from collections.abc import Sequence
from functools import partial

import sqlalchemy as sa
from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from events.errors import Rejected
from services.database import glancing
from services.doors import origin, tokens
from services.doors.tokens import Holder
from services.settings import Settings
from services.turns import Turns

BEARER = Depends(HTTPBearer(auto_error=False, description="`inforce token create NAME --scope ...` makes one."))
"""A dependency that says in `/openapi.json` that a route asks for a token; it checks nothing."""


class Unauthorized(Rejected):
    """The request does not say who makes it, or says it with a token that is none."""

    problem = "unauthorized"
    headers = {"WWW-Authenticate": "Bearer"}  # noqa: RUF012 - read alone


class Forbidden(Rejected):
    """Who makes the request is known, and may not make it; or it is made from where nobody may."""

    problem = "forbidden"


AT_ONCE = 500
"""Requests that are let in by one look at the tokens."""


class Entry:
    """Who may come in: requests that ask at the same time are answered by one look at the tokens, made after they came."""

    def __init__(self, engine: sa.Engine, settings: Settings) -> None:
        self._settings = settings
        self._looks: Turns[str | None, Holder | bool] = Turns(partial(_look, engine), AT_ONCE, lambda _: None)

    async def admit(self, request: Request, scope: str) -> str:
        """The actor of a request that may do what the scope covers."""
        credentials = request.headers.getlist("authorization")
        known = await self._looks.take(_secret(credentials) if credentials else None)
        if isinstance(known, Holder):
            if scope not in known.scopes:
                held = ", ".join(sorted(known.scopes))
                raise Forbidden(f"a token of scope {scope} is needed; {known.name!r} has {held}")
            return known.name
        if credentials:
            raise Unauthorized("the token is not one of ours, or is revoked")
        if known:
            raise Unauthorized(f"no token: expected `Authorization: Bearer ...` with one of scope {scope}")
        return _without_token(request, self._settings, scope)


def _secret(credentials: list[str]) -> str:
    scheme, _, secret = credentials[0].partition(" ")
    if len(credentials) > 1 or scheme.lower() != "bearer":
        raise Unauthorized("Authorization: expected once, as `Bearer` and a token")
    return secret.strip(" ")


def _look(engine: sa.Engine, secrets: Sequence[str | None]) -> list[Holder | bool]:
    """Whose each secret is, false where it is nobody's; for a request without one whether there is any token."""
    with glancing(engine) as connection:
        holders = tokens.holders(connection, {each for each in secrets if each is not None})
        made = None in secrets and tokens.any_made(connection)
    return [made if each is None else holders.get(each, False) for each in secrets]


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
