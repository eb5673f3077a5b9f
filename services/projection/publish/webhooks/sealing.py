"""Secrets at rest: encrypted with AES-256-GCM for one subscription, under the operator's key."""

import os
from datetime import datetime, timedelta
from typing import NamedTuple

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from events.errors import Unavailable

NONCE = 12
ROTATION = timedelta(hours=24)
"""How long a secret still signs after it was replaced."""

MOST = 5
"""Secrets that sign at once at most, however often they are replaced."""


class WrongKey(Unavailable):
    """The key is not the one that secrets were encrypted with; the message says where it comes from."""

    problem = "secret-key"


class Secret(NamedTuple):
    """A secret, and until when it signs; null: until it is replaced."""

    value: str
    until: datetime | None


def seal(key: bytes, owner: str, secrets: list[Secret]) -> bytes:
    """The secrets of a subscription, encrypted."""
    nonce = os.urandom(NONCE)
    plain = orjson.dumps([[each.value, each.until] for each in secrets])
    return nonce + AESGCM(key).encrypt(nonce, plain, owner.encode())


def unseal(key: bytes, owner: str, sealed: bytes) -> list[Secret]:
    """The secrets of a subscription; WrongKey where the key is another."""
    try:
        plain = AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], owner.encode())
    except (InvalidTag, ValueError):
        raise WrongKey(
            f"the secrets of subscription {owner} were encrypted with another key than this process has"
            " (INFORCE_SECRET_KEY, else the file secret.key in the data directory)"
        ) from None
    return [Secret(value, datetime.fromisoformat(until) if until else None) for value, until in orjson.loads(plain)]


def replaced(secrets: list[Secret], fresh: str, now: datetime) -> list[Secret]:
    """The secrets after a rotation: the new one first, those before it for a while yet."""
    old = [Secret(each.value, each.until or now + ROTATION) for each in secrets if valid(each, now)]
    return [Secret(fresh, None), *old][:MOST]


def valid(secret: Secret, now: datetime) -> bool:
    """Whether a secret signs at a moment."""
    return secret.until is None or now < secret.until
