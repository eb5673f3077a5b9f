"""Pages of a list in one stable order, by keyset cursors."""

import base64
import binascii
from typing import Any

from starlette.datastructures import QueryParams

from services.projection.asked import MOST, USUAL, whole
from services.projection.queries import BadParameter

Item = dict[str, Any]


def page(items: list[Item], query: QueryParams, scope: str) -> tuple[list[Item], str | None]:
    """The page that the query asks for, and the cursor of the next one; a cursor of another list is refused."""
    limit = whole(query, "limit", 1, MOST) or USUAL
    start = 0
    cursor = query.get("cursor")
    if cursor is not None:
        last = _decode(cursor, scope)
        start = next((index + 1 for index, item in enumerate(items) if key_of(item) == last), -1)
        if start < 0:
            raise BadParameter(f"cursor: {cursor[:80]!r} is not one of this list")
    chosen = items[start : start + limit]
    more = start + limit < len(items)
    return chosen, _encode(scope, key_of(chosen[-1])) if more and chosen else None


def key_of(item: Item) -> str:
    """What tells an item of a list from the others, in any version of the list."""
    if "label" in item:
        return str(item["label"])
    own = str(item["id"]) if "id" in item else f"{item['kind']}/{item['ref']}"
    step = item["learnt"]["event"] if "learnt" in item else ""
    return f"{own} {item.get('via') or ''} {step}"


def _encode(scope: str, key: str) -> str:
    return base64.urlsafe_b64encode(f"{scope}\n{key}".encode()).decode().rstrip("=")


def _decode(cursor: str, scope: str) -> str:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise BadParameter(f"cursor: {cursor[:80]!r} is no cursor of ours") from None
    found, _, key = text.partition("\n")
    if found != scope:
        raise BadParameter(f"cursor: {cursor[:80]!r} belongs to another list")
    return key
