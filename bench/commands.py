"""Commands over HTTP with a durable commit, for one caller and for many; answers before and after many corrections."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from itertools import count, cycle, islice
from typing import Any

import orjson
from sqlalchemy import Engine

from bench.asking import rate as asked
from bench.asking import rate_of_posts
from bench.databases import DATABASES
from bench.figures import compared, rate, single
from bench.ledgers import Size, questions, write
from bench.processes import served
from bench.raw import Raw, Row, open_raw, raw_row
from events.catalogue import Event, change
from events.changes import ProvisionChange
from events.envelope import Pending, Recorded, own_stream, seal
from events.identifiers import new_id
from events.knowing_better import FactCorrected
from events.store import append, stream, stream_versions
from events.tables import instant_text
from services.database import open_engine
from services.projection.runner import catch_up

ROUNDS = 5
PATH = "/v1/codes/sec/directions"
ONE, CALLERS, EACH = 60, 64, 4
CORRECTIONS, BATCH = 100_000, 2_000
FIRST = 600
SIZE = Size(50, 2_000)
"""A ledger of 100,000 events: each change in it is corrected more than once."""

WRITTEN = instant_text(datetime.now(UTC))

_numbers = count()


def rows() -> Iterator[dict[str, Any]]:
    """Commands a second, of one caller and of 64; then how much slower answers are after 100,000 corrections."""
    for name in DATABASES:
        with ExitStack() as stack:
            url = stack.enter_context(DATABASES[name]())
            ports = (stack.enter_context(served(which, url)) for which in ("ingest", "plain"))
            yield from _commands(name, url, *ports)
        with ExitStack() as stack:
            yield from _corrected(name, stack)


def _commands(name: str, url: str, port: int, empty: int) -> Iterator[dict[str, Any]]:
    raw = open_raw(url)
    raw.prepare()
    ours: list[float] = []
    bare: list[float] = []
    many: list[float] = []
    nothing: list[float] = []
    rate_of_posts(port, PATH, _directions(ONE), 1)
    for _ in range(ROUNDS):
        ours.append(rate_of_posts(port, PATH, _directions(ONE), 1))
        bare.append(_bare(raw, [_row(name) for _ in range(ONE)]))
        many.append(rate_of_posts(port, PATH, _directions(CALLERS * EACH), CALLERS))
        nothing.append(rate_of_posts(empty, "/nothing", _directions(CALLERS * EACH), CALLERS))
    raw.close()
    yield compared("a command over HTTP, against a raw insert", name, ours, bare, ">= 0.5")
    yield single(f"commands a second, {CALLERS} callers", name, max(many), ">= 5000")
    yield compared(f"the same, against an endpoint that only reads them, {CALLERS} callers", name, many, nothing, None)


def _bare(raw: Raw, taken: list[Row]) -> float:
    return rate(lambda: sum(raw.insert(row) is None for row in taken))


def _directions(number: int) -> list[bytes]:
    return [_direction(next(_numbers)) for _ in range(number)]


def _direction(number: int) -> bytes:
    body = {
        "authority": "Secretary of State",
        "legal_basis": ["SEC X5"],
        "effective": "2018-07-01",
        "changes": [{"action": "amended", "kind": "section", "ref": f"{chr(65 + number % 26)}{number}"}],
        "instrument": f"letter-{number}",
        "source": {"name": "Letter", "quote": f"Section {number} is amended."},
    }
    return orjson.dumps(body)


def _amended(number: int) -> Event:
    said = {"code": "sec", "actor": "bench", "effective": date(2018, 7, 1), "instrument": f"letter-{number}"}
    return change("amended", "section", ref=f"H{number}", **said)


def _row(name: str) -> Row:
    event = _amended(next(_numbers))
    return raw_row(seal(Pending(new_id(), own_stream(event), event), 1, WRITTEN), 10**9 + next(_numbers), name)


def _corrected(name: str, stack: ExitStack) -> Iterator[dict[str, Any]]:
    """The same questions, asked for the first time, of a ledger before and after corrections of all that it holds."""
    before, after = (stack.enter_context(DATABASES[name]()) for _ in range(2))
    for url in (before, after):
        engine = open_engine(url)
        write(engine, SIZE)
        if url == after:
            _correct(engine)
        catch_up(engine)
        engine.dispose()
    plain, grown = (stack.enter_context(served("ours", url)) for url in (before, after))
    some, same = questions(SIZE), questions(SIZE)
    rates: list[float] = []
    others: list[float] = []
    for _ in range(ROUNDS):
        rates.append(asked(plain, islice(some, FIRST)))
        others.append(asked(grown, islice(same, FIRST)))
    yield compared(f"times slower after {CORRECTIONS:,} corrections", name, rates, others, "<= 1.3")


def _correct(engine: Engine) -> None:
    """Corrects changes one after the other, again and again, until so many corrections are recorded."""
    with engine.connect() as connection:
        recorded = [each for each in stream(connection) if isinstance(each.event, ProvisionChange)]
    turns = islice(cycle(recorded), CORRECTIONS)
    while part := list(islice(turns, BATCH)):
        pending = [Pending(new_id(), each.stream, _correction(each)) for each in part]
        with engine.begin() as connection:
            append(connection, pending, stream_versions(connection, {each.stream for each in pending}))


def _correction(each: Recorded) -> FactCorrected:
    fact = each.event.model_copy(update={"title": f"Title {next(_numbers)}"})
    said = {"code": each.code, "actor": "bench", "effective": fact.effective, "supersedes": each.id}
    return FactCorrected.model_validate(said | {"fact": fact, "reason": "measured"})
