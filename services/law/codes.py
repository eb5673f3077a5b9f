"""The shapes of the codes: which kinds of provision each has, how it writes references, who may change it. Data, no rules."""

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


def _kinds(*kinds: Kind) -> dict[str, Kind]:
    return {kind.name: kind for kind in kinds}


_SEC_SECTION = r"[A-Z]{1,2}(\d+[A-Z]?(\.\d+[A-Z]?)*(\([a-z0-9]+\))*)?"
_SEC_BASES = (
    r"Energy Act 2008 s\d+(\(\d+\))?(\([a-z]\))?",
    rf"SEC {_SEC_SECTION}",
    r"SEC Appendix [A-Z]{1,2}",
    r"SEC Schedule \d+",
    r"DCC Licence Condition \d+(\.\d+)*",
)

SEC = Code(
    id="sec",
    title="Smart Energy Code",
    ref="SEC",
    kinds=_kinds(
        Kind("code", re.compile(r"SEC"), example="SEC"),
        Kind("section", re.compile(_SEC_SECTION, re.ASCII), nested=True, example="H3.22"),
        Kind("schedule", re.compile(r"\d+[A-Z]?(\.\d+[A-Z]?)*", re.ASCII), nested=True, lettered=True, example="9"),
        Kind("appendix", re.compile(r"[A-Z]{1,2}(\.\d+[A-Z]?)*", re.ASCII), nested=True, lettered=True, example="AC"),
        Kind("document", re.compile(r"[a-z0-9]+(-[a-z0-9]+)*"), example="the-slug-of-its-title"),
    ),
    authorities=frozenset({"Secretary of State", "SEC Panel", "Change Board", "Authority"}),
    directing=frozenset({"Secretary of State"}),
    basis=re.compile("|".join(f"(?:{each})" for each in _SEC_BASES), re.ASCII),
    label=re.compile(r"\d{1,4}\.\d{1,4}", re.ASCII),
    proposal=re.compile(r"SECMP\d{4}|(?:DP|MP)\d{3,4}[A-Z]?", re.ASCII),
    converted={"DP": "MP"},
)

CODES: Mapping[str, Code] = {SEC.id: SEC}
"""Every code whose shape is described, by id."""

_ANY = re.compile(r"\S+")


class _AnyKinds(dict[str, Kind]):
    """Kinds of a code nobody has described: each name fits, references nest at dots and digits."""

    def __missing__(self, name: str) -> Kind:
        return Kind(name, _ANY, nested=name not in KINDS_OF_ALL_CODES)

    def get(self, name: str, default: Kind | None = None) -> Kind | None:  # type: ignore[override]
        return self[name]


def shape(code: str) -> Code:
    """The shape of a code; one that is not described takes every kind and reference as written."""
    return CODES.get(code) or Code(id=code, title=code.upper(), ref=code.upper(), kinds=_AnyKinds())
