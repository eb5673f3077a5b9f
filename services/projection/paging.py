"""Pages of a list in one stable order, by keyset cursors."""

import base64
import binascii
from datetime import date
from typing import Any, NamedTuple

from starlette.datastructures import QueryParams

from services.doors.parameters import MOST, USUAL, BadParameter, whole
from services.projection.point import Point

Item = dict[str, Any]


class Place(NamedTuple):
    """Where a cursor stands: after which item of a list, and the point at which its first page answered."""

    key: str
    as_of: date | None
    position: int | None


def resumed(query: QueryParams, scope: str) -> Place | None:
    """The place that the query's cursor names, null where it has none; a cursor of another list is refused."""
    cursor = query.get("cursor")
    return None if cursor is None else _decode(cursor, scope)


def page(
    items: list[Item], query: QueryParams, scope: str, point: Point | None = None
) -> tuple[list[Item], str | None]:
    """The page that the query asks for, and the cursor of the next one, which keeps to the point of this one."""
    limit = whole(query, "limit", 1, MOST) or USUAL
    start, place = 0, resumed(query, scope)
    if place is not None:
        start = next((index + 1 for index, item in enumerate(items) if key_of(item) == place.key), -1)
        if start < 0:
            raise BadParameter(f"cursor: {query['cursor'][:80]!r} is not one of this list")
    chosen = items[start : start + limit]
    more = start + limit < len(items)
    return chosen, _encode(scope, point, key_of(chosen[-1])) if more and chosen else None


def key_of(item: Item) -> str:
    """What tells an item of a list from the others, in any version of the list."""
    if "label" in item:
        return str(item["label"])
    own = str(item["id"]) if "id" in item else f"{item['kind']}/{item['ref']}"
    step = item["learnt"]["event"] if "learnt" in item else ""
    return f"{own} {item.get('via') or ''} {step}"


def _encode(scope: str, point: Point | None, key: str) -> str:
    at = f"{point.as_of} {point.position}" if point else ""
    return base64.urlsafe_b64encode(f"{scope}\n{at}\n{key}".encode()).decode().rstrip("=")


def _decode(cursor: str, scope: str) -> Place:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        found, at, key = text.split("\n", 2)
        day, position = at.split() if at else (None, None)
        place = Place(key, date.fromisoformat(day) if day else None, int(position) if position else None)
    except (binascii.Error, ValueError):
        raise BadParameter(f"cursor: {cursor[:80]!r} is no cursor of ours") from None
    if found != scope:
        raise BadParameter(f"cursor: {cursor[:80]!r} belongs to another list")
    return place
