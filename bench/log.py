"""The log against the bare drivers: from event objects to receipts, and from stored rows to event objects."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from sqlalchemy import Engine

from bench.databases import DATABASES
from bench.figures import compared, rate
from bench.raw import Raw, Row, open_raw, raw_row
from events.appender import Appender
from events.catalogue import Event, change
from events.envelope import Pending, own_stream, seal
from events.identifiers import new_id
from events.store import append, stream
from events.tables import instant_text
from events.vocabulary import Quotation
from services.database import open_engine

ROUNDS = 9
SINGLE = 250
CALLERS, EACH = 64, 10
CONNECTIONS = 8
BATCHES, BATCH = 10, 100
REPLAYED = 30_000

_numbers = count()


def rows() -> Iterator[dict[str, Any]]:
    """Each figure as it is known: rates of ours and of the bare driver, events a second, and their ratio."""
    for opened in DATABASES.values():
        with opened() as url:
            engine, raw = open_engine(url), open_raw(url)
            raw.prepare()
            for part in (_single, _callers, _batches, _replay):
                yield from part(engine, raw, url)
            raw.close()
            engine.dispose()


def _single(engine: Engine, raw: Raw, url: str) -> Iterator[dict[str, Any]]:
    rows = _rows(raw.name)

    def bare() -> int:
        for row in taken:
            raw.insert(row)
        return SINGLE

    def ours() -> int:
        for event in events:
            appender.append([Pending(new_id(), own_stream(event), event)], {own_stream(event): 0})
        return SINGLE

    def in_a_transaction() -> int:
        for event in others:
            with engine.begin() as connection:
                append(connection, [Pending(new_id(), own_stream(event), event)], {own_stream(event): 0})
        return SINGLE

    kinds: dict[str, list[float]] = {"ours": [], "raw": [], "own": []}
    with Appender(engine) as appender:
        for _ in range(ROUNDS):
            events, others = _events(SINGLE), _events(SINGLE)
            taken = [next(rows) for _ in range(SINGLE)]
            kinds["ours"].append(rate(ours))
            kinds["raw"].append(rate(bare))
            kinds["own"].append(rate(in_a_transaction))
    yield compared("single append", raw.name, kinds["ours"], kinds["raw"], ">= 0.9")
    yield compared("single append in the caller's own transaction", raw.name, kinds["own"], kinds["raw"], None)


def _callers(engine: Engine, raw: Raw, url: str) -> Iterator[dict[str, Any]]:
    rows, total = _rows(raw.name), CALLERS * EACH
    connections = [open_raw(url) for _ in range(CONNECTIONS)]

    def bare(one: int) -> None:
        for row in taken[one::CONNECTIONS]:
            connections[one].insert(row)

    def ours(one: int) -> None:
        for event in events[one::CALLERS]:
            appender.append([Pending(new_id(), own_stream(event), event)], {own_stream(event): 0})

    def all_at_once(pool: ThreadPoolExecutor, work: Callable[[int], None], number: int) -> int:
        list(pool.map(work, range(number)))
        return total

    rates: list[float] = []
    raw_rates: list[float] = []
    with (
        Appender(engine) as appender,
        ThreadPoolExecutor(CALLERS) as callers,
        ThreadPoolExecutor(CONNECTIONS) as writers,
    ):
        for _ in range(ROUNDS):
            events, taken = _events(total), [next(rows) for _ in range(total)]
            rates.append(rate(lambda: all_at_once(callers, ours, CALLERS)))
            raw_rates.append(rate(lambda: all_at_once(writers, bare, CONNECTIONS)))
    for connection in connections:
        connection.close()
    yield compared("64 callers at once, against eight raw connections", raw.name, rates, raw_rates, ">= 1.5")


def _batches(engine: Engine, raw: Raw, url: str) -> Iterator[dict[str, Any]]:
    rows = _rows(raw.name)

    def bare() -> int:
        for batch in taken:
            raw.batch(batch)
        return BATCHES * BATCH

    def ours() -> int:
        for batch in events:
            pending = [Pending(new_id(), own_stream(event), event) for event in batch]
            appender.append(pending, dict.fromkeys((p.stream for p in pending), 0))
        return BATCHES * BATCH

    rates: list[float] = []
    raw_rates: list[float] = []
    with Appender(engine) as appender:
        for _ in range(ROUNDS):
            events = [_events(BATCH) for _ in range(BATCHES)]
            taken = [[next(rows) for _ in range(BATCH)] for _ in range(BATCHES)]
            rates.append(rate(ours))
            raw_rates.append(rate(bare))
    yield compared("batches of 100, a stream an event, against binary COPY", raw.name, rates, raw_rates, ">= 0.8")


def _replay(engine: Engine, raw: Raw, url: str) -> Iterator[dict[str, Any]]:
    with engine.begin() as connection:
        pending = [Pending(new_id(), own_stream(event), event) for event in _events(REPLAYED)]
        append(connection, pending, dict.fromkeys((p.stream for p in pending), 0))

    def ours() -> int:
        with engine.connect() as connection:
            return sum(recorded.event is not None for recorded in stream(connection))

    rates: list[float] = []
    raw_rates: list[float] = []
    for _ in range(ROUNDS):
        rates.append(rate(ours))
        raw_rates.append(rate(raw.pages))
    yield compared("typed replay, against a paged SELECT of all columns", raw.name, rates, raw_rates, ">= 0.7")


def _events(number: int) -> list[Event]:
    """Amendments with the words they were read from, about 570 bytes each in the log, each of a provision of its own."""
    return [_event(next(_numbers)) for _ in range(number)]


def _event(number: int) -> Event:
    ref = f"H{number}.{number % 90 + 1}"
    quote = f"The Authority approved SECMP{number % 9999:04} on 25th May 2018, which amends Section {ref} as set out in the Annex."
    return change(
        "amended",
        "section",
        code="sec",
        actor="bench",
        effective=date(2014 + number % 12, number % 12 + 1, number % 28 + 1),
        ref=ref,
        version="5.16",
        instrument="5.16-1",
        proposal=f"SECMP{number % 9999:04}",
        source=Quotation(sha256="ab" * 32, spans=((number, number + 60), (number + 80, number + 123)), quote=quote),
    )


def _rows(name: str) -> Iterator[Row]:
    """Ready rows for the bare driver, of events like ours."""
    written_at = instant_text(datetime.now(UTC))
    for position in count(1 + next(_numbers) * 1_000_000):
        [event] = _events(1)
        yield raw_row(seal(Pending(new_id(), own_stream(event), event), 1, written_at), position, name)
