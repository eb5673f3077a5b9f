"""Any sequence of commands, documents and the clock: what was answered stays answered so, and every answer is the naive fold's."""

import shutil
from datetime import date, timedelta
from itertools import count, product
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from events.changes import ProvisionChange
from events.errors import Conflict, Rejected
from events.knowing_better import ConflictNoted
from events.store import stream
from services.audit import index
from services.audit.checking.acts import read as acts_of_events
from services.audit.findings import Findings
from services.database import open_engine
from services.ingest.clock import take_effect
from services.ingest.commands.asking import Asking, Work
from services.ingest.commands.kinds import COMMANDS
from services.ingest.commands.recording import record
from services.ingest.commands.resolution import resolution
from services.ingest.commands.saying import Said
from services.law.described.sec import CODE as SEC
from services.law.fold import Family
from services.law.steps import ORDER
from services.projection import queries
from services.projection.point import BeforeFirstVersion
from services.projection.provisions import UnknownProvision, provision
from services.projection.runner import catch_up
from tests.ingest.commands.asking import did
from tests.ingest.recording.table import TABLE, take
from tests.projection.ledger import Ledger
from tests.projection.naive import REFS, standing, states

DAYS = ["2015-01-01", "2016-01-01", "2097-01-01"]
SOURCE = {"name": "n", "quote": "q"}
ACTED = ("Designated", "Redesignated", "Activated", "Amended", "Deleted")
ACTIONS = ["designated", "redesignated", "activated", "amended", "deleted"]
LABELS = (f"{number // 90 + 2}.{number % 90}" for number in count())

FIRST_ROW = TABLE[: TABLE.index(b"2.0 ")].rstrip()
ROW = b"""

%s Modifications to SEC

version 5.16 as directed

by the Secretary of

State pursuant to

SEC Section X5

%s
"""
OVERVIEWS = [
    b"Amendments to Section H and Section H3.",
    b"Re-designation of Appendix H - Handover Support Materials.",
    b"Designation of the Handover Support Materials Document as a Subsidiary Document.",
]
TITLES = ["Handover Support Materials", "Handover Support Material Document", "Test Scenarios", None]
WITH_TITLES = ["appendix/H", "appendix/K", "document/handover-support-materials", "schedule/8"]
KINDS = ["table", "newsletter", "instrument"]

titled = st.builds(
    lambda action, where, title: did(action, where, **({"title": title} if title else {})),
    st.sampled_from(ACTIONS), st.sampled_from(WITH_TITLES), st.sampled_from(TITLES),
)  # fmt: skip
changes = st.lists(
    titled | st.builds(
        lambda action, ref, own: did(action, f"section/{ref}", **({"effective": own} if own else {})),
        st.sampled_from(ACTIONS), st.sampled_from(REFS), st.sampled_from([None, None, DAYS[0]]),
    ),
    min_size=1, max_size=3,
)  # fmt: skip
days = st.sampled_from([*DAYS, None])


class Commands(RuleBasedStateMachine):
    """A ledger under commands; every rule is a command, or what happens beside them."""

    template: Path
    directory: Path
    numbers = count()

    told = Bundle("told")

    @initialize()
    def begin(self) -> None:
        path = self.directory / f"{next(self.numbers)}.sqlite3"
        shutil.copy(self.template, path)
        self.engine = open_engine(f"sqlite:///{path}")
        self.ledger = Ledger(self.engine)
        self.pinned: dict[tuple[int, str], bytes] = {}
        self.labels: list[str] = []
        self.today = date(2026, 1, 1)
        self._record("directions", self._instrument([did("amended", "section/A")], "2014-01-01", label="1.0"))

    def teardown(self) -> None:
        if hasattr(self, "engine"):
            self.engine.dispose()

    @rule(target=told, done=changes, day=days, version=st.booleans(), approved=st.booleans())
    def act(self, done: list[Any], day: str | None, version: bool, approved: bool) -> Any:
        label = next(LABELS) if version else None
        body = self._instrument(done, day, label)
        if approved:
            body |= {"authority": "Change Board", "legal_basis": [], "proposals": ["MP099"]}
        events = self._record("approvals" if approved else "directions", body)
        self.labels += [label] if label and events else []
        return _acts_in(events)

    @rule(target=told, done=changes, day=days, data=st.data())
    def join(self, done: list[Any], day: str | None, data: st.DataObject) -> Any:
        if not self.labels:
            return multiple()
        body = self._instrument(done, day, data.draw(st.sampled_from(self.labels))) | {"joins_version": True}
        return _acts_in(self._record("directions", body))

    @rule(event=told, ref=st.sampled_from(REFS), action=st.sampled_from(ACTIONS), day=days)
    def correct(self, event: str, ref: str, action: str, day: str | None) -> None:
        body = {
            "event": event,
            "fact": {"ref": ref, "action": action, "effective": day},
            "reason": "r",
            "source": SOURCE,
        }
        self._record("corrections", body)

    @rule(event=told, title=st.sampled_from(TITLES), day=days)
    def correct_title(self, event: str, title: str | None, day: str | None) -> None:
        fact = {"title": title, "effective": day}
        self._record("corrections", {"event": event, "fact": fact, "reason": "r", "source": SOURCE})

    @rule(event=consumes(told))
    def retract(self, event: str) -> None:
        self._record("corrections", {"event": event, "fact": None, "reason": "r", "source": SOURCE})

    @rule(event=told, day=days, cancels=st.booleans())
    def move_one(self, event: str, day: str | None, cancels: bool) -> None:
        self._move({"change": event}, day, cancels)

    @rule(day=days, cancels=st.booleans(), data=st.data(), whole=st.booleans())
    def move_all(self, day: str | None, cancels: bool, data: st.DataObject, whole: bool) -> None:
        if self.labels:
            label = data.draw(st.sampled_from(self.labels))
            self._move({"version": label} if whole else {"instrument": f"{label}-1"}, day, cancels)

    @rule(target=told, name=st.sampled_from(["DP099", "MP099"]), step=st.sampled_from(ORDER), day=st.sampled_from(DAYS))
    def progress(self, name: str, step: str, day: str) -> Any:
        body = {"proposal": name, "step": step, "effective": day, "source": SOURCE}
        return multiple(*(each["id"] for each in self._record("proposals", body) if "/proposal/" in each["stream"]))

    @rule(later=st.integers(1, 40_000))
    def time_passes(self, later: int) -> None:
        self.today = min(self.today + timedelta(days=later), date(2100, 1, 1))
        while take_effect(self.engine, self.today):
            pass

    @rule(
        row=st.sampled_from([b"5.17 1st July 2018", b"5.17 2nd July 2018", b"2.0 1st July 2015"]),
        says=st.sampled_from(OVERVIEWS),
        kind=st.sampled_from(KINDS),
        again=st.booleans(),
    )
    def a_document_comes(self, row: bytes, says: bytes, kind: str, again: bool) -> None:
        take(self.engine, FIRST_ROW + ROW % (row, says), kind=kind, reread=again)

    @rule(used=st.sampled_from([0, 1]), data=st.data())
    def resolve(self, used: int, data: st.DataObject) -> None:
        with self.engine.connect() as connection:
            told = list(stream(connection, types=["ConflictNoted"]))
        noted = [each.id for each in told if isinstance(each.event, ConflictNoted) and each.event.conflict is None]
        if noted:
            body = orjson.dumps({"used": used, "reason": "r", "source": SOURCE})
            self._recorded(*resolution(SEC, data.draw(st.sampled_from(noted)), body, "tests"))

    @invariant()
    def answers_are_those_of_the_naive_fold_and_stay_what_they_were(self) -> None:
        if not hasattr(self, "engine"):
            return
        catch_up(self.engine)
        with self.engine.connect() as connection:
            told = [(each.position, each.id, each.event) for each in stream(connection)]
            log, end = [each for each in told if _of_the_sections(each[2])], told[-1][0]
            for bound in {end, *(position for position, _ in list(self.pinned)[-6:])}:
                for day in DAYS:
                    self._hold(connection, log, bound, day)
            self._hold_as_proved(connection, end)
            findings = Findings()
            index.check(connection, end, findings, lambda *_: None)
            assert not findings.kept

    def _hold(self, connection: sa.Connection, log: list[Any], bound: int, day: str) -> None:
        point = self.ledger.point(connection, day, bound)
        answers = {ref: _answer(connection, point, "section", ref) for ref in REFS}
        expected = states(standing(log, bound, date.fromisoformat(day)))
        assert {ref: told["state"] for ref, told in answers.items()} == {ref: expected[ref] for ref in REFS}
        told = orjson.dumps(
            [
                answers,
                queries.in_force(connection, point),
                queries.versions(connection, point, {}),
                queries.proposals(connection, point),
            ]
        )
        assert self.pinned.setdefault((bound, day), told) == told

    def _hold_as_proved(self, connection: sa.Connection, end: int) -> None:
        """The verifier of a bundle, which reads the events by itself, comes to the same answers."""
        events = [(each.position, each.id, orjson.loads(each.entry)["event"]) for each in stream(connection)]
        acts = list(acts_of_events(events).acts.values())
        for day, where in product(DAYS, WITH_TITLES):
            told = _answer(connection, self.ledger.point(connection, day, end), *where.split("/"))
            if "ref" in told:
                own = Family(SEC, told["kind"], [act for kind, act in acts if kind == told["kind"]])
                found = own.answer(told["ref"], date.fromisoformat(day))
                assert (told["state"], told["version"]) == (found.state, found.version), (day, where)

    def _instrument(self, done: list[Any], day: str | None, label: str | None) -> Any:
        body = {"authority": "Secretary of State", "legal_basis": ["SEC X5"], "effective": day, "changes": done}
        return body | ({"version": label} if label else {}) | {"source": SOURCE}

    def _move(self, which: Any, day: str | None, cancels: bool) -> None:
        body = which | {"source": SOURCE} | ({} if cancels else {"effective": day})
        self._record("cancellations" if cancels else "reschedulings", body)

    def _record(self, command: str, body: Any) -> list[Any]:
        return self._recorded(*COMMANDS[command](SEC, orjson.dumps(body), "tests"))

    def _recorded(self, said: Said, work: Work) -> list[Any]:
        """The events of a command, none where it is refused; a dry run before it foresees the same, and writes nothing."""
        before, was = self._rows(), self._shown()
        try:
            foreseen = orjson.loads(record(self.engine, Asking("sec", said, dry_run=True), work).body)
        except (Conflict, Rejected) as refusal:
            with pytest.raises(type(refusal)):
                record(self.engine, Asking("sec", said), work)
            assert self._rows() == before
            return []
        assert self._rows() == before
        done = orjson.loads(record(self.engine, Asking("sec", said), work).body)
        assert [e["stream"] for e in done["events"]] == [e["stream"] for e in foreseen["events"]]
        self._hold_foreseen(foreseen["answers"], was, self._shown())
        events: list[Any] = done["events"]
        return events

    def _hold_foreseen(self, foreseen: list[Any], was: Any, now: Any) -> None:
        """What a dry run foresaw is what happened, and it named each provision that any act names and that is answered otherwise."""
        told = {(each["ref"], each["as_of"]): each for each in foreseen if each["kind"] == "section"}
        for at, each in told.items():
            if at in now:
                assert (was[at]["state"], was[at]["version"]) == (each["before"]["state"], each["before"]["version"])
                assert (now[at]["state"], now[at]["version"]) == (each["after"]["state"], each["after"]["version"])
        for ref, day in was:
            if was[ref, day] != now[ref, day] and ref in self.named:
                assert any(since <= day and of == ref for of, since in told), (ref, day)

    def _shown(self) -> dict[tuple[str, str], Any]:
        catch_up(self.engine)
        with self.engine.connect() as connection:
            log = [(each.position, each.id, each.event) for each in stream(connection)]
            acts = standing([each for each in log if _of_the_sections(each[2])], len(log), date.max)
            self.named = {each.fact.ref for each in acts}
            points = [self.ledger.point(connection, day) for day in DAYS] if self._rows()[0] else []
            return {
                (ref, day): {"version": None} | {name: told[name] for name in ("state", "version") if name in told}
                for day, point in zip(DAYS, points, strict=False)
                for ref in REFS
                for told in [_answer(connection, point, "section", ref)]
            }

    def _rows(self) -> list[int]:
        with self.engine.connect() as connection:
            tables = ("event_log", "known_fact", "known_change", "source_document", "known_code")
            return [connection.scalar(sa.text(f"SELECT count(*) FROM {name}")) or 0 for name in tables]


def _acts_in(events: list[Any]) -> Any:
    return multiple(*(each["id"] for each in events if each["type"].endswith(ACTED)))


def _of_the_sections(event: Any) -> bool:
    return not isinstance(event, ProvisionChange) or (event.kind == "section" and event.ref in REFS)


def _answer(connection: sa.Connection, point: Any, kind: str, ref: str) -> Any:
    try:
        return provision(connection, point, kind, ref)
    except (UnknownProvision, BeforeFirstVersion):
        return {"state": "unrecorded"}


def test_every_sequence_of_commands(migrated_sqlite: Path, tmp_path: Path) -> None:
    Commands.template, Commands.directory = migrated_sqlite, tmp_path
    limits = settings(max_examples=12, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck))
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(Commands, settings=limits)
