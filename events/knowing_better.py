"""Later knowledge about earlier facts: corrections, conflicts, and what became of a change that lay in the future."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from events.changes import Change, DocumentLettered
from events.facts import (
    CodeDesignated,
    Fact,
    ModificationApproved,
    ModificationDirected,
    TopicIntroduced,
    VersionImplemented,
)
from events.vocabulary import Quotation, strict_frozen

Correctable = Annotated[
    Change
    | DocumentLettered
    | CodeDesignated
    | ModificationDirected
    | ModificationApproved
    | VersionImplemented
    | TopicIntroduced,
    Field(discriminator="type"),
]
"""The facts that can turn out to be otherwise."""


class LaterKnowledge(Fact):
    """Something learnt about a fact recorded before; it goes to the stream of that fact."""

    def subject(self) -> str:
        """Not its own: the recorder names the stream of the fact it is about."""
        raise LookupError(f"{type(self).__name__} goes to the stream of the fact it is about")


class FactCorrected(LaterKnowledge):
    """The fact of event `supersedes` is as `fact` says, from this position on; its identity stays that of the superseded event."""

    type: Literal["FactCorrected"] = "FactCorrected"
    supersedes: str
    fact: Correctable
    reason: str


class FactRetracted(LaterKnowledge):
    """The fact of event `supersedes` is withdrawn, from this position on."""

    type: Literal["FactRetracted"] = "FactRetracted"
    supersedes: str
    reason: str


class Claim(BaseModel):
    """What one source says of a fact; `fact` null: that source does not hold it."""

    model_config = strict_frozen

    source: Quotation | None = None
    fact: Correctable | None = None


class ConflictNoted(LaterKnowledge):
    """Two sources disagree on the fact `about`: both claims are kept, `used` is the index of the one that stands by `rule`.

    `conflict` null: noted for the first time, under its own id; else the one of that id is decided anew. `kinds`: of the sources.
    """

    type: Literal["ConflictNoted"] = "ConflictNoted"
    about: str
    recorded: str | None = None
    version: str | None = None
    claims: tuple[Claim, Claim]
    used: int
    rule: str
    conflict: str | None = None
    kinds: tuple[str, str] | None = None
    reason: str | None = None


class ChangeRescheduled(LaterKnowledge):
    """The change of event `change`, expected on `was` (null: undated), takes effect on `effective` (null: undated) instead."""

    type: Literal["ChangeRescheduled"] = "ChangeRescheduled"
    change: str
    was: date | None = None
    reason: str | None = None


class ChangeCancelled(LaterKnowledge):
    """The change of event `change` will not take effect."""

    type: Literal["ChangeCancelled"] = "ChangeCancelled"
    change: str
    reason: str | None = None


class TookEffect(LaterKnowledge):
    """The change of event `change`, recorded before its day, took effect on `effective`."""

    type: Literal["TookEffect"] = "TookEffect"
    change: str
