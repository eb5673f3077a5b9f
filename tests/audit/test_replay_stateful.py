"""Whatever is appended, corrected and read, the read models rebuilt up to any position are those that were kept up."""

from collections.abc import Callable
from datetime import date
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from events.changes import DocumentLettered
from events.envelope import Pending
from events.knowing_better import ChangeCancelled, ChangeRescheduled, FactCorrected, FactRetracted
from events.store import last_position
from services.audit import comparing, replaying, replays
from services.audit.replays import Wish
from services.database import open_engine
from services.projection import generations, queries, rebuild, runner
from services.projection.tables import change_row
from tests.ingest.recording.table import take
from tests.ingest.typesetter import generated_rows, typeset
from tests.projection.ledger import Ledger

DAYS = st.sampled_from(["2015-01-01", "2016-01-01", "2030-01-01", None])
REFS = st.sampled_from(["section/H", "section/H3", "section/H3.1-H3.9", "appendix/G", "document/gateway-code"])
ACTIONS = st.sampled_from(["designated", "activated", "amended", "deleted"])
WHICH = st.integers(0, 50)


def differences(engine: sa.Engine, generation: int) -> list[comparing.Unlike]:
    with engine.connect() as connection:
        between = comparing.sides(connection, generations.live(connection), generation)
        return list(comparing.unlike(connection, between, lambda done, total: None))


class Replayed(RuleBasedStateMachine):
    """A ledger that is written to, and its read models made anew again and again."""

    make_engine: Callable[[], sa.Engine]

    @initialize()
    def begin(self) -> None:
        """An empty ledger with one version, and a generation that follows it one position at a time."""
        self.engine = self.make_engine()
        self.ledger = Ledger(self.engine)
        self.ledger.record(self.ledger.version("1.0", "2014-01-01"))
        self.facts: list[Pending] = []
        self.number, self.documents, self.switches = 0, 0, 0
        with self.engine.begin() as connection:
            self.beside = generations.begin(connection)

    @rule(action=ACTIONS, ref=REFS, day=DAYS)
    def append(self, action: str, ref: str, day: str | None) -> None:
        """A change is recorded."""
        self.number += 1
        self.facts += self.ledger.record(self.ledger.changed(action, ref, f"v{self.number}", day))

    @rule(day=DAYS, ref=REFS, which=WHICH)
    @precondition(lambda self: self.facts)
    def correct(self, day: str | None, ref: str, which: int) -> None:
        """A fact is known better; it may belong to another provision from then on."""
        about = self.facts[which % len(self.facts)]
        fact = self.ledger.changed("amended", ref, "1.0", day)
        self._later(about, FactCorrected(supersedes=about.id, fact=fact, **self._said()))

    @rule(which=WHICH)
    @precondition(lambda self: self.facts)
    def retract(self, which: int) -> None:
        """A fact is withdrawn."""
        about = self.facts.pop(which % len(self.facts))
        self._later(about, FactRetracted(supersedes=about.id, **self._said()))

    @rule(which=WHICH, cancelled=st.booleans())
    @precondition(lambda self: self.facts)
    def move(self, which: int, cancelled: bool) -> None:
        """A change is put off, or called off."""
        about = self.facts[which % len(self.facts)]
        moved = ChangeRescheduled(change=about.id, effective=date(2031, 1, 1), **self._said())
        self._later(about, ChangeCancelled(change=about.id, **self._said()) if cancelled else moved)

    @rule()
    def letter(self) -> None:
        """A document gets its letter: what was said of it belongs to the appendix from then on."""
        given = {"kind": "appendix", "ref": "G", "effective": date(2016, 1, 1)}
        self.ledger.record(DocumentLettered(code="sec", actor="t", document="gateway-code", **given))

    @rule(seed=st.integers(1, 5))
    @precondition(lambda self: self.documents < 2)
    def ingest(self, seed: int) -> None:
        """A source document is read and recorded."""
        self.documents += 1
        take(self.engine, typeset(generated_rows(3, seed)).encode(), name=f"{seed}.txt")
        runner.catch_up(self.engine)

    @rule(part=st.floats(0, 1))
    def replay(self, part: float) -> None:
        """A replay up to some position finds nothing."""
        with self.engine.connect() as connection:
            until = int(last_position(connection) * part)
        done = replays.shown(replaying.now(self.engine, Wish(until), "tests", lambda *_: None))
        assert (done["state"], done["differences"], done["position"]) == ("done", 0, until)
        self._begin_again()

    @rule()
    @precondition(lambda self: self.switches < 2)
    def switch(self) -> None:
        """A rebuilt generation is put in place; it answers as the one before did."""
        before = self._answers()
        done = replays.shown(replaying.now(self.engine, Wish(switch=True), "tests", lambda *_: None))
        assert (done["differences"], done["switched"]) == (0, True)
        assert self._answers() == before
        self.switches += 1
        self._begin_again()

    @rule(which=WHICH)
    @precondition(lambda self: self.facts)
    def tamper(self, which: int) -> None:
        """A row that somebody changes is found, with its events, and put back."""
        fact = self.facts[which % len(self.facts)]
        of_fact = (change_row.c.generation == self._live(), change_row.c.id == fact.id)
        own = sa.update(change_row).where(*of_fact)
        with self.engine.begin() as connection:
            before = connection.execute(sa.select(change_row).where(*of_fact)).all()
            connection.execute(own.values(root="tampered with"))
        done = replays.shown(replaying.now(self.engine, Wish(), "tests", lambda *_: None))
        assert {each["id"] for each in done["first_differences"]} == {fact.id}
        assert all(each["events"][0]["id"] == fact.id for each in done["first_differences"])
        assert done["differences"] == len(before)
        with self.engine.begin() as connection:
            for row in before:
                at = (change_row.c.known_from == row.known_from, change_row.c.home_ref == row.home_ref)
                connection.execute(own.where(*at, change_row.c.home_kind == row.home_kind).values(root=row.root))
        self._begin_again()

    @invariant()
    def the_models_rebuilt_are_those_kept_up_at_every_position(self) -> None:
        """Event by event, so that each batch of the rebuilt generation is of one event."""
        if not hasattr(self, "engine"):
            return
        with self.engine.connect() as connection:
            end, seen = last_position(connection), runner._seen(connection, self.beside)
        for position in range(seen + 1, end + 1):
            rebuild.fill(self.engine, self.beside, position)
            assert differences(self.engine, self.beside) == [], position

    def teardown(self) -> None:
        """Closes the database."""
        if hasattr(self, "engine"):
            self.engine.dispose()

    def _begin_again(self) -> None:
        """A replay removes every generation that is not its own."""
        with self.engine.begin() as connection:
            self.beside = generations.begin(connection)

    def _later(self, about: Pending, event: Any) -> None:
        self.ledger.record(event, streams={0: about.stream})

    def _said(self) -> dict[str, Any]:
        return {"code": "sec", "actor": "t", "reason": "known better"}

    def _live(self) -> int:
        with self.engine.connect() as connection:
            return generations.live(connection)

    def _answers(self) -> list[Any]:
        with self.engine.connect() as connection:
            end = self.ledger.point(connection).position
            points = [self.ledger.point(connection, "2018-05-31", known) for known in range(1, end + 1)]
            return [queries.provisions(connection, point) for point in points]


def test_rebuilt_at_any_position_the_read_models_are_those_kept_up(make_database: Callable[[], str]) -> None:
    class OnADatabase(Replayed):
        pass

    OnADatabase.make_engine = staticmethod(lambda: open_engine(make_database()))
    quiet = settings(
        max_examples=6, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
    )
    run_state_machine_as_test(OnADatabase, settings=quiet)
