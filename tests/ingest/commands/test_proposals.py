"""The life of a proposal recorded by command: its steps, their order, and what is refused; on both databases."""

from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from tests.ingest.commands.asking import (
    SOURCE,
    Body,
    approval,
    ask,
    did,
    direction,
    done,
    event_of,
    get,
    refused,
    types,
    written,
)
from tests.ingest.commands.conftest import Kept


def step(proposal: str, name: str, day: str, **said: Any) -> Body:
    return {"proposal": proposal, "step": name, "effective": day, "source": SOURCE} | said


def test_a_proposal_is_raised_converted_refined_decided_and_implemented(client: httpx.Client) -> None:
    raised = done(ask(client, "proposals", step("DP099", "raised", "2018-01-10", by="A Supplier", title="Zones")))
    before = get(client, "proposals/DP099", as_of="2018-12-31")
    assert (before["stage"], before["title"], before["versions"]) == ("raised", "Zones", [])
    into = done(ask(client, "proposals", step("DP099", "converted", "2018-02-10", by="SEC Panel")))
    done(ask(client, "proposals", step("MP099", "refined", "2018-03-10")))
    body = approval(proposals=["MP099"], decided_on="2018-05-01")
    assert not done(ask(client, "approvals", body))["warnings"]
    assert [types(raised)[-1], types(into)[-1]] == ["ProposalRaised", "ProposalConverted"]
    one, other = (get(client, f"proposals/{name}", as_of="2018-07-01") for name in ("DP099", "MP099"))
    days = {name: taken and taken["date"] for name, taken in one["life"].items()}
    expected = ["2018-01-10", "2018-02-10", "2018-03-10", "2018-05-01", "2018-07-01", None]
    assert (one["life"], list(days.values())) == (other["life"], expected)
    assert (one["life"]["raised"]["by"], one["life"]["converted"]["into"]) == ("A Supplier", "MP099")
    assert one["life"]["raised"]["source"]["quote"] == SOURCE["quote"]
    stages = {
        day: get(client, "proposals/MP099", as_of=day)["stage"] for day in ("2018-01-09", "2018-02-10", "2018-05-02")
    }
    assert list(stages.values()) == [None, "converted", "decided"]
    position = raised["events"][-1]["position"]
    then = get(client, "proposals/DP099", as_of="2018-07-01", known_at=f"pos:{position}")
    assert (then["stage"], then["also"], then["life"]["refined"]) == ("raised", [], None)


def test_a_step_is_withdrawn_and_recorded_rightly_and_the_past_stays(client: httpx.Client) -> None:
    told = done(ask(client, "proposals", step("MP102", "withdrawn", "2018-04-01", reason="not needed")))
    event, place = event_of(told, "ProposalWithdrawn"), told["events"][-1]["position"]
    fix = {"event": event, "fact": {"effective": "2018-04-02"}, "reason": "misread", "source": SOURCE}
    refused(ask(client, "corrections", fix), 409, "conflict", "fact: null", "MP102")
    done(ask(client, "corrections", fix | {"fact": None}, If_Match='"1"'))
    assert get(client, "corrections")["items"][-1]["about"] == "proposal/MP102"
    get(client, "proposals/MP102", status=404)
    done(ask(client, "proposals", step("MP102", "withdrawn", "2018-04-02"), If_Match='"2"'))
    now = get(client, "proposals/MP102", as_of="2018-05-01")
    then = get(client, "proposals/MP102", as_of="2018-05-01", known_at=f"pos:{place}")
    assert [each["life"]["withdrawn"]["date"] for each in (now, then)] == ["2018-04-02", "2018-04-01"]
    assert (then["life"]["withdrawn"]["reason"], now["stage"]) == ("not needed", "withdrawn")


def test_a_decision_on_a_proposal_bears_on_its_steps(client: httpx.Client, engine: Engine) -> None:
    body = approval(proposals=["DP077"], decided_on="2018-05-01")
    told = done(ask(client, "approvals", body))
    rows = written(engine)
    for name, day in (("raised", "2018-05-02"), ("withdrawn", "2018-05-02"), ("converted", "2018-06-01")):
        refused(
            ask(client, "proposals", step("DP077", name, day)),
            409,
            "conflict",
            "decided on 2018-05-01",
        )
    assert written(engine) == rows
    later = done(ask(client, "proposals", step("MP077", "refined", "2018-05-02")))
    assert [each["code"] for each in later["warnings"]] == ["refined-later"]
    done(ask(client, "cancellations", {"instrument": told["instrument"], "source": SOURCE}))
    done(ask(client, "proposals", step("MP077", "withdrawn", "2018-05-03")))
    again = done(ask(client, "approvals", body | {"version": "5.18", "decided_on": "2018-05-02"}))
    assert [each["code"] for each in again["warnings"]] == ["withdrawn-already"]


def test_an_undated_decision_ends_what_can_be_withdrawn(client: httpx.Client) -> None:
    refused(ask(client, "proposals", step("SECMP0017", "withdrawn", "2016-08-01")), 409, "conflict", "4.15-2")
    alone = done(ask(client, "proposals", step("MP102", "raised", "2018-01-01")))
    assert types(alone) == ["SourceReceived", "ProposalRaised"]
    done(ask(client, "proposals", step("MP102A", "withdrawn", "2018-01-02")))
    assert get(client, "proposals/MP102")["life"]["withdrawn"] is None
    assert get(client, "proposals/MP102")["also"] == ["MP102A"]


def test_steps_are_taken_once_and_in_order(client: httpx.Client, engine: Engine) -> None:
    first = step("DP099", "raised", "2018-02-10")
    tried = ask(client, "proposals", first, dry_run=True)
    assert (done(tried, 200)["answers"], tried.headers["etag"]) == ([], '"0"')
    same = [ask(client, "proposals", first, Idempotency_Key="k", If_None_Match="*") for _ in range(2)]
    assert done(same[0]) == done(same[1])
    rows = written(engine)
    refused(ask(client, "proposals", first | {"by": "x"}, Idempotency_Key="k"), 409, "conflict")
    refused(ask(client, "proposals", step("MP099", "raised", "2018-02-11")), 409, "conflict", "raised on 2018-02-10")
    refused(ask(client, "proposals", step("DP099", "converted", "2018-02-09")), 409, "conflict", "2018-02-10")
    stale = ask(client, "proposals", step("DP099", "refined", "2018-03-01"), If_Match='"0"')
    refused(stale, 412, "precondition-failed", "found version 1")
    assert written(engine) == rows


@pytest.mark.parametrize(
    ("said", "status", "words"),
    [
        ({"proposal": "5,16"}, 400, ["5,16"]),
        ({"proposal": "XP099"}, 400, ["XP099"]),
        ({"step": "decided"}, 400, ["step"]),
        ({"effective": None}, 400, ["effective"]),
        ({"effective": "2018-02-30"}, 400, ["effective"]),
        ({"effective": "20180201"}, 400, ["effective"]),
        ({"effective": "2018-W05-4"}, 400, ["effective"]),
        ({"effective": "9999-12-31"}, 409, ["9999-12-31"]),
        ({"effective": "0001-01-01"}, 409, ["before the code"]),
        ({"step": "refined", "title": "t"}, 400, ["title"]),
        ({"step": "converted"}, 409, ["MP200"]),
        ({"colour": "red"}, 400, ["colour"]),
        ({"source": {"name": "n"}}, 400, ["source.quote"]),
    ],
)
def test_what_is_no_step_is_refused(kept: Kept, said: Body, status: int, words: list[str]) -> None:
    before = written(kept.engine)
    kind = "conflict" if status == 409 else "bad-parameter"
    refused(ask(kept.client, "proposals", step("MP200", "raised", "2018-01-01") | said), status, kind, *words)
    assert written(kept.engine) == before


def test_events_of_a_proposal_are_told_like_all_others(client: httpx.Client) -> None:
    told = done(ask(client, "proposals", step("DP099", "raised", "2018-01-10", by="A Supplier")))
    event = client.get(f"/v1/events/{told['events'][-1]['id']}").json()
    assert (event["type"], event["subject"]) == ("uk.inforce.proposal.raised.v1", "proposal/DP099")
    assert event["data"]["effective"] == "2018-01-10"
    feed = client.get("/v1/feeds/changes.json?type=proposal.*").json()
    assert [each["title"] for each in feed["items"]] == ["SEC: proposal DP099 raised by A Supplier on 10 January 2018"]
    assert done(ask(client, "directions", direction(did("amended", "section/K"))))["instrument"] == "5.17-1"
