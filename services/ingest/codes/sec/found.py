"""What the Overview column was found to say, before it is tied to the acts of its row."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.ingest.sources.words import Word

Paragraph = tuple[int, int]
"""Which paragraph of a cell: counted by the blank ones seen, and with those that page breaks may hide."""


@dataclass(slots=True)
class Target:
    """A provision as named, `new` if called so; `words` are the noun it goes by and its own, `stem` those up to its reference."""

    kind: str
    ref: str
    words: list[Word]
    title: str | None = None
    spec: str | None = None
    spec_version: str | None = None
    exclusions: list[str] = field(default_factory=list)
    stem: list[Word] = field(default_factory=list)
    new: bool = False


@dataclass(slots=True)
class Draft:
    """An action on a target, with the words of both and whoever the sentence says did it."""

    action: str
    target: Target
    words: list[Word]
    paragraph: Paragraph
    proposals: list[str] = field(default_factory=list)
    alongside: bool = False
    by: str | None = None
    direction: bool = False


@dataclass(slots=True)
class Subject:
    """A topic, and the paragraph it stands in."""

    words: Sequence[Word]
    paragraph: Paragraph


@dataclass(slots=True)
class Doubt:
    """Words not understood: a stable code of why, and why in words."""

    code: str
    why: str
    words: Sequence[Word]


@dataclass(slots=True)
class Cited:
    """A proposal named in the Overview."""

    proposal: str
    words: Sequence[Word]


@dataclass(slots=True)
class Found:
    """All that an Overview says, in the order written."""

    drafts: list[Draft] = field(default_factory=list)
    subjects: list[Subject] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    cited: list[Cited] = field(default_factory=list)
    publication: Sequence[Word] = ()
    paragraphs: Paragraph = (0, 0)

    def add(self, other: "Found") -> None:
        """Takes over what a sentence says."""
        self.drafts.extend(other.drafts)
        self.subjects.extend(other.subjects)
        self.doubts.extend(other.doubts)
        self.cited.extend(other.cited)
