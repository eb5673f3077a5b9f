"""What a request about subscriptions says, checked field by field; each refusal names the field."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa

from events.store import last_position
from services.doors.parameters import BadParameter
from services.law.codes import CODES, shape
from services.law.references import reference
from services.projection import queries
from services.projection.publish.checkpoints import NAME as CHECKPOINT
from services.projection.publish.wanted import of_type

MOST = 100
"""Filters of a kind at most."""

LONGEST = 200

OF_NEW = ("url", "types", "codes", "affected", "from")
OF_CHANGE = ("status", "rotate_secret")
OF_REPLAY = ("from",)
STATUSES = ("paused", "active")

_TEXTS = {"type": "array", "items": {"type": "string"}, "maxItems": MOST}
FIELDS: Mapping[str, Any] = {
    "url": {"type": "string", "format": "uri", "description": "Where to deliver to, by https."},
    "types": {
        **_TEXTS,
        "description": "Only events of these types, as `section.*`; all if none is named. `log.checkpoint`: signed checkpoints.",
    },
    "codes": {**_TEXTS, "description": "Only events of these codes."},
    "affected": {**_TEXTS, "description": "Only what is about these provisions, their parts included, as `section/H`."},
    "from": {
        "anyOf": [{"enum": ["now", "start"]}, {"type": "integer", "minimum": 0}],
        "description": "What comes after this position; `now` is the end of the log.",
    },
    "status": {"enum": list(STATUSES)},
    "rotate_secret": {"type": "boolean", "description": "Gives a new secret; the old one signs too for a day."},
}
"""The fields of the bodies, as `/openapi.json` describes them."""


class Asked(NamedTuple):
    """A subscription as asked for: the URL not yet checked; the position after which it begins."""

    url: str
    types: list[str]
    codes: list[str]
    affected: list[str]
    position: int


def fields(data: bytes, known: Collection[str]) -> dict[str, Any]:
    """The fields of a request's body; a body that is no object, or has a field nobody knows, is refused."""
    try:
        told = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BadParameter(f"body: no JSON: {error.msg}") from None
    if not isinstance(told, dict):
        raise BadParameter("body: expected a JSON object")
    for name in told:
        if name not in known:
            raise BadParameter(f"{name[:80]}: unknown field; known: {', '.join(known)}")
    return told


def new(connection: sa.Connection, told: Mapping[str, Any]) -> Asked:
    """The subscription that the fields ask for."""
    url = told.get("url")
    if not isinstance(url, str):
        raise BadParameter("url: missing; expected the https URL to deliver to" if url is None else "url: no text")
    types, codes, affected = (_texts(told, name) for name in ("types", "codes", "affected"))
    for glob in types:
        _fits_a_type(glob)
    known = {*CODES, *(each["code"] for each in queries.codes(connection))}
    for code in codes:
        if code not in known:
            raise BadParameter(f"codes: unknown code {code!r}; known: {', '.join(sorted(known))}")
    for provision in affected:
        _could_be(provision, codes or sorted(known))
    return Asked(url, types, codes, affected, position(connection, told.get("from"), "now"))


def position(connection: sa.Connection, told: object, usual: str | None = None) -> int:
    """The position after which deliveries begin: `now`, `start`, or one of the log's own."""
    given, end = usual if told is None else told, last_position(connection)
    if given == "start":
        return 0
    if given == "now":
        return end
    if isinstance(given, bool) or not isinstance(given, int) or given < 0:
        raise BadParameter(f"from: {str(given)[:80]!r}; expected now, start or a position")
    if given > end:
        raise BadParameter(f"from: position {given} lies beyond the log's last one, {end}")
    return given


def change(told: Mapping[str, Any]) -> tuple[str | None, bool]:
    """The status asked for, if any, and whether the secret is to be replaced."""
    status, rotate = told.get("status"), told.get("rotate_secret", False)
    if "status" in told and status not in STATUSES:
        raise BadParameter(f"status: {str(status)[:80]!r}; expected one of {', '.join(STATUSES)}")
    if not isinstance(rotate, bool):
        raise BadParameter(f"rotate_secret: {str(rotate)[:80]!r}; expected true")
    if status is None and not rotate:
        raise BadParameter("status: missing, and rotate_secret too; expected one of them")
    return status, rotate


def _texts(told: Mapping[str, Any], name: str) -> list[str]:
    given = told.get(name)
    if given is None:
        return []
    if not isinstance(given, list) or len(given) > MOST:
        raise BadParameter(f"{name}: expected a list of at most {MOST} texts")
    for each in given:
        if not isinstance(each, str) or not 0 < len(each) <= LONGEST or not each.isprintable():
            raise BadParameter(f"{name}: {str(each)[:80]!r}; expected a text of 1 to {LONGEST} characters")
    return list(dict.fromkeys(given))


def _fits_a_type(glob: str) -> None:
    if glob == CHECKPOINT:
        return
    try:
        of_type(glob)
    except BadParameter as refusal:
        raise BadParameter(str(refusal).replace("type:", "types:", 1)) from None


def _could_be(provision: str, codes: Collection[str]) -> None:
    """Refuses what is a provision of none of the codes."""
    kind, _, ref = provision.partition("/")
    for code in codes:
        form = shape(code).kind(kind) if kind and ref else None
        try:
            if form and reference(form, ref):
                return
        except ValueError:
            continue
    raise BadParameter(
        f"affected: {provision[:80]!r} is no provision of {', '.join(codes)}; expected kind/ref, as section/H15"
    )
