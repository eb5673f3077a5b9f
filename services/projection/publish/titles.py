"""Events in a person's words: what happened to which provision, in force from which day."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from events.catalogue import Event, dotted
from events.changes import DocumentLettered, ProvisionChange
from events.facts import CodeDesignated, Fact, Instrument, TopicIntroduced, VersionImplemented
from events.knowing_better import (
    ChangeCancelled,
    ChangeRescheduled,
    ConflictNoted,
    FactCorrected,
    FactRetracted,
    TookEffect,
)

_FORBIDDEN = re.compile("[^\t\n\r -~\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """The text without the control characters that XML 1.0 and iCalendar forbid."""
    return _FORBIDDEN.sub("", text)


def title(event: Fact, about: Fact | None) -> str:
    """One line: `SEC 5.16: Section P designated, in force 31 May 2018`; `about` is the fact that a later event speaks of."""
    version = getattr(event, "version", None) or getattr(about, "version", None)
    return f"{heading(event.code, version)}: {_said(event, about)}"


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


def _said(event: Fact | None, about: Fact | None = None) -> str:
    match event:
        case FactCorrected():
            return f"corrected: {_said(event.fact)}"
        case FactRetracted():
            return f"withdrawn: {_said(about)}"
        case ChangeRescheduled():
            return f"moved from {in_words(event.was)} to {in_words(event.effective)}: {_done(about)}"
        case ChangeCancelled():
            return f"cancelled: {_done(about)}"
        case TookEffect():
            return f"took effect on {in_words(event.effective)}: {_done(about)}"
        case ConflictNoted():
            return f"sources disagree: {_said(next((each.fact for each in event.claims if each.fact), None))}"
        case CodeDesignated() | ProvisionChange() | VersionImplemented():
            day = f"in force {in_words(event.effective)}" if event.effective else "no date yet"
            return f"{_done(event)}, {day}"
    return _done(event)


def _done(event: Fact | None) -> str:
    """What a fact says, without its day."""
    match event:
        case CodeDesignated() | ProvisionChange():
            return change_in_words({"action": event.action, **event.__dict__})
        case VersionImplemented():
            return "new version"
        case Instrument():
            done = "directed" if event.type == "ModificationDirected" else "approved"  # type: ignore[attr-defined]
            by = f" ({', '.join(event.proposals)})" if event.proposals else ""
            return clean(f"modification {done} by the {event.authority}{by}")
        case TopicIntroduced():
            return clean(f"“{event.text}”")
        case DocumentLettered():
            return clean(f"“{event.title or event.document}” is {event.kind.capitalize()} {event.ref} from now on")
        case None:
            return "a fact of the ledger"
    return dotted(type(event).__name__).replace(".", " ")


def subject_of(event: Event) -> tuple[str, str] | None:
    """The kind and reference of the provision that an event is about, as it is answered for; null where it is about none."""
    match event:
        case ProvisionChange() if event.provision:
            kind, _, ref = event.provision.partition("/")
            return kind, ref
        case ProvisionChange() | CodeDesignated() | DocumentLettered():
            return event.kind, event.ref
    return None
