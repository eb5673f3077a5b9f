"""From the events to the acts on the law: what each change was, as known after the last of the events."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from services.law.fold import Act

Said = Mapping[str, Any]
"""An event's own fields."""

ENDINGS = ("Designated", "Redesignated", "Activated", "Amended", "Deleted")
NOT_OF_PROVISIONS = ("ModificationDirected", "ModificationApproved")


@dataclass
class Book:
    """What is known: acts by the event that told of each first with the kind of their provision, letters, instruments."""

    acts: dict[str, tuple[str, Act]] = field(default_factory=dict)
    letters: dict[str, tuple[str, str]] = field(default_factory=dict)
    instruments: dict[str, Said] = field(default_factory=dict)
    told: dict[str, Said] = field(default_factory=dict)
    """The fact that an event tells, as it stands."""


def read(events: Iterable[tuple[int, str, Said]]) -> Book:
    """The book after events (position, id, fields), which come in the order of their positions."""
    book = Book()
    for position, event_id, said in events:
        match said["type"]:
            case "FactCorrected":
                correct(book, said["supersedes"], said["fact"])
            case "FactRetracted":
                retract(book, said["supersedes"])
            case "ChangeRescheduled":
                move(book, said["change"], effective=day_of(said), cancelled=False)
            case "ChangeCancelled":
                move(book, said["change"], cancelled=True)
            case _:
                record(book, position, event_id, said)
    return book


def record(book: Book, position: int, event_id: str, said: Said) -> None:
    """Takes a fact in as it was first told, or under its first identity as it is told now."""
    book.told[event_id] = said
    if said["type"] in (*NOT_OF_PROVISIONS, "CodeDesignated"):
        book.instruments[said["instrument"]] = said
    if said["type"] == "DocumentLettered":
        book.letters[said["document"]] = (said["kind"], said["ref"])
        for other, (kind, act) in book.acts.items():
            if (kind, act.ref) == ("document", said["document"]):
                book.acts[other] = (said["kind"], replace(act, ref=said["ref"]))
    elif said["type"].endswith(ENDINGS) and "ref" in said:
        book.acts[event_id] = act_of(book, position, event_id, said)


def act_of(book: Book, position: int, event_id: str, said: Said) -> tuple[str, Act]:
    """The kind of the provision that a change belongs to, and the change as an act."""
    kind, ref = said["kind"], said["ref"]
    if said.get("provision"):
        kind, _, ref = said["provision"].partition("/")
    if kind == "document":
        kind, ref = book.letters.get(ref, (kind, ref))
    action = next(each for each in reversed(ENDINGS) if said["type"].endswith(each))
    action = "redesignated" if said["type"].endswith("Redesignated") else action.lower()
    return kind, Act(
        id=event_id,
        position=position,
        effective=day_of(said),
        action=action,
        ref=ref,
        version=said.get("version"),
        spec=said.get("spec"),
        spec_version=said.get("spec_version"),
        alongside=said.get("alongside", False),
        exclusions=tuple(said.get("exclusions", ())),
    )


def correct(book: Book, first: str, fact: Said) -> None:
    """The fact of an event is as another says; where it stands in the log stays, and that it was cancelled."""
    before = book.acts.pop(first, None)
    record(book, before[1].position if before else 0, first, fact)
    if before and first in book.acts:
        move(book, first, cancelled=before[1].cancelled)


def retract(book: Book, first: str) -> None:
    """The fact of an event is withdrawn."""
    book.acts.pop(first, None)
    said = book.told.pop(first, {})
    if said.get("type") == "DocumentLettered":
        book.letters.pop(said["document"], None)


def move(book: Book, first: str, **changed: Any) -> None:  # noqa: ANN401 - fields of an act
    """The change of an event is given another day, or is cancelled."""
    if first in book.acts:
        kind, act = book.acts[first]
        book.acts[first] = (kind, replace(act, **changed))


def day_of(said: Said) -> date | None:
    """The legal day, null where it has none."""
    return date.fromisoformat(said["effective"]) if said.get("effective") else None
