"""What a delivery is signed with: secrets and headers as Standard Webhooks has them. Pure but for the chance in a new secret."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime

PREFIX = "whsec_"
MEDIA_TYPE = b"application/cloudevents+json"

Headers = list[tuple[bytes, bytes]]


def new_secret() -> str:
    """A secret of 256 random bits in the form that receivers' libraries take."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def headers(event_id: str, body: bytes, signed_with: Iterable[str], now: datetime) -> Headers:
    """The headers of a delivery, with a signature for each of the secrets."""
    moment = int(now.timestamp())
    message = b"%s.%d.%s" % (event_id.encode(), moment, body)
    return [
        (b"Content-Type", MEDIA_TYPE),
        (b"User-Agent", b"inforce"),
        (b"webhook-id", event_id.encode()),
        (b"webhook-timestamp", b"%d" % moment),
        (b"webhook-signature", b" ".join(_signature(secret, message) for secret in signed_with)),
    ]


def _signature(secret: str, message: bytes) -> bytes:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return b"v1," + base64.b64encode(hmac.digest(key, message, hashlib.sha256))
