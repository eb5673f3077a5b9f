"""The words that a command rests on, kept as a source of their own: what is recorded can always be traced to them. Pure."""

import hashlib
from dataclasses import dataclass, field

from events.envelope import Pending, own_stream
from events.facts import SourceReceived
from events.vocabulary import Quotation
from services.ingest.commands.bodies import BadBody, SaidIn
from services.ingest.decide import Decision
from services.ingest.facts import QUOTE_LIMIT, shortened
from services.law.checks import Finding
from services.law.fold import Act
from services.law.shapes import Code

NAME_LIMIT = 1_000

Family = tuple[str, str]
"""A kind and an outermost reference: the provisions that can bear on one another."""

ByFamily = dict[Family, list[Act]]
"""The acts on each family."""


@dataclass(frozen=True, slots=True)
class Said:
    """Who says it and where it is said: the source's bytes, its name, the quotation that events carry."""

    actor: str
    name: str
    content: bytes
    quotation: Quotation
    kind: str = "instrument"

    def received(self, code: str, event_id: str) -> Pending:
        """The event that tells that the source arrived."""
        event = SourceReceived(
            code=code,
            actor=self.actor,
            sha256=self.quotation.sha256,
            media_type="text/plain",
            name=self.name,
            size=len(self.content),
            kind=self.kind,
        )
        return Pending(event_id, own_stream(event), event)


@dataclass
class Decided(Decision):
    """What a command comes to: as a document's, and the acts before it, those that it adds, moves or withdraws (null),
    what was found doubtful, its instrument, the stream that the caller has seen."""

    findings: list[Finding] = field(default_factory=list)
    before: ByFamily = field(default_factory=dict)
    acts: dict[Family, dict[str, Act | None]] = field(default_factory=dict)
    instrument: str | None = None
    stream: str | None = None

    def becomes(self, family: Family, event_id: str, act: Act | None) -> None:
        """Notes what becomes of an act of a family."""
        self.acts.setdefault(family, {})[event_id] = act

    def seen_as(self, code: str, instrument: str | None, stream: str | None = None) -> None:
        """Names the instrument that it is about: its stream, or where there is none the fact's, is what the caller has seen."""
        self.instrument = instrument
        self.stream = f"{code}/instrument/{instrument}" if instrument else stream


def said_in(code: Code, source: SaidIn, actor: str) -> Said:
    """The source that the words of a command are; BadBody where the code does not rank such a kind of source."""
    if source.kind not in code.precedence:
        raise BadBody(f"source.kind: found {source.kind!r}; expected one of {', '.join(code.precedence)}")
    content = source.quote.encode()
    quote = shortened(" ".join(source.quote.split()), QUOTE_LIMIT)
    spans = ((0, len(source.quote)),)
    name = shortened(f"{source.name}, {source.url}" if source.url else source.name, NAME_LIMIT)
    quotation = Quotation(sha256=hashlib.sha256(content).hexdigest(), spans=spans, quote=quote)
    return Said(actor, name, content, quotation, source.kind)
