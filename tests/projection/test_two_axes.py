"""What we believed when, what we learnt about a day, which corrections are live on it: on both databases, from hand-made events."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from events.envelope import Pending
from events.knowing_better import ChangeCancelled, ChangeRescheduled, FactCorrected, FactRetracted
from services.projection import queries
from services.projection.runner import catch_up
from tests.projection.ledger import Ledger

COMMON: dict[str, Any] = {"code": "sec", "actor": "t"}


@pytest.fixture
def ledger(engine: sa.Engine) -> Ledger:
    made = Ledger(engine)
    made.record(made.directed("4.0-1", "2014-01-01"), made.version("4.0", "2014-01-01", instruments=("4.0-1",)))
    return made


@pytest.fixture
def ask(ledger: Ledger) -> Callable[..., Any]:
    def asked(query: Callable[..., Any], *arguments: Any, as_of: str = "2018-05-31", known: Any = None) -> Any:
        with ledger.engine.connect() as connection:
            return query(connection, ledger.point(connection, as_of, known), *arguments)

    return asked


def better(ledger: Ledger, first: Pending, event: Any) -> Pending:
    (told,) = ledger.record(event, streams={0: first.stream})
    return told


def corrected(first: Pending, **fields: Any) -> FactCorrected:
    fact = first.event.model_copy(update=fields)
    return FactCorrected(**COMMON, effective=fact.effective, supersedes=first.id, fact=fact, reason="misread")


def test_the_known_axis_tells_each_step_in_the_order_learnt_and_what_was_believed_after_it(
    ledger: Ledger, ask: Callable[..., Any]
) -> None:
    (first,) = ledger.record(ledger.changed("activated", "section/H15", "4.0", "2014-01-01"))
    moved = better(
        ledger, first, ChangeRescheduled(**COMMON, change=first.id, effective=date(2019, 1, 1), reason="late")
    )
    again = better(ledger, first, corrected(first, proposal="SECMP0001"))
    gone = better(ledger, first, FactRetracted(**COMMON, supersedes=first.id, reason="never was"))
    steps = ask(queries.believed, "section", "H15")
    assert [each["learnt"]["type"] for each in steps] == [
        "section.activated",
        "change.rescheduled",
        "fact.corrected",
        "fact.retracted",
    ]
    assert [each["learnt"]["event"] for each in steps] == [first.id, moved.id, again.id, gone.id]
    assert [each["believed"]["state"] for each in steps] == ["active", "unrecorded", "active", "unrecorded"]
    assert [each["status"] for each in steps[:3]] == ["in_force", "scheduled", "in_force"]
    assert [each["withdrawn"] for each in steps] == [False, False, False, True]
    assert [each["position"] for each in steps] == sorted({each["position"] for each in steps})
    assert steps[1]["learnt"]["reason"] == "late"
    assert ask(queries.believed, "section", "H15", known=steps[1]["position"]) == steps[:2]


def test_corrections_are_listed_in_the_order_learnt_with_what_stood_before_and_stands_after(
    ledger: Ledger, ask: Callable[..., Any]
) -> None:
    (first, second) = ledger.record(
        ledger.changed("activated", "section/H15", "4.0", "2014-01-01"),
        ledger.changed("amended", "section/G", "4.0", "2014-01-01"),
    )
    better(ledger, first, corrected(first, effective=date(2014, 2, 1)))
    better(ledger, first, corrected(first, effective=date(2014, 3, 1)))
    better(ledger, second, FactRetracted(**COMMON, supersedes=second.id, reason="never was"))
    items = ask(queries.corrections)
    assert [(each["fact"], each["stands"]) for each in items] == [
        (first.id, False),
        (first.id, True),
        (second.id, True),
    ]
    days = [[(each[side] or {}).get("effective") for side in ("before", "after")] for each in items]
    assert days == [["2014-01-01", "2014-02-01"], ["2014-02-01", "2014-03-01"], ["2014-01-01", None]]
    assert [(each["kind"], each["ref"]) for each in items] == [("section", "H15")] * 2 + [("section", "G")]
    assert ask(queries.corrections, known=items[0]["position"]) == [{**items[0], "stands": True}]


def test_a_correction_is_live_on_the_days_on_which_its_fact_as_corrected_applies(
    ledger: Ledger, ask: Callable[..., Any]
) -> None:
    (first,) = ledger.record(ledger.changed("activated", "section/H15", "4.0", "2014-01-01"))
    told = better(ledger, first, corrected(first, effective=date(2014, 2, 1)))
    ledger.record(ledger.version("4.9", "2016-01-01"), ledger.changed("deleted", "section/H15", "4.9", "2016-01-01"))
    days = ("2014-01-31", "2014-02-01", "2015-12-31", "2016-01-01")
    live = [[each["id"] for each in ask(queries.corrections, date.fromisoformat(day))] for day in days]
    assert live == [[], [told.id], [told.id], []]
    better(ledger, first, ChangeCancelled(**COMMON, change=first.id))
    assert ask(queries.corrections, date(2015, 1, 1)) == []


def test_what_we_learnt_about_a_day_is_each_provision_answered_otherwise_and_what_explains_it(
    ledger: Ledger, ask: Callable[..., Any]
) -> None:
    (moved, gone, named) = ledger.record(
        ledger.changed("activated", "section/H15", "4.0", "2014-01-01"),
        ledger.changed("designated", "appendix/Z", "4.0", "2014-01-01"),
        ledger.changed("designated", "section/N", "4.0", "2014-01-01"),
    )
    with ledger.engine.connect() as connection:
        older = ledger.point(connection, "2018-05-31")
    later = better(ledger, moved, ChangeRescheduled(**COMMON, change=moved.id, effective=date(2020, 1, 1)))
    withdrawn = better(ledger, gone, FactRetracted(**COMMON, supersedes=gone.id, reason="never was"))
    better(ledger, named, corrected(named, title="SMETS1 Meters"))
    (fresh,) = ledger.record(ledger.changed("designated", "section/P", "4.0", "2014-01-01"))
    catch_up(ledger.engine)
    with ledger.engine.connect() as connection:
        told = queries.diff_known(connection, older, ledger.point(connection, "2018-05-31"))
    explained = {(each["kind"], each["ref"]): each for each in told["provisions"]}
    assert {name: each["because"] for name, each in explained.items()} == {
        ("section", "H15"): [later.id],
        ("section", "P"): [fresh.id],
        ("appendix", "Z"): [withdrawn.id],
    }
    assert explained["appendix", "Z"]["after"]["state"] == "unrecorded"
    assert [each["id"] for each in told["changes"]] == [fresh.id]
    assert [each["type"] for each in told["learnt"]] == ["change.rescheduled", "fact.retracted", "fact.corrected"]


def test_what_lies_ahead_is_dated_first_then_undated_without_what_was_cancelled(
    ledger: Ledger, ask: Callable[..., Any]
) -> None:
    (late, gone, undated, soon) = ledger.record(
        ledger.changed("amended", "section/A", "6.0", "2031-02-01"),
        ledger.changed("amended", "section/B", "6.0", "2031-03-01"),
        ledger.changed("amended", "section/C", "6.1", None),
        ledger.changed("amended", "section/D", "6.2", "2031-01-01"),
    )
    before = ask(queries.prospective)
    better(ledger, gone, ChangeCancelled(**COMMON, change=gone.id))
    better(ledger, late, ChangeRescheduled(**COMMON, change=late.id, effective=date(2030, 12, 1)))
    better(ledger, undated, ChangeRescheduled(**COMMON, change=undated.id, effective=date(2031, 6, 1)))
    better(ledger, soon, ChangeRescheduled(**COMMON, change=soon.id, effective=None))
    assert [each["ref"] for each in before] == ["D", "A", "B", "C"]
    now = ask(queries.prospective)
    assert [(each["ref"], each["effective"], each["status"]) for each in now] == [
        ("A", "2030-12-01", "scheduled"),
        ("C", "2031-06-01", "scheduled"),
        ("D", None, "undated"),
    ]
    assert [each["ref"] for each in ask(queries.prospective, as_of="2031-01-01")] == ["C", "D"]
