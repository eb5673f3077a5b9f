"""The parameters of a request, checked one by one; each refusal names the parameter."""

from collections.abc import Collection

from starlette.datastructures import QueryParams
from starlette.requests import Request

from events.errors import Rejected
from services.problems import UnknownParameter

MOST, USUAL = 1_000, 100
"""Items of a list: the most that one answer holds, and how many it holds unless asked."""


class BadParameter(Rejected):
    """A parameter that says nothing we can answer."""

    problem = "bad-parameter"


def check_names(request: Request, known: Collection[str]) -> None:
    """Refuses a parameter that the resource does not know, one given twice, and a NUL anywhere."""
    query = request.query_params
    if "\0" in request.scope["path"] or b"%00" in request.scope["query_string"]:
        raise BadParameter("a NUL character in the path or a parameter; expected text without it")
    for name in query:
        if name not in known:
            raise UnknownParameter(f"unknown parameter {name[:80]!r}; known: {', '.join(sorted(known)) or 'none'}")
        if len(query.getlist(name)) > 1:
            raise BadParameter(f"{name}: given more than once")


def whole(query: QueryParams, name: str, least: int, most: int) -> int | None:
    """A whole number within its bounds, null where it is not given."""
    text = query.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and least <= int(text) <= most):
        raise BadParameter(f"{name}: {text[:80]!r}; expected a whole number from {least} to {most}")
    return int(text)


def one_of(query: QueryParams, name: str, choices: Collection[str]) -> str | None:
    """One of the words that a parameter can have, null where it is not given."""
    text = query.get(name)
    if text is not None and text not in choices:
        raise BadParameter(f"{name}: {text[:80]!r}; expected one of {', '.join(sorted(choices))}")
    return text
