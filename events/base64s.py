"""Base64 as signed notes hold it."""

import base64
import re

_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")


def written(raw: bytes) -> str:
    """Standard base64, padded."""
    return base64.b64encode(raw).decode()


def read(text: str) -> bytes | None:
    """The bytes in standard base64; None where it is not written just so."""
    return base64.b64decode(text) if _BASE64.fullmatch(text) else None
