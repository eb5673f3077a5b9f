"""The body of a request, read up to a limit and no further."""

from fastapi import Request

from events.errors import Rejected

SMALL = 64 * 1024
"""The most bytes that any request but a source document may have."""


class TooLarge(Rejected):
    """The body is longer than is read; the message says how long it may be."""


async def body(request: Request, most: int = SMALL) -> bytes:
    """The request's body; refused as soon as it is longer than allowed."""
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > most:
        raise TooLarge(f"the body has {declared} bytes; at most {most} are read")
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise TooLarge(f"the body has more than {most} bytes; at most {most} are read")
        parts.append(part)
    return b"".join(parts)
