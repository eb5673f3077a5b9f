"""Ingest's own index of what is recorded, moved in the append's transaction: deciding never replays the log."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any

import sqlalchemy as sa

from events.envelope import Recorded
from events.facts import SourceRead
from events.knowing_better import ChangeCancelled, ChangeRescheduled, Correctable, FactCorrected
from events.store import event_by_id, events_of
from services.ingest.decide import Decision
from services.ingest.documents import Titled
from services.ingest.knowledge import Known, KnownChange, KnownFact, as_it_stands
from services.ingest.reading import Reading
from services.ingest.tables import known_change, known_code, known_fact, known_title, source_document

PART = 500

# Written once: SQLAlchemy takes longer to build a statement than the database to answer it.
_OF_CODE, _DAY = sa.bindparam("of_code", type_=sa.Text), sa.bindparam("day", type_=sa.Date)
_REVISION = sa.select(known_code.c.revision).where(known_code.c.code == _OF_CODE)
_HOLD = sa.update(known_code).where(known_code.c.code == _OF_CODE).values(revision=known_code.c.revision + 1)
_MOVE_ON = _HOLD.where(known_code.c.revision == sa.bindparam("seen"))
_INSERT = {table: sa.insert(table) for table in (known_fact, known_change, known_title, known_code)}


def revision(connection: sa.Connection, code: str) -> int:
    """How often something was recorded of the code: look at it before anything else that is known."""
    return connection.scalar(_REVISION, {"of_code": code}) or 0


def hold(connection: sa.Connection, code: str) -> None:
    """Moves the revision on, whatever it is, and keeps others from doing so until the transaction ends."""
    if connection.execute(_HOLD, {"of_code": code}).rowcount == 0:
        connection.execute(_INSERT[known_code], {"code": code, "revision": 1})


def move_on(connection: sa.Connection, code: str, seen: int) -> bool:
    """Moves the revision on from the one seen; false where somebody else did, an IntegrityError where both are the first."""
    if seen == 0:
        connection.execute(_INSERT[known_code], {"code": code, "revision": 1})
        return True
    return connection.execute(_MOVE_ON, {"of_code": code, "seen": seen}).rowcount == 1


def load(connection: sa.Connection, code: str, sha256: str, reading: Reading) -> Known:
    """What is known of the rows that a document has, of what that source told before, and of all titles of the code."""
    known = Known(lambda event_id: recall(connection, event_id))
    last = last_reading(connection, code, sha256)
    known.received = last is not None
    known.reader = last.event.reader if last is not None and isinstance(last.event, SourceRead) else None
    for key, fact in _facts(connection, code, sha256, [row.label for row in reading.versions]):
        known.note(key, fact)
    known.kinds = _kinds(connection, {sha256, *(fact.sha256 for fact in known.facts.values())})
    c = known_change.c
    known.cancelled = set(connection.scalars(sa.select(c.event_id).where(c.code == code, c.cancelled)))
    load_titles(connection, code, known)
    first = reading.versions[0] if reading.versions else None
    if first is not None and f"version/{first.label}" not in known.facts:
        known.preceding = preceding(connection, code, first.effective)
    known.unlisted = list(_unlisted(connection, code, reading))
    return known


def _unlisted(connection: sa.Connection, code: str, reading: Reading) -> Iterator[tuple[str, date]]:
    days, labels = [row.effective for row in reading.versions if row.effective], {row.label for row in reading.versions}
    if days:
        told = connection.execute(_BETWEEN, {"of_code": code, "first": min(days), "last": max(days)})
        yield from ((row.version, row.since) for row in told if row.version not in labels)


def recall(connection: sa.Connection, event_id: str) -> Correctable:
    """The fact that an event tells, as it stands: its own, or the one it corrects another to, on the day it was moved to."""
    told = event_by_id(connection, event_id)
    match told.event:
        case FactCorrected(supersedes=first) | ChangeRescheduled(change=first) | ChangeCancelled(change=first):
            pass
        case _:
            first = event_id
    fact = as_it_stands(events_of(connection, told.stream), first)
    return told.event if fact is None else fact  # type: ignore[return-value]


def last_reading(connection: sa.Connection, code: str, sha256: str) -> Recorded | None:
    """The event that tells how the source was last read for the code; None where it never was."""
    c = known_fact.c
    told_by = connection.scalar(sa.select(c.told_by).where(c.code == code, c.key == f"source/{sha256}"))
    return event_by_id(connection, told_by) if told_by else None


def save(
    connection: sa.Connection,
    code: str,
    decisions: Sequence[Decision],
    today: date,
    new: Collection[str] = frozenset(),
) -> None:
    """Brings the index up to what was decided on a London day: a change whose legal day lies after it is awaited.

    `new` are the events of the decisions themselves: nothing is known of them yet. None of several may move what another tells.
    """
    notes = [note for each in decisions for note in each.notes.items()]
    changes = [change for each in decisions for change in each.changes.items()]
    _drop(connection, code, known_fact.c.key, [key for each in decisions for key in each.replaced])
    _insert(connection, known_fact, ({"code": code, "key": key, **fact._asdict()} for key, fact in notes if fact))
    _drop(connection, code, known_change.c.event_id, [each for each, _ in changes if each not in new])
    _insert(connection, known_change, (_change(code, change, today) for _, change in changes if change))
    bearings = (bearing for each in decisions for bearing in each.bearings)
    _insert(connection, known_title, ({"code": code, **bearing._asdict()} for bearing in bearings))


def _facts(connection: sa.Connection, code: str, sha256: str, labels: list[str]) -> Iterator[tuple[str, KnownFact]]:
    """In the order recorded: the identifiers of events sort by the time they were made."""
    c = known_fact.c
    own = sa.select(known_fact).where(c.code == code).order_by(c.event_id)
    names = list(dict.fromkeys(labels))
    for start in range(0, len(names), PART):
        yield from _read(connection, own.where(c.version.in_(names[start : start + PART])))
    yield from _read(connection, own.where(c.sha256 == sha256, ~c.version.in_(["", *names[:PART]])))


def _kinds(connection: sa.Connection, sources: set[str]) -> dict[str, str]:
    c, names = source_document.c, list(sources)
    found: dict[str, str] = {}
    for start in range(0, len(names), PART):
        rows = connection.execute(sa.select(c.sha256, c.kind).where(c.sha256.in_(names[start : start + PART])))
        found |= {row.sha256: row.kind for row in rows}
    return found


def _read(connection: sa.Connection, chosen: sa.Select[Any]) -> Iterator[tuple[str, KnownFact]]:
    for row in connection.execute(chosen):
        yield row.key, KnownFact._make(getattr(row, name) for name in KnownFact._fields)


def preceding(connection: sa.Connection, code: str, day: date | None) -> str | None:
    """The last version known that took its date on the day or before; none comes before a day that is not known."""
    return connection.scalar(PRECEDING, {"of_code": code, "day": day}) if day is not None else None


_f = known_fact.c
_BEFORE = sa.select(_f.version, _f.since).where(_f.code == _OF_CODE, _f.since <= _DAY)
_BETWEEN = (
    sa.select(_f.version, _f.since)
    .where(
        _f.code == _OF_CODE,
        _f.since > sa.bindparam("first", type_=sa.Date),
        _f.since < sa.bindparam("last", type_=sa.Date),
    )
    .order_by(_f.since, _f.event_id)
)
PRECEDING = _BEFORE.order_by(_f.since.desc(), _f.event_id.desc()).limit(1)
"""The version that `preceding` gives, of `of_code` and `day`, and its own day."""


def load_titles(connection: sa.Connection, code: str, known: Known) -> None:
    """Brings in which provisions have borne which titles, and which documents have got a letter."""
    own = sa.select(known_title).where(known_title.c.code == code).order_by(known_title.c.event_id)
    for row in connection.execute(own):
        known.titles.note(row.title, Titled(row.kind, row.ref, row.since))
    lettered = connection.scalars(_LETTERED, {"of_code": code})
    known.titles.lettered = {key.removeprefix("lettering/") for key in lettered}


def begins(key: sa.Column[str], prefix: str) -> sa.ColumnElement[bool]:
    """Whether a key begins so: as a stretch of the primary key, which is in the order of bytes on both databases."""
    return sa.and_(key >= prefix, key < prefix + LAST_CHARACTER)


LAST_CHARACTER = "\U0010ffff"
_LETTERED = sa.select(_f.key).where(_f.code == _OF_CODE, begins(_f.key, "lettering/"))


def _change(code: str, change: KnownChange, today: date) -> dict[str, Any]:
    awaited = change.effective is not None and change.effective > today and not change.cancelled
    return {"code": code, **change._asdict(), "awaited": awaited}


def _drop(connection: sa.Connection, code: str, column: sa.Column[str], values: list[str]) -> None:
    for start in range(0, len(values), PART):
        mine = column.in_(values[start : start + PART])
        connection.execute(sa.delete(column.table).where(column.table.c.code == code, mine))


def _insert(connection: sa.Connection, table: sa.Table, rows: Iterator[dict[str, Any]]) -> None:
    while part := list(islice(rows, PART)):
        connection.execute(_INSERT[table], part if len(part) > 1 else part[0])
