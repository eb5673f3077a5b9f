"""Recording a command: look, decide, check, append; in one transaction, or not at all."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from events.driver_errors import translated
from events.envelope import Pending
from events.errors import Conflict, Rejected, Unavailable
from events.identifiers import new_id
from events.receipt import Key, KeyReused, Request, VersionConflict
from events.store import append_sealed, read, stream_versions
from events.tables import event_key
from services.ingest import known
from services.ingest.commands.saying import Decided, Said
from services.ingest.recorder import TRIES, sealed_in_place
from services.ingest.tables import source_document
from services.law.checks import Refusal
from services.law.codes import shape
from services.law.days import london_day
from services.law.fold import Act, Family

Work = Callable[[sa.Connection], tuple[Decided, dict[tuple[str, str], list[Act]]]]
"""Reads what is known and decides; the acts on the families that are touched, as they were before."""


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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command did or would do: JSON-ready, the version of its instrument's stream, the last position (null: none)."""

    body: dict[str, Any]
    version: int | None
    position: int | None


class _Overtaken(Exception):  # noqa: N818 - what happened
    """Somebody else recorded something of the code between our look and our append."""


def record(engine: sa.Engine, asking: Asking, work: Work) -> Outcome:
    """What the command did; with `dry_run` what it would do, and nothing is written."""
    for _ in range(TRIES):
        try:
            with translated(), engine.begin() as connection:
                return _once(connection, asking, work)
        except (_Overtaken, VersionConflict, IntegrityError):
            continue
    raise Unavailable(f"others kept recording {asking.code} at the same time; nothing was written")


def _once(connection: sa.Connection, asking: Asking, work: Work) -> Outcome:
    first = _first(connection, asking.key) if asking.key and not asking.dry_run else None
    if first is not None:
        return first
    seen = known.revision(connection, asking.code)
    decided, before = work(connection)
    version = _precondition(connection, asking, decided)
    refusals = [each for each in decided.findings if isinstance(each, Refusal)]
    if refusals:
        raise Refused("; ".join(each.message for each in refusals[:5]))
    pending = list(decided.pending)
    warnings = [each._asdict() for each in decided.findings]
    if asking.dry_run:
        return Outcome(_would(asking.code, decided, pending, before) | {"warnings": warnings}, version, None)
    if not known.move_on(connection, asking.code, seen):
        raise _Overtaken
    received = _keep(connection, asking.said, asking.code)
    known.save(connection, asking.code, decided, london_day(datetime.now(UTC)))
    ready, expected = sealed_in_place(connection, iter([*received, *pending]))
    (receipt,) = append_sealed(connection, [Request([], expected, asking.key)], [ready], datetime.now(UTC))
    told = [(each.id, each.type, each.stream) for each in ready]
    done = _outcome(asking.code, told, receipt.positions, receipt.recorded_at, receipt.versions, warnings)
    if done.version is None:
        return Outcome(done.body | {"instrument": decided.instrument}, version, done.position)
    return done


def _first(connection: sa.Connection, key: Key) -> Outcome | None:
    """What the first request under the key did; KeyReused where it was another."""
    row = connection.execute(sa.select(event_key).where(event_key.c.key == key.value)).one_or_none()
    if row is None:
        return None
    if row.digest != key.digest:
        raise KeyReused(key.value)
    events = read(connection, row.first_position - 1, row.event_count)
    told = [(each.id, each.type, each.stream) for each in events]
    positions = range(row.first_position, row.first_position + row.event_count)
    return _outcome(events[0].code, told, positions, row.recorded_at, {e.stream: e.stream_version for e in events}, [])


def _precondition(connection: sa.Connection, asking: Asking, decided: Decided) -> int | None:
    if decided.instrument is None:
        return None
    stream = f"{asking.code}/instrument/{decided.instrument}"
    found = stream_versions(connection, [stream])[stream]
    if asking.if_match is not None and asking.if_match != found:
        raise PreconditionFailed(f"If-Match: expected version {asking.if_match} of {stream}, found {found}")
    return found


def _keep(connection: sa.Connection, said: Said, code: str) -> list[Pending]:
    """Keeps the words that the command rests on; the event that tells of them, where they are new."""
    sha256 = said.quotation.sha256
    own = sa.select(source_document.c.sha256).where(source_document.c.sha256 == sha256)
    if connection.scalar(own) is not None:
        return []
    row = {"sha256": sha256, "media_type": "text/plain", "name": said.name, "content": said.content}
    connection.execute(sa.insert(source_document).values(row))
    return [said.received(code, new_id())]


def _outcome(
    code: str,
    told: list[tuple[str, str, str]],
    positions: range,
    recorded_at: datetime,
    versions: dict[str, int],
    warnings: list[dict[str, Any]],
) -> Outcome:
    events = [
        {"id": id_, "position": position, "type": type_, "stream": stream}
        for (id_, type_, stream), position in zip(told, positions, strict=True)
    ]
    streams = [stream for stream in versions if stream.startswith(f"{code}/instrument/")]
    instrument = streams[0].removeprefix(f"{code}/instrument/") if streams else None
    body = {"instrument": instrument, "events": events, "warnings": warnings}
    body |= {"recorded_at": recorded_at.astimezone(UTC).isoformat().replace("+00:00", "Z")}
    return Outcome(body, versions[streams[0]] if streams else None, positions[-1])


def _would(
    code: str, decided: Decided, pending: list[Pending], before: dict[tuple[str, str], list[Act]]
) -> dict[str, Any]:
    """The events that would be appended, and the answers that would change on the days on which they do."""
    events = [
        {"id": each.id, "type": each.event.type, "stream": each.stream, "data": each.event.model_dump(mode="json")}
        for each in pending
    ]
    answers = [answer for family, acts in decided.acts.items() for answer in _differing(code, family, before, acts)]
    return {"instrument": decided.instrument, "events": events, "answers": answers}


def _differing(
    code: str, family: tuple[str, str], before: dict[tuple[str, str], list[Act]], changed: dict[str, Act | None]
) -> Iterator[dict[str, Any]]:
    kind, known_before = family[0], before.get(family, [])
    after = [each for each in known_before if each.id not in changed] + [each for each in changed.values() if each]
    old, new = Family(shape(code), kind, known_before), Family(shape(code), kind, after)
    touched = [each for each in [*known_before, *after] if each.id in changed]
    for ref in sorted({each.ref for each in touched}):
        for day in sorted({each.effective for each in touched if each.ref == ref and each.effective}):
            was, now = _shown(old, ref, day), _shown(new, ref, day)
            if was != now:
                yield {"kind": kind, "ref": ref, "as_of": day.isoformat(), "before": was, "after": now}


def _shown(family: Family, ref: str, day: date) -> dict[str, Any]:
    answer = family.answer(ref, day)
    specs = [{"spec": each.spec, "version": each.version, "since": str(each.since)} for each in answer.spec_versions]
    return {"state": answer.state, "version": answer.version, "spec_versions": specs}
