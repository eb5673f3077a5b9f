"""Proposals with their lives and families, and what a version, a proposal or some days touch: on both databases."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from events.facts import ModificationApproved
from events.knowing_better import ChangeCancelled
from events.store import read
from events.vocabulary import Quotation
from services.doors.parameters import BadParameter
from services.projection import queries
from services.projection.instruments import UnknownVersion
from services.projection.point import LONDON
from services.projection.proposals import UnknownProposal
from tests.projection.ledger import Ledger

WORDS = Quotation(sha256="ab" * 32, spans=((0, 3),), quote="the letter")


@pytest.fixture
def ledger(engine: sa.Engine) -> Ledger:
    made = Ledger(engine)
    made.record(
        made.directed("4.0-1", "2014-01-01", legal_basis=("SEC X5.4", "DCC Licence Condition 22")),
        made.version("4.0", "2014-01-01", instruments=("4.0-1",)),
        made.changed("designated", "appendix/AC", "4.0", "2014-01-01"),
        approved(made, "5.6-1", ("DP099",), decided_on=date(2017, 1, 17)),
        made.version("5.6", "2017-04-01", instruments=("5.6-1",)),
        made.changed("amended", "section/X5", "5.6", "2017-04-01", proposal="DP099", source=WORDS),
    )
    return made


def approved(ledger: Ledger, name: str, proposals: tuple[str, ...], **more: Any) -> ModificationApproved:
    version = name.rpartition("-")[0]
    given = {"code": "sec", "actor": "t", "authority": "Change Board", "version": version, "source": WORDS}
    return ModificationApproved(instrument=name, proposals=proposals, **given, **more)


@pytest.fixture
def ask(ledger: Ledger) -> Callable[..., Any]:
    def asked(query: Callable[..., Any], *arguments: Any, as_of: str = "2018-05-31", known: Any = None) -> Any:
        with ledger.engine.connect() as connection:
            return query(connection, ledger.point(connection, as_of, known), *arguments)

    return asked


def test_a_proposal_tells_its_life_as_of_the_day_and_null_where_nothing_is_recorded(ask: Callable[..., Any]) -> None:
    told = ask(queries.proposal, "DP099")
    assert (told["life"]["raised"], told["life"]["refined"], told["life"]["withdrawn"]) == (None, None, None)
    assert told["life"]["decided"] == {
        "date": "2017-01-17",
        "by": "Change Board",
        "instrument": "5.6-1",
        "source": WORDS.model_dump(mode="json"),
    }
    assert (told["life"]["implemented"]["date"], told["life"]["implemented"]["version"]) == ("2017-04-01", "5.6")
    assert (told["stage"], told["expected"], told["versions"]) == ("implemented", None, ["5.6"])
    assert told["provisions"] == [{"kind": "section", "ref": "X5"}]
    before = ask(queries.proposal, "DP099", as_of="2017-03-31")
    assert (before["stage"], before["life"]["implemented"], before["expected"]["date"]) == (
        "decided",
        None,
        "2017-04-01",
    )
    assert ask(queries.proposal, "DP099", as_of="2016-12-31")["stage"] is None


def test_a_proposal_that_was_converted_is_one_under_either_name_and_knows_its_alternatives(
    ledger: Ledger, ask: Callable[..., Any]
) -> None:
    ledger.record(
        approved(ledger, "5.7-1", ("MP099", "MP102")),
        ledger.version("5.7", "2017-05-01"),
        ledger.changed("amended", "section/G", "5.7", "2017-05-01", proposal="MP099"),
        approved(ledger, "5.8-1", ("MP102A",)),
        ledger.version("5.8", "2017-06-01"),
        ledger.changed("amended", "section/K", "5.8", "2017-06-01"),
    )
    one, other = ask(queries.proposal, "DP099"), ask(queries.proposal, "MP099")
    assert (one["id"], one["also"], other["id"], other["also"]) == ("DP099", ["MP099"], "MP099", ["DP099"])
    assert one["versions"] == other["versions"] == ["5.6", "5.7"]
    assert one["life"] == other["life"]
    assert ask(queries.proposal, "MP102")["also"] == ["MP102A"]
    assert ask(queries.proposal, "DP102")["also"] == ["MP102", "MP102A"]
    assert ask(queries.proposal, "MP102A")["provisions"] == [{"kind": "section", "ref": "K"}]
    assert [each["id"] for each in ask(queries.proposals)] == ["MP099", "MP102", "MP102A"]
    with pytest.raises(UnknownProposal) as refused:
        ask(queries.proposal, "MP102B")
    assert refused.value.extra == {"nearest": ["MP102", "MP102A"]}


def test_a_proposal_all_of_whose_changes_are_cancelled_is_withdrawn(ledger: Ledger, ask: Callable[..., Any]) -> None:
    (_, _, first, second) = ledger.record(
        approved(ledger, "6.0-1", ("MP200",), decided_on=date(2018, 1, 1)),
        ledger.version("6.0", "2031-01-01"),
        ledger.changed("amended", "section/G", "6.0", "2031-01-01", proposal="MP200"),
        ledger.changed("amended", "section/K", "6.0", "2031-01-01", proposal="MP200"),
    )
    ledger.record(ChangeCancelled(code="sec", actor="t", change=first.id), streams={0: first.stream})
    told = ask(queries.proposal, "MP200")
    assert (told["stage"], told["expected"]["date"]) == ("decided", "2031-01-01")
    ledger.record(ChangeCancelled(code="sec", actor="t", change=second.id, source=WORDS), streams={0: second.stream})
    told = ask(queries.proposal, "MP200")
    assert (told["stage"], told["expected"]) == ("withdrawn", None)
    assert told["life"]["withdrawn"]["source"]["quote"] == "the letter"
    with ledger.engine.connect() as connection:
        recorded_at = read(connection)[-1].recorded_at
    assert told["life"]["withdrawn"]["date"] == recorded_at.astimezone(LONDON).date().isoformat()


@pytest.mark.parametrize("of", ["5.6", "DP099", "MP099", "2017-01-01..2017-12-31"])
def test_impact_tells_what_is_touched_and_what_rests_on_it(ask: Callable[..., Any], of: str) -> None:
    told = ask(queries.impact, of)
    assert [(each["kind"], each["ref"], each["actions"], each["referred_by"]) for each in told["provisions"]] == [
        ("section", "X5", ["amended"], ["4.0-1"])
    ]
    assert told["referring"][0]["legal_basis"] == ["SEC X5.4", "DCC Licence Condition 22"]
    assert told["counts"] == {
        "changes": 1,
        "provisions": 1,
        "by_kind": {"section": 1},
        "by_action": {"amended": 1},
        "referring": 1,
    }


def test_impact_of_an_appendix_is_told_by_the_instruments_that_name_it(ledger: Ledger, ask: Callable[..., Any]) -> None:
    ledger.record(ledger.directed("5.9-1", legal_basis=("SEC Appendix AC",)), ledger.version("5.9", "2017-07-01"))
    assert ask(queries.impact, "4.0")["provisions"][0]["referred_by"] == ["5.9-1"]
    assert ask(queries.impact, "5.9")["counts"]["provisions"] == 0


@pytest.mark.parametrize(
    ("of", "refusal"),
    [
        ("9.9", UnknownVersion),
        ("MP777", UnknownProposal),
        ("5,16", BadParameter),
        ("2017-01-01..", BadParameter),
        ("2017-02-30..2017-03-01", BadParameter),
        ("2017-03-01..2017-02-01", BadParameter),
    ],
)
def test_impact_of_what_is_not_known_or_of_no_form_is_refused(ask: Callable[..., Any], of: str, refusal: Any) -> None:
    with pytest.raises(refusal):
        ask(queries.impact, of)
