"""What is said of a code: which kinds of provision it has, how it writes references, who may change it. Data, no rules."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

KINDS_OF_ALL_CODES = ("code", "document")


PRECEDENCE = ("instrument", "table", "newsletter", "page")
"""Kinds of source, the one believed first: the act itself, the table of versions, news of it, a page that is overwritten."""

_WORDS = re.compile(r"\S(.*\S)?")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of provision: its name, the form of one reference of it, whether references have parts (H15.3 in H15),
    whether it is a letter or number that a document by title can get, and an example."""

    name: str
    form: re.Pattern[str]
    nested: bool = False
    lettered: bool = False
    example: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """An industry code: its id, title, own reference, kinds by name, authorities, and those that act by direction;
    the forms in which it writes legal bases, version labels and proposals; the kinds of source, the one believed first;
    what a proposal's letters become when it is converted under its number."""

    id: str
    title: str
    ref: str
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    authorities: frozenset[str] = frozenset()
    directing: frozenset[str] = frozenset()
    basis: re.Pattern[str] = _WORDS
    label: re.Pattern[str] = _WORDS
    proposal: re.Pattern[str] = _WORDS
    precedence: tuple[str, ...] = PRECEDENCE
    converted: Mapping[str, str] = field(default_factory=dict)

    def kind(self, name: str) -> Kind | None:
        """The kind of that name, null where the code has none."""
        return self.kinds.get(name)


def kinds(*listed: Kind) -> dict[str, Kind]:
    """The kinds by their names."""
    return {kind.name: kind for kind in listed}
