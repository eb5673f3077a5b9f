"""Events in a person's words: what happened to which provision, in force from which day."""

from events.catalogue import dotted
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
from events.proposing import ProposalConverted, ProposalStep
from services.projection.publish.wordings import change_in_words, clean, heading, in_words


def title(event: Fact, about: Fact | None) -> str:
    """One line: `SEC 5.16: Section P designated, in force 31 May 2018`; `about` is the fact that a later event speaks of."""
    version = getattr(event, "version", None) or getattr(about, "version", None)
    return f"{heading(event.code, version)}: {_said(event, about)}"


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
        case ProposalStep():
            return f"{_done(event)} on {in_words(event.effective)}"
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
        case ProposalStep():
            into = f" into {event.into}" if isinstance(event, ProposalConverted) else ""
            by = f" by {event.by}" if event.by else ""
            return clean(f"proposal {event.proposal} {event.step}{into}{by}")
        case DocumentLettered():
            return clean(f"“{event.title or event.document}” is {event.kind.capitalize()} {event.ref} from now on")
        case None:
            return "a fact of the ledger"
    return dotted(type(event).__name__).replace(".", " ")
