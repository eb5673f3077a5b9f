"""What a row of a document asserts, as the events that would record it, each under a lasting key. Pure."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from heapq import merge
from typing import Any, NamedTuple

from events.catalogue import Event, change
from events.changes import ProvisionChange
from events.envelope import canonical
from events.errors import Rejected
from events.facts import (
    CodeDesignated,
    Fact,
    ModificationApproved,
    ModificationDirected,
    TopicIntroduced,
    VersionImplemented,
)
from events.vocabulary import Quotation, Span
from services.ingest.reading import ReadChange, ReadInstrument, ReadTopic, ReadVersion, Spans
from services.law.proposals import identity
from services.law.shapes import Code

QUOTE_LIMIT, TEXT_LIMIT, SPAN_LIMIT = 1_000, 4_000, 100
"""An entry holds at most 65,535 bytes: longer words are cut with an ellipsis, the spans still say where they stand."""

NAME_LIMIT, NUMBER_LIMIT, LIST_LIMIT = 300, 100, 4_000
"""A reference names a stream (bytes); what an act or a change lists is never cut: such a change is not recorded at all."""


class TooLongToRecord(Rejected):
    """A row is no row of such a table: its label or what it lists is longer than the log holds."""

    problem = "unreadable-source"


class Asserted(NamedTuple):
    """A fact that a document asserts: its key within the code, and the event that would record it."""

    key: str
    event: Event


class Source(NamedTuple):
    """A document as facts quote it: its SHA-256, its text, who records it, the event that its facts follow from."""

    sha256: str
    text: str
    actor: str
    cause: str | None = None

    def quotation(self, spans: Spans) -> Quotation:
        """The words at the spans, white space folded."""
        words = " ".join(" ".join(self.text[start:end] for start, end in spans).split())
        return Quotation(sha256=self.sha256, spans=spans[:SPAN_LIMIT], quote=shortened(words, QUOTE_LIMIT))


def shortened(words: str, limit: int) -> str:
    """The words, cut with an ellipsis where they are longer than the limit."""
    return words if len(words) <= limit else words[: limit - 1] + "…"


def asserted(code: Code, source: Source, row: ReadVersion, previous: str | None) -> Iterator[Asserted]:
    """The facts of a row in the order of cause and effect: instruments, the version, then changes and topics as written."""
    names = [f"{row.label}-{number + 1}" for number in range(len(row.instruments))]
    founding = _founding(code, row)
    for number, instrument in enumerate(row.instruments):
        act = _instrument(code, source, row, number, _based(instrument, previous), founding)
        yield Asserted(f"instrument/{names[number]}", act)
    yield Asserted(f"version/{row.label}", _version(code, source, row, previous, names))
    seen: Counter[str] = Counter()
    for read in _as_written(row):
        if read is founding or (isinstance(read, ReadChange) and too_long(read)):
            continue
        if isinstance(read, ReadChange):
            key, event = change_stem(row.label, read), _change(code, source, row, read, names)
        else:
            key, event = f"topic/{row.label}", _topic(code, source, row, read, names)
        seen[key] += 1
        yield Asserted(numbered(key, seen[key]), event)


def numbered(key: str, number: int) -> str:
    """The key of the first, second ... fact that nothing but the order tells apart."""
    return key if number == 1 else f"{key}#{number}"


def check(row: ReadVersion) -> None:
    """TooLongToRecord where the log cannot hold what the row says of its version and its instruments."""
    if len(row.label.encode()) > NUMBER_LIMIT:
        raise TooLongToRecord(f"found a version label of {len(row.label)} characters; expected at most {NUMBER_LIMIT}")
    for act in row.instruments:
        length = sum(map(len, (act.authority, act.base_version or "", *act.legal_basis, *act.proposals)))
        if length > LIST_LIMIT:
            raise TooLongToRecord(
                f"version {row.label}: found an act whose bases and proposals take {length} characters;"
                f" expected at most {LIST_LIMIT}"
            )


def too_long(read: ReadChange) -> bool:
    """Whether the log cannot hold the change."""
    numbers = (read.kind, read.spec, read.spec_version, read.proposal)
    return (
        len(read.ref.encode()) > NAME_LIMIT
        or any(len((number or "").encode()) > NUMBER_LIMIT for number in numbers)
        or sum(map(len, (read.title or "", *read.exclusions))) > LIST_LIMIT
    )


def _as_written(row: ReadVersion) -> Iterator[ReadChange | ReadTopic]:
    """Changes and topics, each in their own order, by where they stand in the text."""
    return merge(row.changes, row.topics, key=lambda read: read.spans[0][0] if read.spans else 0)


def _based(read: ReadInstrument, previous: str | None) -> ReadInstrument:
    """The instrument upon the row before, where neither it nor the document says upon which."""
    if read.base_version is not None or previous is None:
        return read
    return replace(read, base_version=previous, base_inferred=True)


def _common(code: Code, source: Source, spans: Spans) -> dict[str, str | Quotation | None]:
    return {"code": code.id, "actor": source.actor, "causation_id": source.cause, "source": source.quotation(spans)}


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
        spans = _together((*read.spans, *founding.spans))
        said |= {"effective": read.effective or row.effective, "ref": founding.ref, "title": founding.title}
        return CodeDesignated.model_validate(_common(code, source, spans) | said)
    cls = ModificationDirected if read.authority in code.directing else ModificationApproved
    return cls.model_validate(_common(code, source, read.spans) | said)


def _together(spans: Spans) -> Spans:
    """The characters of all the spans, each once."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)


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


def _topic(code: Code, source: Source, row: ReadVersion, read: ReadTopic, names: list[str]) -> TopicIntroduced:
    return TopicIntroduced.model_validate(
        _common(code, source, read.spans)
        | {"effective": row.effective, "version": row.label, "text": shortened(read.text, TEXT_LIMIT)}
        | {"instrument": names[read.instrument] if read.instrument is not None else None}
    )


def change_stem(scope: str, read: ReadChange | ProvisionChange) -> str:
    """The key of a change within its version (where it has none, its instrument), but for what only its order tells apart."""
    parts = (scope, read.action, read.kind, read.ref, read.spec, read.spec_version)
    return "change/" + "/".join(part for part in parts if part)


def step_key(code: Code, proposal: str, step: str) -> str:
    """The key of a step in the life of a proposal: the same under each of its names."""
    return f"proposal/{''.join(identity(code, proposal))}/{step}"


class Digests(NamedTuple):
    """Sixteen bytes each: of what the words say, and with what was inferred from other words; neither knows where they stood."""

    said: bytes
    whole: bytes


_NOT_SAID = {"source", "actor", "causation_id", "correlation_id", "provision"}
_BY_COMMAND = {"signed_on", "announced_on", "reason"}
"""What no table says of an instrument: that one is silent on it contradicts nothing."""

_INFERRED = ("previous", "instruments")
_WITH_OWN_DAY = {each.__name__ for each in (VersionImplemented, ModificationDirected, ModificationApproved)}


def digests(fact: Fact) -> Digests:
    """What tells whether two facts say the same."""
    return digests_of(fact.model_dump(mode="json", exclude=_NOT_SAID, exclude_none=True))


def digests_of(fact: Mapping[str, Any]) -> Digests:
    """The same of a fact's fields as an entry holds them: those that say something, in JSON."""
    told = {name: value for name, value in fact.items() if name not in _NOT_SAID | _BY_COMMAND}
    inferred = told.pop("base_inferred", False)
    whole = _digest(told)
    if inferred or told["type"] == VersionImplemented.__name__:
        told.pop("base_version", None)
    if told["type"] not in _WITH_OWN_DAY:
        told.pop("effective", None)
    for name in _INFERRED:
        told.pop(name, None)
    return Digests(_digest(told), whole)


def _digest(told: dict[str, Any]) -> bytes:
    return hashlib.sha256(canonical(told)).digest()[:16]
