"""What a row of a document asserts, as the events that would record it, each under a lasting key. Pure."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from events.catalogue import Event, change
from events.changes import ProvisionChange
from events.envelope import canonical
from events.facts import (
    CodeDesignated,
    Fact,
    ModificationApproved,
    ModificationDirected,
    TopicIntroduced,
    VersionImplemented,
)
from events.vocabulary import Quotation
from services.ingest.reading import ReadChange, ReadInstrument, ReadVersion, Spans
from services.law.codes import Code

QUOTE_LIMIT, TEXT_LIMIT, SPAN_LIMIT = 1_000, 4_000, 500
"""An entry holds at most 65,535 bytes: longer words are cut with an ellipsis, the spans still say where they stand."""


class Asserted(NamedTuple):
    """A fact that a document asserts: its key within the code, and the event that would record it."""

    key: str
    event: Event


class Source(NamedTuple):
    """A document as facts quote it: its SHA-256, its text, and who records it."""

    sha256: str
    text: str
    actor: str

    def quotation(self, spans: Spans) -> Quotation:
        """The words at the spans, white space folded."""
        words = " ".join(" ".join(self.text[start:end] for start, end in spans).split())
        return Quotation(sha256=self.sha256, spans=spans[:SPAN_LIMIT], quote=shortened(words, QUOTE_LIMIT))


def shortened(words: str, limit: int) -> str:
    """The words, cut with an ellipsis where they are longer than the limit."""
    return words if len(words) <= limit else words[: limit - 1] + "…"


def asserted(code: Code, source: Source, row: ReadVersion, previous: str | None) -> Iterator[Asserted]:
    """The facts of a row in the order of cause and effect: instruments, the version, changes, topics."""
    names = [f"{row.label}-{number + 1}" for number in range(len(row.instruments))]
    founding = _founding(code, row)
    for number, instrument in enumerate(row.instruments):
        yield Asserted(f"instrument/{names[number]}", _instrument(code, source, row, number, instrument, founding))
    yield Asserted(f"version/{row.label}", _version(code, source, row, previous, names))
    seen: Counter[str] = Counter()
    for read in row.changes:
        if read is not founding:
            yield Asserted(_change_key(row, read, seen), _change(code, source, row, read, names))
    for topic in row.topics:
        text = shortened(topic.text, TEXT_LIMIT)
        key = f"topic/{row.label}/{hashlib.sha256(text.encode()).hexdigest()[:16]}"
        by = names[topic.instrument] if topic.instrument is not None else None
        event = TopicIntroduced(
            **_common(code, source, topic.spans), effective=row.effective, version=row.label, instrument=by, text=text
        )
        yield Asserted(key, event)


def _common(code: Code, source: Source, spans: Spans) -> dict[str, str | Quotation]:
    return {"code": code.id, "actor": source.actor, "source": source.quotation(spans)}


def _founding(code: Code, row: ReadVersion) -> ReadChange | None:
    """The change that puts the code itself in force by an instrument of the row, if there is one."""
    for read in row.changes:
        if (read.kind, read.action, read.ref) == ("code", "designated", code.ref) and read.instrument is not None:
            return read
    return None


def _instrument(
    code: Code, source: Source, row: ReadVersion, number: int, read: ReadInstrument, founding: ReadChange | None
) -> ModificationDirected | ModificationApproved | CodeDesignated:
    said = {
        "instrument": f"{row.label}-{number + 1}",
        "version": row.label,
        "authority": read.authority,
        "legal_basis": read.legal_basis,
        "base_version": read.base_version,
        "base_inferred": read.base_inferred,
        "proposals": read.proposals,
        "decided_on": read.decided_on,
        "effective": read.effective,
    }
    if founding is not None and founding.instrument == number:
        spans = tuple(sorted({*read.spans, *founding.spans}))
        said |= {"effective": read.effective or row.effective, "ref": founding.ref, "title": founding.title}
        return CodeDesignated.model_validate(_common(code, source, spans) | said)
    cls = ModificationDirected if read.authority in code.directing else ModificationApproved
    return cls.model_validate(_common(code, source, read.spans) | said)


def _version(
    code: Code, source: Source, row: ReadVersion, previous: str | None, names: list[str]
) -> VersionImplemented:
    written = [each.base_version for each in row.instruments if each.base_version and not each.base_inferred]
    return VersionImplemented.model_validate(
        _common(code, source, row.spans)
        | {"version": row.label, "effective": row.effective, "base_version": written[0] if written else None}
        | {"previous": previous, "instruments": tuple(names)}
    )


def _change(code: Code, source: Source, row: ReadVersion, read: ReadChange, names: list[str]) -> Event:
    by = row.instruments[read.instrument] if read.instrument is not None else None
    own_day: date | None = by.effective if by else None
    return change(
        read.action,
        read.kind,
        **_common(code, source, read.spans),
        effective=own_day or row.effective,
        ref=read.ref,
        version=row.label,
        instrument=names[read.instrument] if read.instrument is not None else None,
        title=read.title,
        spec=read.spec,
        spec_version=read.spec_version,
        alongside=read.alongside,
        exclusions=read.exclusions,
        proposal=read.proposal,
    )


def _change_key(row: ReadVersion, read: ReadChange, seen: Counter[str]) -> str:
    parts = (read.action, read.kind, read.ref, read.spec or "", read.spec_version or "", read.proposal or "")
    key = f"change/{row.label}/" + "/".join(parts)
    seen[key] += 1
    return key if seen[key] == 1 else f"{key}#{seen[key]}"


_NOT_SAID = {"source", "actor", "causation_id", "correlation_id"}
_INFERRED = {"previous", "provision"}


def digest(fact: Fact) -> bytes:
    """Sixteen bytes that differ where two facts say something else; where it was read, and what was inferred, is left out."""
    said = fact.model_dump(mode="json", exclude=_NOT_SAID | _INFERRED, exclude_none=True)
    if said.get("base_inferred"):
        del said["base_version"]
    return hashlib.sha256(canonical(said)).digest()[:16]


def is_document(event: Event) -> bool:
    """Whether the event changes a document that has no letter."""
    return isinstance(event, ProvisionChange) and event.kind == "document"
