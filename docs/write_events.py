"""Writes docs/events.md from the catalogue."""

import re
from pathlib import Path
from typing import get_args

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from events.catalogue import EVENT_CLASSES, dotted
from events.facts import Fact

PAGE = Path(__file__).with_name("events.md")
OPENING = """# Events

Every event that a ledger can hold. This page is written from the catalogue by `make docs`; a test holds the two together.

Each event is one frozen class, told apart by `type`. On the wire its type is `uk.inforce.<name>.v1`, with the dotted name below.

## Every event
"""


def page() -> str:
    """The whole page."""
    parts = [OPENING, _fields(Fact.model_fields)]
    for name, cls in EVENT_CLASSES.items():
        own = {key: field for key, field in cls.model_fields.items() if key not in Fact.model_fields and key != "type"}
        parts.append(f"## {name}\n\n`{dotted(name)}`, schema {cls.schema_version}. {cls.__doc__}\n\n{_fields(own)}")
    return "\n".join(parts)


def _fields(fields: dict[str, FieldInfo]) -> str:
    rows = [f"| `{name}` | {_type(field)} | {_default(field)} |" for name, field in fields.items()]
    return "\n".join(["| field | holds | if not given |", "|---|---|---|", *rows, ""])


def _type(field: FieldInfo) -> str:
    if len(get_args(field.annotation)) > 5:
        return "one of the facts above that can turn out otherwise"
    text = getattr(field.annotation, "__name__", "") if not get_args(field.annotation) else str(field.annotation)
    text = re.sub(r"[a-z_]+\.(?=[A-Za-z])", "", text).replace(", ...", " ...").replace("NoneType", "None")
    return f"`{text}`".replace("|", "or")


def _default(field: FieldInfo) -> str:
    return "required" if field.default is PydanticUndefined else f"`{field.default!r}`"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
