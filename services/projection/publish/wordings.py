"""Days and changes in a person's words, without what readers of feeds and calendars cannot take."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

_FORBIDDEN = re.compile("[^\t\n\r -~\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """The text without the control characters that XML 1.0 and iCalendar forbid."""
    return _FORBIDDEN.sub("", text)


def heading(code: str, version: str | None) -> str:
    """The code and the version: `SEC 5.16`."""
    return clean(f"{code.upper()} {version or ''}".strip())


def in_words(day: date | None) -> str:
    """A day as people write it: `31 May 2018`."""
    return f"{day.day} {day:%B} {day.year}" if day else "no date yet"


def change_in_words(change: Mapping[str, Any]) -> str:
    """What a change does to which provision: `Section H3 activated except H3.27`."""
    but = f" except {', '.join(change['exclusions'])}" if change.get("exclusions") else ""
    spec = " ".join(word for word in (change.get("spec"), change.get("spec_version")) if word)
    action = change["action"].replace("redes", "re-des")
    return clean(f"{_named(change)} {action}{but}{f' ({spec})' if spec else ''}")


def _named(change: Mapping[str, Any]) -> str:
    kind, ref, own = change["kind"], change["ref"], change.get("title")
    if kind == "code":
        return "the code"
    return f"{kind.capitalize()} {f'“{own}”' if own and kind == 'document' else ref}"
