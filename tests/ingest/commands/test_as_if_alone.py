"""Whatever commands share a transaction, each comes to what it would have come to alone, after those before it."""

import re
import shutil
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from events.receipt import Key
from events.store import read
from services.audit import index
from services.audit.findings import Findings
from services.database import open_engine
from services.ingest.commands.answered import Outcome
from services.ingest.commands.asking import ANY, Asking, Command
from services.ingest.commands.kinds import COMMANDS
from services.ingest.commands.recording import Turn, record_together
from services.law.codes import CODES
from tests.ingest.commands.asking import WRITTEN, did

NUMBERS = count()
DAYS = st.sampled_from([None, "2014-01-01", "2018-07-01", "2018-07-02", "2018-07-02", "2099-01-01"])
TITLES = st.sampled_from([None, "Handover Support Materials", "Handover Support Material Document", "Test Scenarios"])
WHERE = st.sampled_from(
    [
        "section/H",
        "section/H3",
        "section/C-D",
        "appendix/H",
        "appendix/K",
        "schedule/8",
        "document/handover-support-material",
    ]
)
SOURCES = st.sampled_from([{"name": "Letter", "quote": "It is directed."}, {"name": "Page", "quote": "So it is."}])


@st.composite
def change(draw: st.DrawFn) -> Any:
    where = draw(WHERE)
    title = draw(TITLES) if not where.startswith("section") else None
    action = draw(st.sampled_from(["designated", "redesignated", "activated", "amended", "deleted"]))
    return did(action, where, effective=draw(DAYS), title=title)


@st.composite
def instrument(draw: st.DrawFn) -> tuple[str, Any]:
    body: Any = {"effective": draw(DAYS), "changes": draw(st.lists(change(), max_size=3)), "source": draw(SOURCES)}
    body["version"] = draw(st.sampled_from([None, None, "6.0", "6.1", "6.2"]))
    body["instrument"] = draw(st.sampled_from([None, None, "one", "other"]))
    body["joins_version"] = draw(st.sampled_from([False, False, True])) if body["version"] else False
    if draw(st.booleans()):
        return "directions", body | {"authority": "Secretary of State", "legal_basis": ["SEC X5"]}
    return "approvals", body | {"authority": "Change Board", "proposals": draw(st.sampled_from([[], ["MP099"]]))}


@st.composite
def later(draw: st.DrawFn) -> tuple[str, Any]:
    """What is told of something that is recorded already: an event by its place, or by name."""
    said = {"source": draw(SOURCES)}
    named = draw(st.sampled_from([{"version": "6.0"}, {"instrument": "one"}, {"change": 4}, {"change": 7}]))
    kind = draw(st.sampled_from(["corrections", "reschedulings", "cancellations", "proposals"]))
    if kind == "corrections":
        fact = draw(st.sampled_from([None, {"effective": "2018-07-02"}, {"ref": "J"}]))
        return kind, said | {"event": draw(st.sampled_from([3, 4, 7])), "fact": fact, "reason": "misread"}
    if kind == "proposals":
        return kind, said | {"proposal": "MP099", "step": "raised", "effective": draw(st.sampled_from(["2018-01-01"]))}
    return kind, said | named | ({"effective": draw(DAYS)} if kind == "reschedulings" else {})


how = st.fixed_dictionaries(
    {},
    optional={
        "key": st.builds(Key, st.sampled_from("abc"), st.sampled_from([b"1", b"2"])),
        "if_match": st.sampled_from([0, 1, ANY]),
    },
)
some = st.one_of(instrument(), instrument(), instrument(), later())
asked = st.lists(st.tuples(some, st.one_of(st.just({}), st.just({}), how)), min_size=2, max_size=8)

FIRST = [
    (("directions", {"authority": "Secretary of State", "legal_basis": ["SEC X5"], "effective": "2013-01-01", "version": "1.0",
      "changes": [did("designated", "section/H"), did("designated", "document/handover-support-material",
                                                      title="Handover Support Materials")],
      "source": {"name": "First", "quote": "First."}}), {}),
    (("directions", {"authority": "Secretary of State", "effective": "2015-01-01", "instrument": "early",
      "changes": [did("amended", "section/H")], "source": {"name": "First", "quote": "First."}}), {}),
]  # fmt: skip


def turn(engine: Engine, command: tuple[str, Any], said: dict[str, Any]) -> Turn:
    kind, body = command
    with engine.connect() as connection:
        places = {each.position: each.id for each in read(connection)}
    named = {name: places.get(body[name], "none") for name in ("event", "change") if name in body}

    def made() -> Command:
        who, work = COMMANDS[kind](CODES["sec"], orjson.dumps(body | named), "somebody")
        return Command(Asking("sec", who, **said), work)

    return Turn("sec", made)


def told(found: Outcome | Exception) -> Any:
    if not isinstance(found, Outcome):
        return type(found), re.sub(r"[0-9a-f-]{36}", "an event", str(found))
    body = orjson.loads(found.body)
    events = [(each["type"], each["stream"], each["position"]) for each in body["events"]]
    return events, body["instrument"], body["warnings"], found.version, found.position


def held(engine: Engine) -> Any:
    """The log and the index, with events named by their places in the log."""
    with engine.connect() as connection:
        events = list(read(connection))
        places = {each.id: str(each.position) for each in events}
        log = [
            (each.stream, each.stream_version, _named(each.event.model_dump(mode="json"), places)) for each in events
        ]
        tables = {
            name: sorted(
                repr(_named(tuple(row), places)) for row in connection.execute(sa.text(f"SELECT * FROM {name}"))
            )
            for name in WRITTEN
            if name not in ("event_log", "event_key", "command_answer", "known_code")
        }
        findings = Findings()
        index.check(connection, len(events), findings, lambda *_: None)
        assert not findings.kept
    return log, tables


def _named(value: Any, places: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _named(each, places) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_named(each, places) for each in value]
    return places.get(value, value) if isinstance(value, str) else value


@pytest.fixture
def ledger(migrated_sqlite: Path, tmp_path: Path) -> Any:
    def opened() -> Engine:
        path = tmp_path / f"{next(NUMBERS)}.sqlite3"
        shutil.copy(migrated_sqlite, path)
        return open_engine(f"sqlite:///{path}")

    return opened


def together(engine: Engine, commands: Sequence[Any]) -> list[Any]:
    return [told(each) for each in record_together(engine, [turn(engine, *command) for command in commands])]


def one_by_one(engine: Engine, commands: Sequence[Any]) -> list[Any]:
    """The same, of commands that name what is recorded before all of them."""
    turns = [turn(engine, *command) for command in commands]
    return [told(each) for one in turns for each in record_together(engine, [one])]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(commands=asked, first=st.sampled_from([FIRST, FIRST, []]))
def test_any_commands_come_to_what_they_come_to_one_by_one(ledger: Any, commands: Any, first: Any) -> None:
    alone, at_once = ledger(), ledger()
    for command in first:
        assert [together(alone, [command]), together(at_once, [command])]
    assert together(at_once, commands) == one_by_one(alone, commands)
    assert held(at_once) == held(alone)
    alone.dispose()
    at_once.dispose()


def test_on_either_database_they_come_to_the_same(engine: Engine, ledger: Any) -> None:
    said = {"authority": "Secretary of State", "source": {"name": "Letter", "quote": "It is directed."}}
    given = did("redesignated", "appendix/H", title="Handover Support Material Document")
    bodies = [
        {"version": "6.0", "effective": "2018-07-02", "changes": [given, did("amended", "section/C-D")]},
        {"version": "6.1", "effective": "2018-07-01", "changes": [did("activated", "section/D")]},
        {"effective": "2018-07-02", "changes": [did("amended", "document/handover-support-material"), given]},
        {"version": "6.0", "effective": "2018-07-02", "joins_version": True, "changes": [did("deleted", "section/D")]},
        {"effective": "2099-01-01", "changes": [did("amended", "section/D")]},
        {"effective": None, "changes": []},
    ]
    commands = [(("directions", said | body), {"key": Key(str(number), b"")}) for number, body in enumerate(bodies)]
    alone = ledger()
    for command in FIRST:
        assert [together(alone, [command]), together(engine, [command])]
    assert together(engine, commands) == one_by_one(alone, commands)
    assert held(engine)[0] == held(alone)[0]
    assert [each[-1] for each in together(engine, commands)] == [each[-1] for each in together(alone, commands)]
