"""Tokens: who may do what over HTTP; the secret is shown once and stored as its SHA-256 digest alone."""

import re
import secrets
import unicodedata
from collections.abc import Collection
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from events.errors import Conflict, NotFound, Rejected
from events.tables import Instant

NAME_LIMIT = 100
LOCAL, OPEN = "local", "open"
"""The actors of requests without a token: from this machine, and from anywhere when told `--open`."""

_RESERVED = {LOCAL, OPEN, "cli", "clock", "inforce"}
_SECRET = re.compile(r"inf_[A-Za-z0-9_-]{43}")

token = sa.Table(
    "token",
    sa.MetaData(),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("scopes", sa.Text, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("revoked_at", Instant),
)
"""One row a token ever made: a name is never given twice, because events name it as their actor."""


_ANY = sa.select(token.c.name).limit(1)
_OF_DIGESTS = token.c.digest.in_(sa.bindparam("of_digests", expanding=True))
_VALID = sa.select(token.c.name, token.c.scopes, token.c.digest).where(_OF_DIGESTS, token.c.revoked_at.is_(None))


class Scope(StrEnum):
    """What a token lets its holder do."""

    ingest = "ingest"
    subscribe = "subscribe"
    command = "command"
    audit = "audit"


class Holder(NamedTuple):
    """Whose token it is, and what it is for."""

    name: str
    scopes: frozenset[str]


class UnusableToken(Rejected):
    """The token asked for has a name that no event could carry, or nothing that it is for."""


class NameTaken(Conflict):
    """A token of that name was made before; it may be revoked by now."""


class UnknownToken(NotFound):
    """No token of that name was made."""


def create(connection: sa.Connection, name: str, scopes: Collection[str]) -> str:
    """Makes a token of a new name and gives its secret, which nothing can show again."""
    name, wanted = _usable(name), _known(scopes)
    secret = f"inf_{secrets.token_urlsafe(32)}"
    row = {"name": name, "digest": _digest(secret), "scopes": wanted, "created_at": datetime.now(UTC)}
    try:
        connection.execute(sa.insert(token).values(row))
    except IntegrityError:
        raise NameTaken(f"a token named {name!r} was made before; a name is given once, revoked or not") from None
    return secret


def revoke(connection: sa.Connection, name: str) -> datetime:
    """From the commit on nobody enters with that token; the time of its first revocation."""
    own = token.c.name == unicodedata.normalize("NFC", name)
    row = connection.execute(sa.select(token.c.revoked_at).where(own)).first()
    if row is None:
        raise UnknownToken(f"no token is named {name[:NAME_LIMIT]!r}; `inforce token list` shows all")
    moment: datetime = row.revoked_at or datetime.now(UTC)
    connection.execute(sa.update(token).where(own).values(revoked_at=moment))
    return moment


def listed(connection: sa.Connection) -> list[dict[str, Any]]:
    """Every token ever made, oldest first: name, scopes, when made and when revoked; never the secret or its digest."""
    found = sa.select(token.c.name, token.c.scopes, token.c.created_at, token.c.revoked_at)
    return [
        {
            "name": row.name,
            "scopes": row.scopes.split(),
            "created_at": _text(row.created_at),
            "revoked_at": _text(row.revoked_at) if row.revoked_at else None,
        }
        for row in connection.execute(found.order_by(token.c.created_at, token.c.name))
    ]


def any_made(connection: sa.Connection) -> bool:
    """Whether a token was ever made, revoked ones included."""
    return connection.execute(_ANY).first() is not None


def holders(connection: sa.Connection, secrets: Collection[str]) -> dict[str, Holder]:
    """Who holds each of the secrets that is one of ours and not revoked."""
    digests = {_digest(each): each for each in secrets if _SECRET.fullmatch(each)}
    rows = connection.execute(_VALID, {"of_digests": list(digests)}) if digests else ()
    return {digests[row.digest]: Holder(row.name, frozenset(row.scopes.split())) for row in rows}


def _usable(name: str) -> str:
    name = unicodedata.normalize("NFC", name)
    if not 0 < len(name) <= NAME_LIMIT or not name.isprintable() or name != name.strip():
        raise UnusableToken(f"name: found {name[:NAME_LIMIT]!r}; expected 1 to {NAME_LIMIT} printable characters")
    if name.casefold() in _RESERVED:
        raise UnusableToken(f"name: {name!r} is reserved; reserved are {', '.join(sorted(_RESERVED))}")
    return name


def _known(scopes: Collection[str]) -> str:
    strange = sorted(set(scopes) - set(Scope))
    if strange or not scopes:
        raise UnusableToken(f"scopes: found {', '.join(strange) or 'none'}; expected one or more of {', '.join(Scope)}")
    return " ".join(scope for scope in Scope if scope in scopes)


def _digest(secret: str) -> bytes:
    # A secret of 256 random bits needs neither salt nor a slow hash, and is found by its digest.
    return sha256(secret.encode()).digest()


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
