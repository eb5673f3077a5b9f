"""A command says what kind of source its words are from; a document of a kind believed more overrules it."""

import httpx

from tests.ingest.commands.asking import SOURCE, approval, ask, did, get
from tests.ingest.recording.table import TABLE

VOTED = b"""

5.17 1st July 2018 Implementation of a

Modification Proposal

approved via Change

Board vote on 6th

June 2018.

Amendments to Section H due to implementation of

SECMP0046 "Words".
"""


def decided_on(client: httpx.Client) -> str:
    return str(get(client, "instruments/5.17-1", as_of="2018-08-01")["decided_on"])


def test_a_newsletter_that_a_command_quotes_is_believed_less_than_the_table(client: httpx.Client) -> None:
    told = approval(did("amended", "section/H", proposal="SECMP0046"), decided_on="2018-06-15")
    told["source"] = SOURCE | {"kind": "newsletter"}
    assert ask(client, "approvals", told).status_code == 201
    assert decided_on(client) == "2018-06-15"
    assert client.post("/v1/ingestions", content=TABLE + VOTED).status_code == 201
    assert decided_on(client) == "2018-06-06"


def test_the_act_itself_that_a_command_quotes_is_believed_more_than_the_table(client: httpx.Client) -> None:
    told = approval(did("amended", "section/H", proposal="SECMP0046"), decided_on="2018-06-15")
    assert ask(client, "approvals", told).status_code == 201
    assert client.post("/v1/ingestions", content=TABLE + VOTED).status_code == 201
    assert decided_on(client) == "2018-06-15"


def test_a_kind_of_source_that_the_code_does_not_rank_is_refused(client: httpx.Client) -> None:
    answer = ask(client, "approvals", approval() | {"source": SOURCE | {"kind": "rumour"}})
    assert answer.status_code == 400
    assert "source.kind: found 'rumour'; expected one of instrument, table" in answer.json()["detail"]
