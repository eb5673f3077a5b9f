"""A document and commands that speak of the same version: where they agree nothing is new, where not it is said."""

from typing import Any

import httpx
import pytest

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
    in_force,
    state,
    took,
)
from tests.ingest.recording.table import TABLE

DIRECTED = b"""

5.17 1st July 2018 Modifications to SEC

version 5.16 as directed

by the Secretary of

State pursuant to

Section 88(1) of the

Energy Act 2008

Amendments to Section H and Section G.
"""
VOTED = """

5.17 1st July 2018 Implementation of a

Modification Proposal

approved via Change

Board vote on the 23rd

May 2018.

Amendments to Section H due to

implementation of SECMP0046

“Allow DNOs to control Electric

Vehicle chargers”.
""".encode()
BOTH = [did("amended", "section/H"), did("amended", "section/G")]


def new_types(client: httpx.Client, told: Any) -> list[str]:
    first = told["positions"][0] - 1 if told["positions"] else 10**6
    items = (
        client.get("/v1/events", params={"after": first, "limit": 1000}).json()["items"] if told["positions"] else []
    )
    return [each["type"].removeprefix("uk.inforce.").removesuffix(".v1") for each in items]


def ingested(client: httpx.Client, row: bytes) -> list[str]:
    return new_types(client, took(client, TABLE.rstrip() + row))


NOTHING_BUT = ["source.received", "source.read"]


@pytest.mark.parametrize("base", ["5.16", None])
def test_a_later_document_that_says_the_same_adds_nothing(client: httpx.Client, base: str | None) -> None:
    extra = {"announced_on": "2018-06-20", "signed_on": "2018-06-19", "reason": "because"}
    done(ask(client, "directions", direction(*BOTH, base_version=base, **extra)))
    assert ingested(client, DIRECTED) == NOTHING_BUT
    assert state(client, "section/G", "2018-07-01")[1] == "5.17"


def test_a_later_document_that_says_the_same_of_an_approval_adds_nothing(client: httpx.Client) -> None:
    done(ask(client, "approvals", approval(decided_on="2018-05-23")))
    assert ingested(client, VOTED) == NOTHING_BUT


def test_commands_in_many_steps_come_to_what_the_document_says(client: httpx.Client) -> None:
    told = done(
        ask(client, "directions", direction(did("amended", "section/H"), did("amended", "section/F"), effective=None))
    )
    wrong = event_of(told, "SectionAmended", 1)
    done(ask(client, "corrections", {"event": wrong, "fact": {"ref": "G"}, "reason": "a slip", "source": SOURCE}))
    for day in ("2018-06-15", "2018-07-01"):
        done(ask(client, "reschedulings", {"version": "5.17", "effective": day, "source": SOURCE}))
    assert ingested(client, DIRECTED) == NOTHING_BUT
    assert (in_force(client, "2018-06-15"), in_force(client, "2018-07-01")) == ("5.16", "5.17")


def test_an_instrument_that_joined_is_the_second_of_the_row(client: httpx.Client) -> None:
    done(ask(client, "directions", direction(did("amended", "section/H"))))
    done(ask(client, "approvals", approval(did("amended", "section/D"), joins_version=True, effective="2018-06-30")))
    done(ask(client, "reschedulings", {"instrument": "5.17-2", "effective": "2018-07-01", "source": SOURCE}))
    days = {each["id"]: each["effective"] for each in get(client, "versions/5.17")["instruments"]}
    assert days == {"5.17-1": None, "5.17-2": "2018-07-01"}


@pytest.mark.parametrize(
    ("body", "about"),
    [
        (direction(*BOTH, effective="2018-07-02"), {"version/5.17"}),
        (direction(*BOTH, legal_basis=["SEC X5"]), {"instrument/5.17-1"}),
        (direction(*BOTH, base_version="5.15"), {"instrument/5.17-1"}),
        (direction(BOTH[0]), {"change/5.17/amended/section/G"}),
        (direction(*BOTH, did("deleted", "section/Q")), {"change/5.17/deleted/section/Q"}),
    ],
    ids=range(5),
)
def test_a_later_document_that_differs_is_a_conflict_and_what_was_commanded_is_not_lost(
    client: httpx.Client, body: Body, about: set[str]
) -> None:
    done(ask(client, "directions", body))
    told = took(client, TABLE.rstrip() + DIRECTED)
    assert new_types(client, told) == [*NOTHING_BUT, "conflict.noted"]
    assert {each["about"] for each in told["conflicts"]} == about


def test_a_document_with_the_old_day_of_what_was_moved_is_a_conflict(client: httpx.Client) -> None:
    done(ask(client, "directions", direction(*BOTH)))
    done(ask(client, "reschedulings", {"version": "5.17", "effective": "2018-08-01", "source": SOURCE}))
    told = took(client, TABLE.rstrip() + DIRECTED)
    assert [each["about"] for each in told["conflicts"]] == ["version/5.17"]


def test_a_command_after_the_document_is_refused_by_the_label_and_corrections_hold(client: httpx.Client) -> None:
    took(client, TABLE.rstrip() + DIRECTED)
    assert ask(client, "directions", direction(*BOTH)).status_code == 409
    done(ask(client, "reschedulings", {"version": "5.17", "effective": "2018-08-01", "source": SOURCE}))
    assert (in_force(client, "2018-07-01"), in_force(client, "2018-08-01")) == ("5.16", "5.17")
    moved = DIRECTED.replace(b"1st July", b"1st August")
    assert ingested(client, moved) == NOTHING_BUT
    again = TABLE.rstrip() + DIRECTED
    assert took(client, again)["new_events"] == 0
    assert in_force(client, "2018-07-01") == "5.16"
    change = next(each["id"] for each in get(client, "versions/5.17")["changes"] if each["ref"] == "G")
    done(ask(client, "corrections", {"event": change, "fact": None, "reason": "not in it", "source": SOURCE}))
    assert ingested(client, moved + b"\n") == [*NOTHING_BUT, "conflict.noted"]
