"""The codes by id: those described in `services.law.described`, and the loose shape of any other."""

import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules

from services.law import described
from services.law.shapes import KINDS_OF_ALL_CODES, Code, Kind


def _described() -> Iterator[Code]:
    for module in iter_modules(described.__path__):
        yield import_module(f"{described.__name__}.{module.name}").CODE


CODES: Mapping[str, Code] = {code.id: code for code in _described()}
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
