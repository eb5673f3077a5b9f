"""However long the history of a code, a command finds what it needs by an index that leads to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from services.ingest.commands.asking import Asking
from services.ingest.commands.kinds import COMMANDS
from services.ingest.commands.recording import record
from services.ingest.knowledge import KnownFact
from services.ingest.known import begins
from services.ingest.tables import known_fact
from services.law.codes import CODES
from tests.ingest.commands.asking import SOURCE, did, direction

ALONE = direction(did("amended", "section/J"), version=None, instrument="letter")
TITLED = direction(did("redesignated", "appendix/J", title="A title"), did("amended", "section/H"), version="6.1")


def told(engine: Engine, command: str, body: dict[str, Any]) -> Any:
    said, work = COMMANDS[command](CODES["sec"], orjson.dumps(body), "somebody")
    return orjson.loads(record(engine, Asking("sec", said), work).body)


@contextmanager
def asked(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """The statements that are meanwhile asked of the index, with their parameters."""
    seen: list[tuple[str, Any]] = []

    def note(_: object, __: object, statement: str, parameters: Any, *___: object) -> None:
        if "known_" in statement and not statement.startswith("INSERT"):
            seen.append((statement, parameters))

    sa.event.listen(engine, "before_cursor_execute", note)
    yield seen
    sa.event.remove(engine, "before_cursor_execute", note)


def plans(engine: Engine, statements: list[tuple[str, Any]]) -> list[str]:
    with engine.connect() as connection:
        return [
            row.detail
            for statement, parameters in statements
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
@pytest.mark.parametrize("command", ["directions", "corrections", "reschedulings"])
@pytest.mark.parametrize("first", [ALONE, TITLED], ids=["alone", "titled"])
def test_no_statement_walks_through_all_that_is_known(engine: Engine, command: str, first: dict[str, Any]) -> None:
    done = told(engine, "directions", first)
    change = next(each["id"] for each in done["events"] if each["type"] == "SectionAmended")
    body = {
        "directions": first | {"version": "6.2" if first["version"] else None, "instrument": "another"},
        "corrections": {"event": change, "fact": {"title": "Otherwise"}, "reason": "misread", "source": SOURCE},
        "reschedulings": {"instrument": done["instrument"], "effective": "2099-01-01", "source": SOURCE},
    }
    with asked(engine) as statements:
        told(engine, command, body[command])
    found = plans(engine, statements)
    grows = [each for each in found if " known_fact " in each or " known_change " in each]
    assert grows
    assert not [each for each in grows if each.startswith("SCAN") or each.endswith("(code=?)")]


def test_facts_that_begin_alike_are_found_in_any_language(engine: Engine) -> None:
    keys = ["Change/6/x", "change/6", "change/6-1/x", "change/6/a", "change/6/é", "change/60/x", "change.6/x"]
    fact = KnownFact("event", "event", b"", b"", "stream", "", "")._asdict()
    with engine.connect() as connection:
        connection.execute(sa.insert(known_fact), [{"code": "sec", "key": key, **fact} for key in keys])
        found = connection.scalars(sa.select(known_fact.c.key).where(begins(known_fact.c.key, "change/6/")))
        assert sorted(found) == ["change/6/a", "change/6/é"]
