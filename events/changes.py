"""The changes to provisions: what was done, to which one; one class an action and kind."""

from typing import ClassVar, Literal

from events.facts import Fact


class ProvisionChange(Fact):
    """One action on one provision, in the words of its day; `provision` is the one it belongs to where a title names another."""

    action: ClassVar[str]
    kind: str
    ref: str
    version: str | None = None
    instrument: str | None = None
    title: str | None = None
    spec: str | None = None
    spec_version: str | None = None
    alongside: bool = False
    exclusions: tuple[str, ...] = ()
    proposal: str | None = None
    provision: str | None = None

    def subject(self) -> str:
        """The provision as written."""
        return f"{self.kind}/{self.ref}"


class Designation(ProvisionChange):
    """Put formally into the code."""

    action: ClassVar[str] = "designated"


class Redesignation(ProvisionChange):
    """A new form replaced the earlier one under the same letter or number."""

    action: ClassVar[str] = "redesignated"


class Activation(ProvisionChange):
    """Text already in the code, but dormant, was switched on."""

    action: ClassVar[str] = "activated"


class Amendment(ProvisionChange):
    """The text was changed."""

    action: ClassVar[str] = "amended"


class Deletion(ProvisionChange):
    """The provision was taken out of the code."""

    action: ClassVar[str] = "deleted"


class SectionDesignated(Designation):
    """A section, or a part of one, was designated."""

    type: Literal["SectionDesignated"] = "SectionDesignated"
    kind: Literal["section"] = "section"


class SectionActivated(Activation):
    """A section, or a part of one, was activated, all but its exclusions."""

    type: Literal["SectionActivated"] = "SectionActivated"
    kind: Literal["section"] = "section"


class SectionAmended(Amendment):
    """A section, or a part of one, was amended."""

    type: Literal["SectionAmended"] = "SectionAmended"
    kind: Literal["section"] = "section"


class SectionDeleted(Deletion):
    """A section, or a part of one, was deleted."""

    type: Literal["SectionDeleted"] = "SectionDeleted"
    kind: Literal["section"] = "section"


class ScheduleDesignated(Designation):
    """A schedule, or a specification version in it, was designated."""

    type: Literal["ScheduleDesignated"] = "ScheduleDesignated"
    kind: Literal["schedule"] = "schedule"


class ScheduleRedesignated(Redesignation):
    """A schedule was re-designated."""

    type: Literal["ScheduleRedesignated"] = "ScheduleRedesignated"
    kind: Literal["schedule"] = "schedule"


class ScheduleAmended(Amendment):
    """A schedule was amended."""

    type: Literal["ScheduleAmended"] = "ScheduleAmended"
    kind: Literal["schedule"] = "schedule"


class ScheduleDeleted(Deletion):
    """A schedule was deleted."""

    type: Literal["ScheduleDeleted"] = "ScheduleDeleted"
    kind: Literal["schedule"] = "schedule"


class AppendixDesignated(Designation):
    """An appendix was designated."""

    type: Literal["AppendixDesignated"] = "AppendixDesignated"
    kind: Literal["appendix"] = "appendix"


class AppendixRedesignated(Redesignation):
    """An appendix was re-designated."""

    type: Literal["AppendixRedesignated"] = "AppendixRedesignated"
    kind: Literal["appendix"] = "appendix"


class AppendixAmended(Amendment):
    """An appendix was amended."""

    type: Literal["AppendixAmended"] = "AppendixAmended"
    kind: Literal["appendix"] = "appendix"


class AppendixDeleted(Deletion):
    """An appendix was deleted."""

    type: Literal["AppendixDeleted"] = "AppendixDeleted"
    kind: Literal["appendix"] = "appendix"


class DocumentDesignated(Designation):
    """A document without a letter was designated; `ref` is the slug of its title."""

    type: Literal["DocumentDesignated"] = "DocumentDesignated"
    kind: Literal["document"] = "document"


class DocumentRedesignated(Redesignation):
    """A document without a letter was re-designated."""

    type: Literal["DocumentRedesignated"] = "DocumentRedesignated"
    kind: Literal["document"] = "document"


class DocumentAmended(Amendment):
    """A document without a letter was amended."""

    type: Literal["DocumentAmended"] = "DocumentAmended"
    kind: Literal["document"] = "document"


class DocumentLettered(Fact):
    """The document known by this slug is that appendix or schedule (`kind`, `ref`) from the effective day on."""

    type: Literal["DocumentLettered"] = "DocumentLettered"
    document: str
    title: str | None = None
    kind: str
    ref: str
    version: str | None = None

    def subject(self) -> str:
        """The document's own stream."""
        return f"document/{self.document}"


class ProvisionDesignated(Designation):
    """A provision of a kind that only its code's grammar knows was designated."""

    type: Literal["ProvisionDesignated"] = "ProvisionDesignated"


class ProvisionRedesignated(Redesignation):
    """A provision of a kind that only its code's grammar knows was re-designated."""

    type: Literal["ProvisionRedesignated"] = "ProvisionRedesignated"


class ProvisionActivated(Activation):
    """A provision of a kind that only its code's grammar knows was activated."""

    type: Literal["ProvisionActivated"] = "ProvisionActivated"


class ProvisionAmended(Amendment):
    """A provision of a kind that only its code's grammar knows was amended."""

    type: Literal["ProvisionAmended"] = "ProvisionAmended"


class ProvisionDeleted(Deletion):
    """A provision of a kind that only its code's grammar knows was deleted."""

    type: Literal["ProvisionDeleted"] = "ProvisionDeleted"


Change = (
    SectionDesignated
    | SectionActivated
    | SectionAmended
    | SectionDeleted
    | ScheduleDesignated
    | ScheduleRedesignated
    | ScheduleAmended
    | ScheduleDeleted
    | AppendixDesignated
    | AppendixRedesignated
    | AppendixAmended
    | AppendixDeleted
    | DocumentDesignated
    | DocumentRedesignated
    | DocumentAmended
    | ProvisionDesignated
    | ProvisionRedesignated
    | ProvisionActivated
    | ProvisionAmended
    | ProvisionDeleted
)
