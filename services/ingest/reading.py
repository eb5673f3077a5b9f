"""What a source document says: the shape that a code's grammar returns and that `inforce read` prints."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from events.vocabulary import Span

Spans = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class ReadInstrument:
    """An act named in a row: who acted, on what basis, upon which base version."""

    authority: str
    legal_basis: tuple[str, ...]
    base_version: str | None
    base_inferred: bool
    proposals: tuple[str, ...]
    decided_on: date | None
    effective: date | None
    spans: Spans


@dataclass(frozen=True, slots=True)
class ReadChange:
    """One action on one provision, as a row words it; `instrument` is an index into the row's instruments, or null."""

    action: str
    kind: str
    ref: str
    title: str | None
    spec: str | None
    spec_version: str | None
    alongside: bool
    exclusions: tuple[str, ...]
    proposal: str | None
    instrument: int | None
    spans: Spans


@dataclass(frozen=True, slots=True)
class ReadTopic:
    """A subject named with no action on a provision."""

    text: str
    spans: Spans
    instrument: int | None


@dataclass(frozen=True, slots=True)
class ReadVersion:
    """One row of the table: a version of the code with its instruments, changes and topics, in the order written."""

    label: str
    effective: date | None
    instruments: tuple[ReadInstrument, ...]
    changes: tuple[ReadChange, ...]
    topics: tuple[ReadTopic, ...]
    spans: Spans


@dataclass(frozen=True, slots=True)
class Unread:
    """Words that the reader cannot place, and why; `row` is the version label, or null outside any row."""

    text: str
    spans: Spans
    row: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Warned:
    """Something doubtful in what was read: a code, a sentence naming the facts, where."""

    code: str
    message: str
    row: str | None
    spans: Spans


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many non-blank characters of the table there are, and how many belong to something understood."""

    chars: int
    accounted: int

    @property
    def ratio(self) -> float:
        """The share accounted for, 1.0 for an empty text."""
        return self.accounted / self.chars if self.chars else 1.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader found in one text; spans count its code points."""

    code: str
    reader: str
    versions: tuple[ReadVersion, ...]
    coverage: Coverage
    unread: tuple[Unread, ...]
    warnings: tuple[Warned, ...]


def plain(value: Any) -> Any:  # noqa: ANN401 - any part of a reading
    """A part of a reading as JSON-ready values: dates as YYYY-MM-DD, spans as [from, to]."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Coverage):
        return {"chars": value.chars, "accounted": value.accounted, "ratio": value.ratio}
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if hasattr(value, "__dataclass_fields__"):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return value
