"""For every event sequence the answer at (as_of, known_at) equals a naive fold over the events."""

from datetime import date
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.knowing_better import ChangeCancelled, ChangeRescheduled, FactCorrected, FactRetracted
from services.projection.point import BeforeFirstVersion, Point
from services.projection.provisions import UnknownProvision, provision
from tests.projection.ledger import Ledger
from tests.projection.naive import REFS, standing, states

DAYS = [date(2015, 1, 1), date(2016, 1, 1), date(2017, 1, 1)]
ACTIONS = ["designated", "redesignated", "activated", "amended", "deleted"]
CODES = count(1)

acts = st.tuples(
    st.just("change"),
    st.sampled_from(ACTIONS),
    st.sampled_from(REFS),
    st.sampled_from([*DAYS, None]),
    st.sampled_from([(), ("H3.27",), ("H10.9-H10.11",), ("H3.1", "H10.11")]),
)
later = st.tuples(
    st.sampled_from(["correct", "retract", "reschedule", "cancel"]),
    st.integers(0, 20),
    st.sampled_from(REFS),
    st.sampled_from(DAYS),
)


def events_of(ledger: Ledger, script: list[Any]) -> list[Any]:
    """The events of a script, recorded one after the other: what comes later speaks of what still stands."""
    recorded: list[Any] = []
    alive: list[Any] = []
    for index, step in enumerate(script):
        if step[0] == "change":
            _, action, ref, day, exclusions = step
            inside = tuple(each for each in exclusions if action == "activated")
            event = ledger.changed(action, f"section/{ref}", f"v{index}", day and day.isoformat(), exclusions=inside)
            (pending,) = ledger.record(event)
            alive.append(pending)
        else:
            if not alive:
                continue
            what, which, ref, day = step
            about = alive[which % len(alive)]
            pending = _later(ledger, what, about, ref, day, index)
            if what == "retract":
                alive.remove(about)
        recorded.append(pending)
    return recorded


def _later(ledger: Ledger, what: str, about: Any, ref: str, day: date, index: int) -> Any:
    given: dict[str, Any] = {"code": ledger.code, "actor": "t", "reason": "known better"}
    if what == "correct":
        fact = ledger.changed("amended", f"section/{ref}", f"v{index}", day.isoformat())
        event: Any = FactCorrected(supersedes=about.id, fact=fact, **given)
    elif what == "retract":
        event = FactRetracted(supersedes=about.id, **given)
    elif what == "reschedule":
        event = ChangeRescheduled(change=about.id, effective=day, **given)
    else:
        event = ChangeCancelled(change=about.id, **given)
    return ledger.record(event, streams={0: about.stream})[0]


@pytest.fixture(scope="module")
def one_ledger(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Any) -> sa.Engine:
    import shutil

    from services.database import open_engine

    path = tmp_path_factory.mktemp("naive") / "ledger.sqlite3"
    shutil.copy(migrated_sqlite, path)
    return open_engine(f"sqlite:///{path}")


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(script=st.lists(st.one_of(acts, acts, acts, later), min_size=1, max_size=9))
def test_every_answer_at_every_point_equals_the_naive_fold(one_ledger: sa.Engine, script: list[Any]) -> None:
    ledger = Ledger(one_ledger, f"c{next(CODES)}")
    base = ledger.record(ledger.version("1", "2014-01-01"))
    recorded = [*base, *events_of(ledger, script)]
    with one_ledger.connect() as connection:
        end = ledger.point(connection).position
        log = [(end - len(recorded) + 1 + i, each.id, each.event) for i, each in enumerate(recorded)]
        for bound in range(log[0][0], end + 1):
            for day in DAYS:
                point = ledger.point(connection, day.isoformat(), bound)
                expected = states(standing(log, bound, day))
                assert {ref: _state(connection, point, ref) for ref in REFS} == {ref: expected[ref] for ref in REFS}, (
                    bound,
                    day,
                )


def _state(connection: sa.Connection, point: Point, ref: str) -> str:
    try:
        return str(provision(connection, point, "section", ref)["state"])
    except (UnknownProvision, BeforeFirstVersion):
        return "unrecorded"
