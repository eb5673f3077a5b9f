"""What every event carries, and the facts about sources, instruments, versions and topics."""

from datetime import date
from typing import ClassVar, Literal

from pydantic import BaseModel

from events.vocabulary import Quotation, Sha256, Span, strict_frozen


class Fact(BaseModel):
    """What every event carries: the code, the legal date (London day, null: undated), the source's words, who recorded it."""

    model_config = strict_frozen
    schema_version: ClassVar[int] = 1

    code: str
    effective: date | None = None
    source: Quotation | None = None
    actor: str
    causation_id: str | None = None
    correlation_id: str | None = None

    def subject(self) -> str:
        """What the fact is about, as `kind/ref`: the name of its stream within the code."""
        raise NotImplementedError


class UnreadWords(BaseModel):
    """Words of a source that its reader could not place, and why."""

    model_config = strict_frozen

    text: str
    spans: tuple[Span, ...]
    row: str | None = None
    why: str


class SourceReceived(Fact):
    """A document arrived; its bytes are kept under their SHA-256; `kind` ranks it among sources that disagree."""

    type: Literal["SourceReceived"] = "SourceReceived"
    sha256: Sha256
    media_type: str
    name: str
    size: int
    kind: str | None = None

    def subject(self) -> str:
        """The source's own stream."""
        return f"source/{self.sha256}"


class SourceRead(Fact):
    """A reader of that version read the document: so many rows, so many unread spans (the first 200 are kept)."""

    type: Literal["SourceRead"] = "SourceRead"
    sha256: Sha256
    reader: str
    rows: int
    up_to_date_as_of: date | None = None
    unread_count: int
    unread: tuple[UnreadWords, ...] = ()
    warning_count: int = 0

    def subject(self) -> str:
        """The source's own stream."""
        return f"source/{self.sha256}"


class Instrument(Fact):
    """An act that changes the code: who acted, on what legal basis, upon which base version, when it was decided."""

    instrument: str
    version: str | None = None
    authority: str
    legal_basis: tuple[str, ...] = ()
    base_version: str | None = None
    base_inferred: bool = False
    proposals: tuple[str, ...] = ()
    decided_on: date | None = None
    signed_on: date | None = None
    announced_on: date | None = None
    reason: str | None = None

    def subject(self) -> str:
        """The instrument's own stream."""
        return f"instrument/{self.instrument}"


class ModificationDirected(Instrument):
    """The Secretary of State directed a modification."""

    type: Literal["ModificationDirected"] = "ModificationDirected"


class ModificationApproved(Instrument):
    """A body of the code or the regulator approved a modification."""

    type: Literal["ModificationApproved"] = "ModificationApproved"


class CodeDesignated(Instrument):
    """The code itself was designated: both the instrument and the change it makes to `code/<ref>`."""

    type: Literal["CodeDesignated"] = "CodeDesignated"
    action: ClassVar[str] = "designated"
    kind: Literal["code"] = "code"
    ref: str
    title: str | None = None


class VersionImplemented(Fact):
    """A version of the code took its label and date: base as written, the version before it, its instruments in order."""

    type: Literal["VersionImplemented"] = "VersionImplemented"
    version: str
    base_version: str | None = None
    previous: str | None = None
    instruments: tuple[str, ...] = ()

    def subject(self) -> str:
        """The version's own stream."""
        return f"version/{self.version}"


class TopicIntroduced(Fact):
    """The source names a subject but no provision: the words are kept, no target is invented."""

    type: Literal["TopicIntroduced"] = "TopicIntroduced"
    version: str
    instrument: str | None = None
    text: str

    def subject(self) -> str:
        """The stream of the version that names it."""
        return f"version/{self.version}"
