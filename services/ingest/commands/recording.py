"""Recording a command: look, decide, check, append; in one transaction, or not at all."""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from events.driver_errors import translated
from events.envelope import Pending, Sealed
from events.errors import Conflict, NotFound, Rejected, Unavailable
from events.identifiers import new_id
from events.receipt import Key, Receipt, Request, VersionConflict, sealed
from events.store import append_sealed, stream_versions
from services.ingest import known, touches
from services.ingest.commands import answered
from services.ingest.commands.answered import Outcome
from services.ingest.commands.foreseen import answers_that_change
from services.ingest.commands.remembered import remember
from services.ingest.commands.saying import Decided, Said
from services.ingest.mirrored import IS_MIRROR, refuse
from services.ingest.tables import known_code, source_document
from services.law.checks import Refusal
from services.law.codes import shape
from services.law.days import london_day

TRIES, PAUSE = 20, 0.005

ANY = -1
"""Whatever version, but one there must be."""

Work = Callable[[sa.Connection], Decided]
"""Reads what is known and decides."""


class Refused(Conflict):
    """The command contradicts what is known; the message says how."""


class PreconditionFailed(Rejected):
    """The instrument's stream is not at the version that the caller saw."""

    problem = "precondition-failed"


@dataclass(frozen=True, slots=True)
class Asking:
    """How a command was asked: for which code, under which key, on which version of the instrument's stream, in earnest or not."""

    code: str
    said: Said
    key: Key | None = None
    if_match: int | None = None
    dry_run: bool = False


class _Overtaken(Exception):  # noqa: N818 - what happened
    """Somebody else recorded something of the code between our look and our append."""


def record(engine: sa.Engine, asking: Asking, work: Work) -> Outcome:
    """What the command did; with `dry_run` what it would do, and nothing is written."""
    for attempt in range(TRIES):
        try:
            with translated(), engine.begin() as connection:
                found = look(connection, asking, work)
                if isinstance(found, Outcome):
                    return found
                if not known.move_on(connection, asking.code, found.seen):
                    raise _Overtaken
                return _write(connection, asking, found)
        except (_Overtaken, VersionConflict, IntegrityError):
            time.sleep(random.uniform(0, PAUSE * attempt))  # noqa: S311 - who goes first is left to chance
    raise Unavailable(f"others kept recording {asking.code} at the same time; nothing was written")


def outcome_or_refusal(connection: sa.Connection, asking: Asking, work: Work) -> Outcome | Exception:
    """What the command did in a transaction that holds the code, or why it is refused: then it wrote nothing."""
    try:
        found = look(connection, asking, work)
    except (Rejected, Conflict, NotFound) as refusal:
        if refusal.__cause__ is not None:
            raise  # by the database, which then takes no more in this transaction
        return refusal
    return found if isinstance(found, Outcome) else _write(connection, asking, found)


class _Ready(NamedTuple):
    """A command that may be written: the revision it was decided on, what it comes to, its source where that is new, its
    events with the versions that they build on, its warnings, the version of the stream that the caller has seen."""

    seen: int
    decided: Decided
    source: list[Pending]
    events: list[Sealed]
    expected: dict[str, int]
    warnings: list[dict[str, Any]]
    version: int | None


def look(connection: sa.Connection, asking: Asking, work: Work) -> Outcome | _Ready:
    """What a command comes to, or what it was answered before; nothing is written."""
    first = answered.earlier(connection, asking.key) if asking.key and not asking.dry_run else None
    if first is not None:
        return first
    seen, told, mirrors = connection.execute(
        _SEEN, {"of_code": asking.code, "of_sha256": asking.said.quotation.sha256}
    ).one()
    if mirrors:
        refuse(connection)
    decided = work(connection)
    source = [] if told else [asking.said.received(asking.code, new_id())]
    pending = [*source, *decided.pending]
    streams = dict.fromkeys(each.stream for each in pending)
    found = stream_versions(connection, [*streams, decided.stream] if decided.stream else list(streams))
    known_already = decided.stream is not None and found[decided.stream] > 0 and decided.instrument
    beside = touches.count(connection, asking.code, known_already) if known_already else 0
    version = _precondition(asking, decided, found, beside)
    refusals = [each for each in decided.findings if isinstance(each, Refusal)]
    if refusals:
        raise Refused("; ".join(each.message for each in refusals[:5]))
    expected = {each: found[each] for each in streams}
    events = sealed(Request(pending, expected, asking.key), datetime.now(UTC))
    warnings = [each._asdict() for each in dict.fromkeys(decided.findings)]
    if asking.dry_run:
        return Outcome(_told(_foreseen(asking.code, decided, pending), warnings), version, None)
    return _Ready(seen or 0, decided, source, events, expected, warnings, version)


_SEEN = sa.select(
    sa.select(known_code.c.revision).where(known_code.c.code == sa.bindparam("of_code")).scalar_subquery(),
    sa.exists().where(source_document.c.sha256 == sa.bindparam("of_sha256")),
    IS_MIRROR,
)
"""The revision of the code, whether the source is kept, whether the ledger is a mirror: looked at before anything else."""

_RECEIVE = sa.insert(source_document)


def _write(connection: sa.Connection, asking: Asking, ready: _Ready) -> Outcome:
    said, decided = asking.said, ready.decided
    if ready.source:
        row = {"sha256": said.quotation.sha256, "media_type": "text/plain", "name": said.name, "content": said.content}
        connection.execute(_RECEIVE, row | {"kind": said.kind})
    new = {each.id for each in ready.events}
    touched = touches.touches(connection, asking.code, ready.events)
    touches.keep(connection, asking.code, touched)
    known.save(connection, asking.code, decided, london_day(datetime.now(UTC)), new)
    request = Request([], ready.expected, asking.key)
    (receipt,) = append_sealed(connection, [request], [ready.events], datetime.now(UTC))
    remember(decided, dict(zip((each.id for each in ready.events), receipt.positions, strict=True)))
    body = _told(_recorded(decided, ready.events, receipt), ready.warnings)
    version = ready.version
    if version is not None:
        version += sum(each.stream == decided.stream for each in ready.events)
        version += sum(each.instrument == decided.instrument for each in touched)
    outcome = Outcome(body, version, receipt.positions[-1])
    if asking.key:
        answered.keep(connection, asking.key, outcome)
    return outcome


def _precondition(asking: Asking, decided: Decided, versions: Mapping[str, int], beside: int) -> int | None:
    if decided.stream is None:
        return None
    found = versions[decided.stream] + beside
    if asking.if_match == ANY:
        if not found:
            raise PreconditionFailed(f"If-Match: expected any version of {decided.stream}, found none")
    elif asking.if_match is not None and asking.if_match != found:
        raise PreconditionFailed(
            f"If-Match: expected version {asking.if_match} of {decided.stream}, found version {found}"
        )
    return found


def _told(told: dict[str, Any], warnings: list[dict[str, Any]]) -> bytes:
    return orjson.dumps({**told, "warnings": warnings})


def _recorded(decided: Decided, ready: list[Sealed], receipt: Receipt) -> dict[str, Any]:
    events = [
        {"id": each.id, "position": position, "type": each.type, "stream": each.stream}
        for each, position in zip(ready, receipt.positions, strict=True)
    ]
    recorded_at = receipt.recorded_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return {"instrument": decided.instrument, "events": events, "recorded_at": recorded_at}


def _foreseen(code: str, decided: Decided, pending: list[Pending]) -> dict[str, Any]:
    events = [
        {"id": each.id, "type": each.event.type, "stream": each.stream, "data": each.event.model_dump(mode="json")}
        for each in pending
    ]
    answers = list(answers_that_change(shape(code), decided.before, decided.acts))
    return {"instrument": decided.instrument, "events": events, "answers": answers}
