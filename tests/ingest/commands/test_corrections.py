"""One recorded fact superseded or withdrawn: the old answers stay, the new ones follow, what cannot be corrected is said."""

from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from tests.ingest.commands.asking import (
    SOURCE,
    Body,
    ask,
    did,
    direction,
    done,
    event_of,
    get,
    in_force,
    provision,
    refused,
    state,
    types,
    written,
)
from tests.ingest.commands.conftest import Kept


def fix(event: str, fact: Any, **said: Any) -> Body:
    return {"event": event, "fact": fact, "reason": "the letter says otherwise", "source": SOURCE} | said


def event_in(client: httpx.Client, label: str, ref: str) -> str:
    return next(each["id"] for each in get(client, f"versions/{label}")["changes"] if each["ref"] == ref)


def test_a_change_is_corrected_in_the_fields_given_and_past_answers_stay(client: httpx.Client) -> None:
    change = event_in(client, "5.16", "P")
    before = client.get("/v1/codes/sec/provisions/section/P?as_of=2018-06-01&known_at=pos:238").content
    told = done(ask(client, "corrections", fix(change, {"effective": "2018-06-02", "title": "Production Proving"})))
    assert types(told) == ["SourceReceived", "FactCorrected"]
    assert told["events"][1]["stream"] == "sec/section/P"
    assert told["instrument"] == "5.16-1"
    assert state(client, "section/P", "2018-06-01") == ("unrecorded", None)
    now = provision(client, "section/P", "2018-06-02")
    assert (now["state"], now["title"], now["because"][0]["id"]) == ("designated", "Production Proving", change)
    assert now["because"][0]["source"]["quote"] == SOURCE["quote"]
    assert state(client, "section/P", "2018-06-01", "pos:238")[0] == "designated"
    assert client.get("/v1/codes/sec/provisions/section/P?as_of=2018-06-01&known_at=pos:238").content == before


def test_a_fact_can_be_corrected_again_and_then_withdrawn(client: httpx.Client) -> None:
    change = event_in(client, "5.16", "P")
    for day in ("2018-06-02", "2018-06-03"):
        done(ask(client, "corrections", fix(change, {"effective": day})))
    assert state(client, "section/P", "2018-06-02")[0] == "unrecorded"
    told = done(ask(client, "corrections", fix(change, None)))
    assert types(told) == ["FactRetracted"]
    assert [each["ref"] for each in get(client, "changes", as_of="2018-07-01", limit=1000)["items"]].count("P") == 0
    refused(
        ask(client, "corrections", fix(change, {"ref": "Q"})), 409, "conflict", "was withdrawn", told["events"][0]["id"]
    )


def test_a_change_can_turn_out_to_be_of_another_provision_kind_or_action(client: httpx.Client) -> None:
    change = event_in(client, "5.16", "P")
    done(ask(client, "corrections", fix(change, {"kind": "appendix", "ref": "AM", "action": "redesignated"})))
    assert state(client, "appendix/AM", "2018-06-01") == ("designated", "5.16")
    (item,) = [each for each in get(client, "changes", as_of="2018-06-01", limit=1000)["items"] if each["id"] == change]
    assert (item["kind"], item["ref"], item["action"]) == ("appendix", "AM", "redesignated")
    assert state(client, "section/P", "2018-06-01") == ("unrecorded", None)


def test_an_instrument_and_a_version_are_corrected_and_what_stays_behind_is_said(client: httpx.Client) -> None:
    version = get(client, "versions/5.16")
    told = done(ask(client, "corrections", fix(version["instruments"][0]["event"], {"announced_on": "2018-05-30"})))
    assert told["warnings"] == []
    assert get(client, "instruments/5.16-1")["announced_on"] == "2018-05-30"
    told = done(ask(client, "corrections", fix(version["id"], {"effective": "2018-06-01"})))
    assert [each["code"] for each in told["warnings"]] == ["changes-stay"]
    assert "10 of its changes stay on 2018-05-31" in told["warnings"][0]["message"]
    assert (in_force(client, "2018-05-31"), in_force(client, "2018-06-01")) == ("5.15", "5.16")


def test_what_carried_changes_is_withdrawn_and_they_stay_known_without_it(client: httpx.Client) -> None:
    version = get(client, "versions/5.16")
    pinned = get(client, "versions/5.16", known_at="pos:238")
    told = done(ask(client, "corrections", fix(version["instruments"][0]["event"], None)))
    assert [each["message"] for each in told["warnings"]] == [
        "it is withdrawn, 10 of its changes stay on days of their own"
    ]
    assert get(client, "versions/5.16")["instruments"] == []
    get(client, "instruments/5.16-1", 404)
    (change,) = get(client, "changes", affected="section/P")["items"]
    assert (change["instrument"], change["authority"], change["legal_basis"]) == ("5.16-1", None, [])
    told = done(ask(client, "corrections", fix(version["id"], None)))
    assert [each["code"] for each in told["warnings"]] == ["changes-stay"]
    get(client, "versions/5.16", 404)
    assert in_force(client, "2018-06-01") == "5.15"
    assert state(client, "section/P", "2018-06-01") == ("designated", "5.16")
    refused(
        ask(client, "reschedulings", {"version": "5.16", "effective": None, "source": SOURCE}), 404, "unknown-event"
    )
    assert get(client, "versions/5.16", known_at="pos:238") == pinned


def test_an_instrument_of_another_authority_is_the_act_that_this_one_does(client: httpx.Client) -> None:
    act = get(client, "instruments/5.16-1")["event"]
    told = done(ask(client, "corrections", fix(act.upper(), {"authority": "Change Board", "legal_basis": []})))
    event = client.get(f"/v1/events/{event_of(told, 'FactCorrected')}").json()["data"]
    assert (event["fact"]["type"], event["supersedes"]) == ("ModificationApproved", act)
    assert get(client, "instruments/5.16-1")["authority"] == "Change Board"
    done(ask(client, "corrections", fix(act, {"authority": "Secretary of State"})))
    at = client.get("/v1/events?type=fact.corrected").json()["items"][-1]["data"]
    assert at["fact"]["type"] == "ModificationDirected"


def test_a_change_is_given_to_another_instrument_that_there_is(client: httpx.Client) -> None:
    change = event_in(client, "4.15", "J")
    done(ask(client, "corrections", fix(change, {"instrument": "4.15-2"})))
    assert get(client, "provisions/appendix/J/history", as_of="2016-09-01")["items"][-1]["authority"] == "SEC Panel"


def test_what_was_cancelled_stays_so_when_it_is_corrected(client: httpx.Client) -> None:
    told = done(ask(client, "directions", direction(did("designated", "section/Y"), effective="2097-01-01")))
    change = event_of(told, "SectionDesignated")
    done(ask(client, "cancellations", {"change": change, "source": SOURCE}))
    done(ask(client, "corrections", fix(change, {"title": "Why"})))
    (item,) = [each for each in get(client, "changes", as_of="2097-01-01", limit=1000)["items"] if each["id"] == change]
    assert (item["status"], item["title"]) == ("cancelled", "Why")


REFUSED = [
    ({"effective": "2018-05-31"}, 400, ["recorded already"]),
    ({}, 400, ["recorded already"]),
    ({"authority": "SEC Panel"}, 400, ["fact.authority", "effective"]),
    ({"version": "5.17"}, 400, ["version"]),
    ({"ref": "H15..3"}, 400, ["ref"]),
    ({"ref": None}, 400, ["ref"]),
    ({"kind": "clause"}, 400, ["clause"]),
    ({"action": "repealed"}, 400, ["action"]),
    ({"effective": "31/05/2018"}, 400, ["effective", "YYYY-MM-DD"]),
    ({"effective": 20180531}, 400, ["effective"]),
    ({"effective": "2012-05-31"}, 409, ["2013-09-23"]),
    ({"title": "a\x00b"}, 400, ["title"]),
    ({"title": "t" * 1001}, 400, ["title"]),
    ({"instrument": "9.9-1"}, 400, ["9.9-1"]),
    ({"proposal": "SECMP46"}, 400, ["SECMP46"]),
    ({"alongside": 1}, 400, ["alongside"]),
    ({"exclusions": "P1"}, 400, ["exclusions"]),
    ({"source": None}, 400, ["source"]),
    ([], 400, ["fact"]),
    ("H", 400, ["fact"]),
]


@pytest.mark.parametrize(("fact", "status", "words"), REFUSED, ids=repr)
def test_what_is_no_correction_of_a_change_is_refused(kept: Kept, fact: Any, status: int, words: list[str]) -> None:
    before = written(kept.engine)
    answer = ask(kept.client, "corrections", fix(event_in(kept.client, "5.16", "P"), fact))
    refused(answer, status, "bad-parameter" if status == 400 else "conflict", *words)
    assert written(kept.engine) == before


def test_only_facts_of_the_code_that_stand_are_corrected(kept: Kept) -> None:
    before = written(kept.engine)
    items = kept.client.get("/v1/events?limit=1000").json()["items"]
    source = next(each["id"] for each in items if each["type"].startswith("uk.inforce.source.received"))
    lettered = next(each["id"] for each in items if each["type"].startswith("uk.inforce.document.lettered"))
    refused(ask(kept.client, "corrections", fix(source, None)), 409, "conflict", "SourceReceived")
    refused(ask(kept.client, "corrections", fix(lettered, None)), 409, "conflict", "letter")
    for event in ("01900000-0000-7000-8000-000000000000", "nothing", "x" * 200):
        assert ask(kept.client, "corrections", fix(event, None)).status_code == 404
    assert ask(kept.client, "corrections", fix("x" * 201, None)).status_code == 400
    for missing in ("reason", "source", "event", "fact"):
        body = fix(source, None)
        del body[missing]
        refused(ask(kept.client, "corrections", body), 400, "bad-parameter", missing)
    for reason in ("", " ", None, "r" * 1001):
        refused(ask(kept.client, "corrections", fix(source, None, reason=reason)), 400, "bad-parameter", "reason")
    assert written(kept.engine) == before


def test_a_correction_of_a_correction_names_the_fact_to_correct(client: httpx.Client, engine: Engine) -> None:
    change = event_in(client, "5.16", "P")
    told = done(ask(client, "corrections", fix(change, {"title": "Proving"})))
    before = written(engine)
    for fact in (None, {"title": "More"}):
        answer = ask(client, "corrections", fix(event_of(told, "FactCorrected"), fact))
        refused(answer, 409, "conflict", "FactCorrected", change)
    assert written(engine) == before


def test_an_event_of_another_code_is_refused(client: httpx.Client, engine: Engine) -> None:
    from tests.projection.ledger import Ledger

    (other,) = Ledger(engine, "dcusa").record(Ledger(engine, "dcusa").version("1", "2020-01-01"))
    before = written(engine)
    refused(ask(client, "corrections", fix(other.id, None)), 404, "unknown-event", "dcusa", "sec")
    moved = {"change": other.id, "effective": "2020-01-02", "source": SOURCE}
    refused(ask(client, "reschedulings", moved), 404, "unknown-event", "dcusa")
    assert written(engine) == before


def test_what_was_done_to_a_document_before_its_letter_is_withdrawn_under_either_name(client: httpx.Client) -> None:
    given = [
        did("amended", "document/widget-plan", title="Widget Plan"),
        did("designated", "appendix/BB", title="Widget Plan"),
    ]
    told = done(ask(client, "directions", direction(*given)))
    assert state(client, "document/widget-plan", "2018-07-02") == ("designated", "5.17")
    for kind in ("AppendixDesignated", "DocumentAmended"):
        done(ask(client, "corrections", {"event": event_of(told, kind), "fact": None, "reason": "r", "source": SOURCE}))
    assert state(client, "document/widget-plan", "2018-07-02") == ("unrecorded", None)
    assert state(client, "appendix/BB", "2018-07-02") == ("unrecorded", None)
