"""Ingest's index against the log, and made anew from it: read stream by stream, in bounded memory."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

import orjson
import sqlalchemy as sa

from events.envelope import Recorded
from events.errors import Rejected
from events.reading import read_by_stream
from events.store import events_by_ids, events_of
from services.audit.derived import Derived
from services.audit.findings import Findings
from services.ingest.facts import numbered
from services.ingest.knowledge import Bearing, KnownChange, KnownFact, stem
from services.ingest.tables import known_change, known_code, known_fact, known_title, known_touch
from services.ingest.touches import LATER, Touch, keep
from services.law.days import london_day

PAGE, PART = 2_000, 500
BATCH = 2_000
"""Events after which what was derived is compared, or written."""

TABLES = (known_fact, known_change, known_title)

_FACT = ("code", "key", *KnownFact._fields)
_CHANGE = ("code", *KnownChange._fields, "awaited")
_TITLE = ("code", *Bearing._fields)

Moved = Callable[[int, int], None]
Rows = dict[tuple[str, str], dict[str, Any]]
"""Rows of one table by code and event."""


class Underivable(Rejected):
    """An event of the log cannot be read as ingest would have written it."""


def check(connection: sa.Connection, until: int, findings: Findings, moved: Moved) -> None:
    """Notes every row of the index that the log does not give, and every one that it gives and the index lacks."""
    counts, done = dict.fromkeys((*TABLES, known_touch), 0), 0
    codes: set[str] = set()
    for derived, events in _derived(connection, findings):
        moved_since = {event_id for each in derived for event_id in each.moved}
        for table, expected in _rows(derived).items():
            found = _held(connection, table, [(each.code, each.id) for each in events])
            counts[table] += len(found)
            codes |= {code for code, _ in found}
            _differences(connection, table, expected, found, findings, moved_since)
        done += len(events)
        moved(min(done, until), until)
        counts[known_touch] += _touches_differ(connection, derived, events, findings)
    for table, count in counts.items():
        there = connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
        if there != count:
            findings.add(None, f"{table.name} has {there} rows, {count} of them are of events that the log holds")
    missing = codes - {*connection.scalars(sa.select(known_code.c.code))}
    if missing:
        findings.add(None, f"known_code lacks {', '.join(sorted(missing))}")


def rebuild(connection: sa.Connection) -> None:
    """Makes the whole index anew from the log; the caller's transaction holds it."""
    for table in (*TABLES, known_touch):
        connection.execute(sa.delete(table))
    codes: set[str] = set()
    for derived, _ in _derived(connection):
        _write(connection, derived)
        codes |= {each.code for each in derived}
    _known(connection, codes)


def renew(connection: sa.Connection, streams: Iterable[str]) -> None:
    """Makes the rows of these streams anew, after events were added to them."""
    codes: set[str] = set()
    for name in streams:
        events = events_of(connection, name)
        derived = list(_of_stream(connection, events))
        ids = [(each.code, each.id) for each in events]
        for table in (*TABLES, known_touch):
            for own, given in _among(connection, table, "event_id", ids):
                connection.execute(sa.delete(table).where(*own), given)
        _write(connection, derived)
        codes |= {each.code for each in derived}
    _known(connection, codes)


def _derived(
    connection: sa.Connection, findings: Findings | None = None
) -> Iterator[tuple[list[Derived], list[Recorded]]]:
    """What the log gives, some streams at a time, and the events that it follows from."""
    derived: list[Derived] = []
    events: list[Recorded] = []
    for _, own in groupby(_by_stream(connection), key=lambda each: each.stream):
        part = list(own)
        derived += _of_stream(connection, part, findings)
        events += part
        if len(events) >= BATCH:
            yield derived, events
            derived, events = [], []
    yield derived, events


def _of_stream(
    connection: sa.Connection, events: list[Recorded], findings: Findings | None = None
) -> Iterable[Derived]:
    """One for each code that the stream has events of: a source may be read for several; what is none is noted, or raised."""

    def recall(event_id: str) -> dict[str, Any]:
        told = events_by_ids(connection, [event_id]) if event_id else {}
        return {name: value for each in told.values() for name, value in orjson.loads(each.entry)["event"].items()}

    found: dict[str, Derived] = {}
    for each in events:
        if each.code not in found:
            found[each.code] = Derived(each.code, recall)
        try:
            found[each.code].add(each)
        except (LookupError, ValueError, TypeError, AttributeError) as error:
            if findings is None:
                raise Underivable(f"position {each.position}: no event that ingest wrote: {error!r}") from None
            findings.add(each.position, f"no event that ingest wrote: {error!r}")
    return found.values()


def _by_stream(connection: sa.Connection) -> Iterator[Recorded]:
    after = ("", 0)
    while events := read_by_stream(connection, after, PAGE):
        yield from events
        after = (events[-1].stream, events[-1].stream_version)


def _rows(derived: list[Derived]) -> dict[sa.Table, Rows]:
    facts, changes, titles = Rows(), Rows(), Rows()
    for each in derived:
        code = each.code
        for key, fact in each.facts.items():
            facts[code, fact.event_id] = dict(zip(_FACT, (code, key, *fact), strict=True))
        for event_id, stood in each.changes.items():
            changes[code, event_id] = dict(zip(_CHANGE, (code, *stood.change, stood.awaited), strict=True))
        for event_id, title in each.titles.items():
            titles[code, event_id] = dict(zip(_TITLE, (code, *title), strict=True))
    return {known_fact: facts, known_change: changes, known_title: titles}


def _write(connection: sa.Connection, derived: list[Derived]) -> None:
    for table, rows in _rows(derived).items():
        values = list(rows.values())
        if table is known_fact:
            free(connection, values)
        for start in range(0, len(values), PART):
            connection.execute(sa.insert(table), values[start : start + PART])
    for each in derived:
        keep(connection, each.code, _touches(each))


def _touches(derived: Derived) -> list[Touch]:
    return [Touch(name, event_id) for event_id, names in derived.touches.items() for name in sorted(names)]


def _touches_differ(
    connection: sa.Connection, derived: list[Derived], events: list[Recorded], findings: Findings
) -> int:
    """How many touches of instruments the index has of these events; noted is each that the log does not give.

    One that it lacks is none where the instrument's own stream was appended to with it, which no single stream can say.
    """
    should = {(each.code, *touch) for each in derived for touch in _touches(each)}
    later, held = [each.id for each in events if each.type in LATER], set[tuple[str, ...]]()
    for start in range(0, len(later), PART):
        own = sa.select(known_touch).where(known_touch.c.event_id.in_(later[start : start + PART]))
        held |= {(row.code, row.instrument, row.event_id) for row in connection.execute(own)}
    for code, name, event_id in sorted(held - should):
        findings.add(None, f"known_touch has a row that the log does not give: event {event_id} of {code}, {name}")
    return len(held)


def free(connection: sa.Connection, facts: list[dict[str, Any]]) -> None:
    """Numbers a fact anew whose key another stream's has: a correction may have given that one its name."""
    f, taken = known_fact.c, set[tuple[str, str]]()
    for own, given in _among(connection, known_fact, "key", [(each["code"], each["key"]) for each in facts]):
        taken |= {(row.code, row.key) for row in connection.execute(sa.select(f.code, f.key).where(*own), given)}
    for each in facts:
        name, number = stem(each["key"]), 1
        while (each["code"], each["key"]) in taken:
            number += 1
            each["key"] = numbered(name, number)
            own = (f.code == each["code"]) & (f.key == each["key"])
            if connection.scalar(sa.select(f.key).where(own)) is not None:
                taken.add((each["code"], each["key"]))
        taken.add((each["code"], each["key"]))


def _known(connection: sa.Connection, codes: set[str]) -> None:
    for code in sorted(codes - {*connection.scalars(sa.select(known_code.c.code))}):
        connection.execute(sa.insert(known_code).values(code=code, revision=1))


def _held(connection: sa.Connection, table: sa.Table, events: list[tuple[str, str]]) -> Rows:
    found, names = Rows(), list(table.c.keys())
    for own, given in _among(connection, table, "event_id", events):
        for row in connection.execute(sa.select(table).where(*own), given):
            held = dict(zip(names, row, strict=True))
            found[held["code"], held["event_id"]] = held
    return found


def _among(
    connection: sa.Connection, table: sa.Table, column: str, wanted: Iterable[tuple[str, str]]
) -> Iterator[tuple[Sequence[Any], dict[str, Any]]]:
    """Conditions and their parameters under which a table's rows are those wanted, by code and a column; one for each code."""
    by_code: dict[str, list[str]] = {}
    for code, value in wanted:
        by_code.setdefault(code, []).append(value)
    own = (table.c.code == sa.bindparam("of_code"), sa.text(_AMONG[connection.dialect.name].format(column=column)))
    for code, values in by_code.items():
        yield own, {"of_code": code, "among": orjson.dumps(values).decode() if "json" in own[1].text else values}


_AMONG = {
    "sqlite": '"{column}" IN (SELECT value FROM json_each(:among))',
    "postgresql": '"{column}" = ANY(CAST(:among AS text[]))',
}
"""One parameter for all: a statement with a parameter for each would be compiled anew each time, and SQLite would read all rows."""


def _differences(
    connection: sa.Connection, table: sa.Table, expected: Rows, found: Rows, findings: Findings, moved: set[str]
) -> None:
    if expected == found:
        return
    for name in sorted(expected.keys() | found.keys()):
        should, held = expected.get(name), found.get(name)
        if should is None or held is None:
            which = "has a row that the log does not give" if should is None else "lacks its row"
            findings.add(None, f"{table.name} {which}: event {name[1]} of {name[0]}")
            continue
        wrong = [column for column in should if not _agrees(column, should[column], held[column])]
        if name[1] in moved and "said" in wrong:
            wrong.remove("said")
        if wrong == ["awaited"] and _at_midnight(connection, should):
            continue
        for column in wrong:
            findings.add(
                None, f"{table.name}, event {name[1]}: {column} is {held[column]!r}, the log gives {should[column]!r}"
            )


def _agrees(column: str, should: Any, held: Any) -> bool:  # noqa: ANN401 - the columns' own kinds
    """Which number a fact has that nothing but its order tells apart is nobody's concern."""
    return bool(should == held or (column == "key" and stem(should) == stem(held)))


def _at_midnight(connection: sa.Connection, change: dict[str, Any]) -> bool:
    """Whether it was recorded as its day began: its writer may have looked at the clock a moment before."""
    told = events_of(connection, change["stream"])
    return any(london_day(each.recorded_at) == change["effective"] for each in told)
