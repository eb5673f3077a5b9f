"""One event in, rows of the read models out: total over the catalogue, nothing is ever updated."""

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any, NamedTuple, Protocol, assert_never

import orjson
import sqlalchemy as sa

from events.catalogue import dotted
from events.changes import DocumentLettered, ProvisionChange
from events.envelope import Recorded, decode
from events.facts import (
    CodeDesignated,
    Fact,
    Instrument,
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
from events.proposing import ProposalStep
from services.law.codes import shape
from services.law.references import parse
from services.projection.tables import (
    change_row,
    conflict_row,
    instrument_row,
    lettering_row,
    proposal_row,
    reading_row,
    topic_row,
    version_row,
)

Row = dict[str, Any]

FACTS = (change_row, version_row, instrument_row, topic_row, lettering_row, proposal_row)
"""The read models of facts that can be corrected or withdrawn."""


class Placed(NamedTuple):
    """A row and the read model it belongs to."""

    table: sa.Table
    row: Row


class Earlier(Protocol):
    """What was projected before, as the applied event needs it."""

    def rows(self, code: str, event_id: str) -> list[Placed]:
        """The latest rows of a fact, in whichever read models it has any."""

    def at_home(self, code: str, kind: str, ref: str) -> list[Row]:
        """The latest rows of the changes that belong to a provision."""

    def letter(self, code: str, document: str) -> tuple[str, str] | None:
        """The kind and reference that a document got, null while it has none."""


def apply(recorded: Recorded, earlier: Earlier) -> Iterator[Placed]:
    """The rows that an event adds; LookupError where it speaks of a fact that the ledger does not hold."""
    # Not `recorded.event`, which would be kept as long as its page is.
    event = decode(recorded.entry, recorded.type, recorded.schema_version)
    match event:
        # What a log mostly holds comes first: to find that an event is of no such class takes a while.
        case ProvisionChange() | VersionImplemented() | ModificationDirected() | ModificationApproved():
            yield from _fact(recorded, event, earlier)
        case CodeDesignated() | TopicIntroduced():
            yield from _fact(recorded, event, earlier)
        case ProposalStep():
            yield Placed(proposal_row, _step(recorded, event))
        case SourceReceived() | TookEffect():
            return
        case SourceRead():
            yield Placed(reading_row, _reading(recorded, event))
        case ConflictNoted():
            yield Placed(conflict_row, _decided(recorded, event))
        case FactCorrected():
            yield from _corrected(recorded, event, earlier)
        case FactRetracted():
            yield from _again(recorded, _known(earlier, recorded, event.supersedes), alive=False)
        case ChangeRescheduled():
            changed = {"effective": event.effective, "cancelled": False}
            yield from _again(recorded, _known(earlier, recorded, event.change), **changed)
        case ChangeCancelled():
            yield from _again(recorded, _known(earlier, recorded, event.change), cancelled=True)
        case DocumentLettered():
            yield from _fact(recorded, event, earlier)
            yield from _rehomed(recorded, event, earlier)
        case _:
            assert_never(event)


def _fact(recorded: Recorded, event: Fact, earlier: Earlier) -> Iterator[Placed]:
    """The rows of a fact as recorded: an instrument that designates the code is a change as well."""
    match event:
        case ProvisionChange():
            yield Placed(change_row, _change(recorded, event, earlier))
        case VersionImplemented():
            yield Placed(version_row, _row(recorded, event, _body(recorded, event), cancelled=False))
        case Instrument():
            own = {"instrument": event.instrument, "authority": event.authority, "cancelled": False}
            yield Placed(instrument_row, _row(recorded, event, _instrument_body(recorded, event), **own))
            if isinstance(event, CodeDesignated):
                yield Placed(change_row, _change(recorded, event, earlier))
        case TopicIntroduced():
            yield Placed(topic_row, _row(recorded, event, _body(recorded, event)))
        case DocumentLettered():
            own = {"document": event.document, "kind": event.kind, "ref": event.ref}
            yield Placed(lettering_row, _row(recorded, event, _body(recorded, event), **own))


def _change(recorded: Recorded, event: CodeDesignated | ProvisionChange, earlier: Earlier) -> Row:
    said = _SAID_OF_A_CHANGE | vars(event)
    row = _row(recorded, event, _change_body(recorded, event.action, said))
    kind, ref = _home(event, earlier)
    row |= _placed_at(kind, ref, nested=_nested(event.code, kind))
    row |= {
        "type": _dotted(said["type"]),
        "action": event.action,
        "kind": said["kind"],
        "ref": said["ref"],
        "spec": said["spec"],
        "spec_version": said["spec_version"],
        "alongside": said["alongside"],
        "exclusions": "\n".join(said["exclusions"]),
        "instrument": said["instrument"],
        "proposal": said["proposal"],
        "cancelled": False,
    }
    return row


_dotted = cache(dotted)


def _home(event: CodeDesignated | ProvisionChange, earlier: Earlier) -> tuple[str, str]:
    """The provision that a change belongs to: itself, the one its title names, the letter its document has got."""
    kind, ref = event.kind, event.ref
    named = vars(event).get("provision")
    if named:
        kind, _, ref = named.partition("/")
    return (earlier.letter(event.code, ref) or (kind, ref)) if kind == "document" else (kind, ref)


@lru_cache(maxsize=65_536)
def _placed_at(kind: str, ref: str, *, nested: bool) -> Mapping[str, Any]:
    reference = parse(ref, nested=nested)
    return {"home_kind": kind, "home_ref": ref, "root": reference.root, "ranged": reference.is_range}


@lru_cache(maxsize=4_096)
def _nested(code: str, kind: str) -> bool:
    known = shape(code).kind(kind)
    return known.nested if known else False


def _rehomed(recorded: Recorded, event: DocumentLettered, earlier: Earlier) -> Iterator[Placed]:
    """The document's changes so far, known from now on as changes to the provision it has become."""
    place = _placed_at(event.kind, event.ref, nested=_nested(event.code, event.kind))
    for row in earlier.at_home(event.code, "document", event.document):
        yield Placed(change_row, {**row, **place, "known_from": recorded.position})
        yield Placed(change_row, {**row, "known_from": recorded.position, "alive": False})


def _corrected(recorded: Recorded, event: FactCorrected, earlier: Earlier) -> Iterator[Placed]:
    """The fact as it should have been, under its first identity; what it said before is withdrawn where it stood."""
    known = _known(earlier, recorded, event.supersedes)
    first = recorded._replace(id=event.supersedes, position=known[0].row["position"])
    # What was cancelled stays so, whatever else is known better of it.
    cancelled = {table: {"cancelled": row["cancelled"]} for table, row in known if "cancelled" in table.c}
    now = list(_fact(first, event.fact, earlier))
    for table, row in now:
        yield Placed(table, {**row, **cancelled.get(table, {}), "known_from": recorded.position})
    stays = {(table.name, *_at(row)) for table, row in now}
    for table, row in known:
        if row["alive"] and (table.name, *_at(row)) not in stays:
            yield Placed(table, {**row, "known_from": recorded.position, "alive": False})


def _at(row: Row) -> tuple[str | None, str | None]:
    """Where a change belongs to; nowhere for any other row."""
    return row.get("home_kind"), row.get("home_ref")


def _again(recorded: Recorded, known: list[Placed], **changed: Any) -> Iterator[Placed]:  # noqa: ANN401
    """The rows as they were but for what has changed, known from this event on."""
    for table, row in known:
        fields = {name: value for name, value in changed.items() if name in table.c}
        body = row["body"]
        if "effective" in changed:
            effective = changed["effective"]
            body = orjson.dumps({**orjson.loads(body), "effective": effective and effective.isoformat()})
        yield Placed(table, {**row, **fields, "body": body, "known_from": recorded.position})


def _known(earlier: Earlier, recorded: Recorded, event_id: str) -> list[Placed]:
    found = earlier.rows(recorded.code, event_id)
    if not found:
        raise LookupError(f"event {event_id} is no fact of {recorded.code} before position {recorded.position}")
    return found


def _decided(recorded: Recorded, event: ConflictNoted) -> Row:
    """A contradiction as it stands from now on, under the id of the event that noted it first."""
    first = recorded._replace(id=event.conflict or recorded.id)
    body = _body(first, event) | {"event": recorded.id, "by": event.actor if event.conflict else None}
    return _row(first, event, body)


def _reading(recorded: Recorded, event: SourceRead) -> Row:
    return {**_row(recorded, event, _body(recorded, event)), "effective": event.up_to_date_as_of}


def _step(recorded: Recorded, event: ProposalStep) -> Row:
    own = {"proposal": event.proposal, "step": event.step}
    return _row(recorded, event, _body(recorded, event), **own)


def _row(recorded: Recorded, event: Fact, body: Row, **own: Any) -> Row:  # noqa: ANN401 - the columns of one table
    return {
        "code": recorded.code,
        "id": recorded.id,
        "known_from": recorded.position,
        **own,
        "alive": True,
        "position": recorded.position,
        "effective": event.effective,
        "version": vars(event).get("version"),
        "body": _fitting(orjson.dumps(body, default=vars, option=orjson.OPT_UTC_Z)),
    }


def _fitting(written: bytes) -> bytes:
    """A copy that takes no more memory than its length: orjson gives its bytes in a block ten times as large."""
    return b"".join((written, b""))


def instant(recorded: Recorded) -> str:
    """When an event was recorded, RFC 3339 UTC."""
    return recorded.recorded_at.isoformat().replace("+00:00", "Z")


_NOT_TOLD = frozenset({"type", "code", "actor", "causation_id", "correlation_id"})

_SAID_OF_A_CHANGE = {"spec": None, "spec_version": None, "alongside": False, "exclusions": (), "proposal": None}
"""What stands where an event has no such field: the designation of a code, a change too, has none of them."""

_TOLD_OF_AN_INSTRUMENT = (
    *("effective", "source", "version", "authority", "legal_basis", "base_version", "base_inferred", "proposals"),
    *("decided_on", "signed_on", "announced_on", "reason"),
)


def _body(recorded: Recorded, event: Fact) -> Row:
    fields = {name: value for name, value in vars(event).items() if name not in _NOT_TOLD}
    return {"id": recorded.id, "position": recorded.position, **fields, "recorded_at": recorded.recorded_at}


def _change_body(recorded: Recorded, action: str, said: Mapping[str, Any]) -> Row:
    """The unchanging part of a change as REST gives it."""
    return {
        "id": recorded.id,
        "position": recorded.position,
        "action": action,
        "title": said["title"],
        "spec": said["spec"],
        "spec_version": said["spec_version"],
        "exclusions": said["exclusions"],
        "proposal": said["proposal"],
        "effective": said["effective"],
        "source": said["source"],
        "kind": said["kind"],
        "ref": said["ref"],
        "version": said["version"],
        "instrument": said["instrument"],
        "recorded_at": recorded.recorded_at,
    }


def _instrument_body(recorded: Recorded, event: Instrument) -> Row:
    said = vars(event)
    fields = {name: said[name] for name in _TOLD_OF_AN_INSTRUMENT}
    head = {"id": event.instrument, "event": recorded.id, "position": recorded.position}
    spans = event.source.spans if event.source else ()
    return {**head, **fields, "spans": spans, "recorded_at": recorded.recorded_at}
