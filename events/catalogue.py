"""Every event that a ledger can hold; `Event` is their union, told apart by `type`."""

import re
from typing import Annotated, Any, get_args

from pydantic import Field, TypeAdapter

from events.changes import Change, DocumentLettered, ProvisionChange
from events.facts import (
    CodeDesignated,
    ModificationApproved,
    ModificationDirected,
    SourceRead,
    SourceReceived,
    TopicIntroduced,
    VersionImplemented,
)
from events.knowing_better import (
    ChangeCancelled,
    ChangeRescheduled,
    ConflictNoted,
    FactCorrected,
    FactRetracted,
    TookEffect,
)
from events.proposing import ProposalConverted, ProposalRaised, ProposalRefined, ProposalWithdrawn

Event = (
    Change
    | DocumentLettered
    | CodeDesignated
    | ModificationDirected
    | ModificationApproved
    | VersionImplemented
    | TopicIntroduced
    | SourceReceived
    | SourceRead
    | FactCorrected
    | FactRetracted
    | ConflictNoted
    | ChangeRescheduled
    | ChangeCancelled
    | TookEffect
    | ProposalRaised
    | ProposalConverted
    | ProposalRefined
    | ProposalWithdrawn
)

EVENT: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="type")])
"""Validates any event from a mapping or from JSON."""

EVENT_CLASSES: dict[str, type[Event]] = {cls.__name__: cls for cls in get_args(Event)}
"""Each event class by its type."""

_BY_KIND_AND_ACTION = {(cls.model_fields["kind"].default, cls.action): cls for cls in get_args(Change)}
_BY_ACTION = {cls.action: cls for cls in get_args(Change) if cls.__name__.startswith("Provision")}


def dotted(event_type: str) -> str:
    """The name of an event type on the wire: `SectionActivated` is `section.activated`."""
    return ".".join(re.findall(r"[A-Z][a-z]*", event_type)).lower()


def change(action: str, kind: str, **fields: Any) -> Change:  # noqa: ANN401 - the fields of the class, checked by it
    """The event for an action on a provision: the class of its kind, `Provision...` where the kind has none for that action."""
    cls: type[ProvisionChange] = _BY_KIND_AND_ACTION.get((kind, action)) or _BY_ACTION[action]
    return cls(kind=kind, **fields)  # type: ignore[return-value]
