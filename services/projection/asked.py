"""What a request asks: parameters checked one by one, each refusal naming the parameter."""

import re
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from starlette.datastructures import QueryParams
from starlette.requests import Request

from events.errors import NotFound
from services.doors.meta import MODEL
from services.doors.parameters import BadParameter, whole
from services.law.references import reference
from services.law.shapes import Code, Kind
from services.projection.point import LONDON, Known

POINT = ("as_of", "known_at", "model", "min_position")
PAGING = ("limit", "cursor")

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_POSITION = re.compile(r"pos:(\d{1,18})", re.ASCII)
_INSTANT = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(\.\d{1,12})?(?:Z|[+-]00:00)", re.ASCII | re.IGNORECASE)
_LEAP_SECOND, _BEFORE_IT = "T23:59:60", "T23:59:59.999999"


class ModelGone(NotFound):
    """The answer was asked as an earlier revision of the read model gave it; that one is no longer served."""

    problem = "model-gone"

    def __init__(self, model: int, current: str) -> None:
        super().__init__(f"model {model} is not served, {MODEL} is: {current}")
        self.extra = {"current": current}


class Asked(NamedTuple):
    """The point on both axes that a request names; null where it leaves it to us."""

    as_of: date | None
    known: Known
    known_text: str | None
    negotiated: bool
    model: int | None
    min_position: int
    at: datetime | None = None

    @property
    def day(self) -> date:
        """The legal day asked about: today in London unless said."""
        return self.as_of or today(self.at)


def today(at: datetime | None = None) -> date:
    """The day it is in London: now, or at an instant."""
    return (at or datetime.now(UTC)).astimezone(LONDON).date()


def point_asked(request: Request, now: datetime) -> Asked:
    """The point on both axes that a request, come in at `now`, asks about."""
    query = request.query_params
    text = query.get("known_at")
    known = known_time(text, "known_at") if text is not None else None
    negotiated = text is None and "accept-datetime" in request.headers
    if negotiated:
        known = _accepted(request.headers["accept-datetime"], now)
    model = whole(query, "model", 1, 10**9)
    if model is not None and model != MODEL:
        current = request.url.include_query_params(model=MODEL)
        raise ModelGone(model, f"{current.path}?{current.query}")
    least = whole(query, "min_position", 0, 10**18) or 0
    return Asked(day(query, "as_of"), known, text, negotiated, model, least, now)


def _accepted(header: str, now: datetime) -> datetime:
    """The end of the second that an HTTP date names, since `Memento-Datetime` leaves out its fraction; never after now."""
    try:
        named = parsedate_to_datetime(header) if header.endswith("GMT") else None
    except (TypeError, ValueError):
        named = None
    if named is None:
        raise BadParameter(f"Accept-Datetime: {header[:80]!r} is no HTTP date; expected Thu, 31 May 2018 12:00:00 GMT")
    return min(named.astimezone(UTC) + timedelta(microseconds=999_999), now)


def known_time(text: str, name: str) -> Known:
    """A position `pos:<n>` or an RFC 3339 instant in UTC."""
    position = _POSITION.fullmatch(text)
    if position:
        return int(position.group(1))
    instant = _INSTANT.fullmatch(text)
    if instant:
        second = instant.group(1).upper()
        leap = second.endswith(_LEAP_SECOND)
        written = second.replace(_LEAP_SECOND, _BEFORE_IT) if leap else second + (instant.group(2) or "")
        try:
            return datetime.fromisoformat(f"{written}Z")
        except ValueError:
            pass
    raise BadParameter(
        f"{name}: {text[:80]!r}; expected pos:<n> or an RFC 3339 instant in UTC, as 2026-01-31T12:00:00Z"
    )


def day(query: QueryParams, name: str) -> date | None:
    """A day `YYYY-MM-DD`, null where it is not given."""
    text = query.get(name)
    if text is None:
        return None
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise BadParameter(f"{name}: {text[:80]!r} is no day; expected YYYY-MM-DD")


def within(code: Code, name: str, text: str) -> None:
    """Refuses a kind, an authority or a provision that the code's grammar does not know."""
    if name == "kind":
        _kind(code, name, text)
    elif name == "authority" and code.authorities and text not in code.authorities:
        raise BadParameter(f"{name}: {text[:80]!r}; expected one of {', '.join(sorted(code.authorities))}")
    elif name in ("affected", "provision"):
        kind, slash, ref = text.partition("/")
        if not slash or not ref:
            raise BadParameter(f"{name}: {text[:80]!r}; expected kind/ref, as section/H15")
        try:
            reference(_kind(code, name, kind), ref)
        except ValueError as error:
            raise BadParameter(f"{name}: {error}") from None


def _kind(code: Code, name: str, text: str) -> Kind:
    found = code.kind(text)
    if found is None:
        raise BadParameter(f"{name}: {text[:80]!r} is no kind of {code.id}; expected one of {', '.join(code.kinds)}")
    return found


def provision_named(query: QueryParams, name: str) -> str | None:
    """A provision `kind/ref`, null where it is not given."""
    text = query.get(name)
    if text is None or all(text.partition("/")):
        return text
    raise BadParameter(f"{name}: {text[:80]!r}; expected kind/ref, as section/H15")
