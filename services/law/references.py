"""References and what holds what: H holds H15 holds H15.3; the range H10.9-H10.13 holds H10.11. Pure; the forms are the code's."""

import re
from dataclasses import dataclass
from functools import lru_cache

from services.law.shapes import Code, Kind

_COMPONENT = re.compile(r"\([^()]*\)|\d+[A-Za-z]?(?![a-z])|[A-Za-z]+|[^.\s]")

Rank = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Reference:
    """A parsed reference: the path above it, and the first and last of its own components (the same unless it is a range)."""

    text: str
    above: tuple[str, ...]
    holders: tuple[str, ...]
    first: str
    last: str

    @property
    def is_range(self) -> bool:
        """Whether it names more than one provision."""
        return self.first != self.last

    @property
    def root(self) -> str:
        """The outermost reference that holds it: H for H10.9-H10.13, itself for H; empty for a range of roots (A-C)."""
        if self.holders:
            return self.holders[-1]
        return "" if self.is_range else self.text


@lru_cache(maxsize=65_536)
def rank(component: str) -> Rank:
    """Where a component stands among its siblings: 9 before 9A before 10, Z before AA."""
    digits = re.match(r"\d+", component)
    if digits:
        return (0, int(digits.group()), component[digits.end() :])
    return (1, len(component), component)


def holds(outer: Reference, inner: Reference) -> bool:
    """Whether all of `inner` lies within `outer`; each holds itself."""
    depth = len(outer.above)
    if inner.above[:depth] != outer.above:
        return False
    if len(inner.above) > depth:
        return _between(outer, inner.above[depth], inner.above[depth])
    return _between(outer, inner.first, inner.last)


def meets(one: Reference, other: Reference) -> bool:
    """Whether something can lie within both: one holds the other, or they are ranges that overlap."""
    upper, lower = sorted((one, other), key=lambda each: len(each.above))
    depth = len(upper.above)
    if lower.above[:depth] != upper.above:
        return False
    first, last = (lower.above[depth],) * 2 if len(lower.above) > depth else (lower.first, lower.last)
    return rank(upper.first) <= rank(last) and rank(first) <= rank(upper.last)


def _between(outer: Reference, first: str, last: str) -> bool:
    if outer.first == first and outer.last == last:
        return True
    if not outer.is_range and first == last:
        return False
    return rank(outer.first) <= rank(first) and rank(last) <= rank(outer.last)


@lru_cache(maxsize=65_536)
def parse(text: str, *, nested: bool) -> Reference:
    """A reference as written, read into its path; one without parts is a single component. ValueError for a range that is none."""
    if not nested:
        return Reference(text, (), (), text, text)
    start, dash, end = text.partition("-")
    first = _path(start)
    if not dash or not end:
        return Reference(text, first[0][:-1], first[1][-2::-1] if len(first[1]) > 1 else (), first[0][-1], first[0][-1])
    last = _path(end)
    if first[0][:-1] != last[0][:-1] or rank(first[0][-1]) > rank(last[0][-1]):
        raise ValueError(f"{text!r} is no range: its ends do not lie side by side")
    return Reference(text, first[0][:-1], first[1][-2::-1] if len(first[1]) > 1 else (), first[0][-1], last[0][-1])


def _path(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The components of a reference, and the text up to the end of each."""
    matches = list(_COMPONENT.finditer(text))
    if not matches:
        raise ValueError(f"{text!r} is no reference")
    return tuple(match.group() for match in matches), tuple(text[: match.end()] for match in matches)


def reference(kind: Kind, text: str) -> Reference:
    """The reference of that kind; ValueError with an example where the code does not write references so."""
    ends = text.split("-") if kind.nested else [text]
    if len(ends) > 2 or not all(kind.form.fullmatch(end) for end in ends):
        like = f", as {kind.example}" if kind.example else ""
        raise ValueError(f"{text[:80]!r} is no reference of the kind {kind.name}: expected the code's own form{like}")
    return parse(text, nested=kind.nested)


def fitting(code: Code, text: str) -> list[str]:
    """The kinds of the code whose references can be written so."""
    return [name for name, kind in code.kinds.items() if _fits(kind, text)]


def _fits(kind: Kind, text: str) -> bool:
    try:
        reference(kind, text)
    except ValueError:
        return False
    return True


def sort_key(kind: Kind | None, text: str) -> tuple[tuple[Rank, ...], Rank]:
    """The order in which a code lists references of a kind: H before H1, H2 before H10, Z before AA."""
    try:
        parsed = parse(text, nested=kind.nested if kind else False)
    except ValueError:
        return (((2, 0, text),), (2, 0, text))
    return tuple(rank(component) for component in (*parsed.above, parsed.first)), rank(parsed.last)
