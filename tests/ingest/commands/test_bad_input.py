"""What is no direction or approval is refused with what was found and what was expected, and nothing is written."""

from typing import Any

import httpx
import pytest

from tests.ingest.commands.asking import SOURCE, Body, approval, ask, did, direction, refused, written
from tests.ingest.commands.conftest import Kept

REFUSED: list[tuple[str, Body, int, list[str]]] = [
    ("directions", direction(authority="Secretary of Sate"), 400, ["authority", "Secretary of Sate", "Change Board"]),
    ("directions", direction(authority=""), 400, ["authority"]),
    ("directions", direction(authority="Change Board"), 400, ["approvals"]),
    ("approvals", direction(), 400, ["directions"]),
    ("directions", direction(legal_basis=["Energy Act 2008 s88(1) and more"]), 400, ["legal_basis", "and more"]),
    ("directions", direction(legal_basis=["Magna Carta"]), 400, ["Magna Carta"]),
    ("directions", direction(legal_basis="Energy Act 2008 s89"), 400, ["legal_basis"]),
    ("directions", direction(effective="2018-02-29"), 400, ["effective"]),
    ("directions", direction(effective="1 July 2018"), 400, ["effective", "YYYY-MM-DD", "1 July 2018"]),
    ("directions", direction(effective="2018-7-1"), 400, ["effective", "YYYY-MM-DD"]),
    ("directions", direction(effective="2018-03-25T00:30:00+01:00"), 400, ["effective", "YYYY-MM-DD"]),
    ("directions", direction(effective="2018-10-28T00:00:00Z"), 400, ["effective", "YYYY-MM-DD"]),
    ("directions", direction(effective="٢٠١٨-٠٧-٠١"), 400, ["effective"]),
    ("directions", direction(effective=20180701), 400, ["effective", "YYYY-MM-DD"]),
    ("directions", direction(effective=1530403200.0), 400, ["effective"]),
    ("directions", direction(effective=True), 400, ["effective"]),
    ("directions", direction(effective=""), 400, ["effective"]),
    ("directions", direction(decided_on="soon"), 400, ["decided_on", "soon"]),
    ("directions", direction(effective="2013-09-22"), 409, ["2013-09-22", "2013-09-23"]),
    ("directions", direction(did("amended", "section/D", effective="2012-01-01")), 409, ["2012-01-01"]),
    ("directions", direction(effective="0001-01-01"), 409, ["2013-09-23"]),
    ("directions", direction(version="5,16"), 400, ["version", "5,16"]),
    ("directions", direction(version="5.16"), 409, ["5.16", "joins_version"]),
    ("directions", direction(version="5.99", joins_version=True), 409, ["5.99"]),
    ("directions", direction(version=5.17), 400, ["version"]),
    ("directions", direction(version="v5.17"), 400, ["v5.17"]),
    ("directions", direction(version="٥.١٧"), 400, ["version"]),
    ("directions", direction(base_version="5,16"), 400, ["base_version", "5,16"]),
    ("directions", direction(version=None, topics=["Financing"]), 400, ["topics"]),
    ("directions", direction(version=None, joins_version=True), 409, ["joins_version"]),
    ("directions", direction(instrument="5.16-1"), 409, ["5.16-1"]),
    ("directions", direction(instrument="a/b"), 400, ["instrument"]),
    ("directions", direction(instrument="../../x"), 400, ["instrument"]),
    ("directions", direction(did("amended", "section/h15")), 400, ["changes.0", "h15", "H3.22"]),
    (
        "directions",
        direction(did("amended", "section/D"), did("amended", "section/H15..3")),
        400,
        ["changes.1", "H15..3"],
    ),
    ("directions", direction(did("amended", "section/H10.13-H10.9")), 400, ["H10.13-H10.9"]),
    ("directions", direction(did("amended", "schedule/Nine")), 400, ["Nine"]),
    ("directions", direction(did("amended", "appendix/")), 400, ["changes.0.ref"]),
    ("directions", direction(did("amended", "document/The Title")), 400, ["The Title"]),
    ("directions", direction(did("amended", "clause/1")), 400, ["clause", "section"]),
    ("directions", direction(did("amended", "code/DCUSA")), 400, ["DCUSA"]),
    ("directions", direction(did("repealed", "section/H")), 400, ["action", "repealed"]),
    ("directions", direction(did("activated", "section/H", exclusions=["h3"])), 400, ["h3"]),
    ("directions", direction(did("amended", "section/H", via="G")), 400, ["via"]),
    ("directions", direction(did("amended", "section/H", alongside="yes")), 400, ["alongside"]),
    (
        "directions",
        direction(did("deleted", "section/K4"), did("activated", "section/K4.1")),
        409,
        ["activated K4.1", "deleted"],
    ),
    ("approvals", approval(proposals=["SECMP46"]), 400, ["SECMP46"]),
    ("approvals", approval(did("amended", "section/H", proposal="CP1500")), 400, ["CP1500"]),
    ("directions", direction(source=None), 400, ["source"]),
    ("directions", direction(source={"name": "n"}), 400, ["source.quote"]),
    ("directions", direction(source=SOURCE | {"quote": " \n "}), 400, ["source.quote"]),
    ("directions", direction(source=SOURCE | {"url": "letter.pdf"}), 400, ["source.url"]),
    ("directions", direction(source=SOURCE | {"sha256": "ab" * 32}), 400, ["source.sha256"]),
    ("directions", direction(actor="somebody else"), 400, ["actor"]),
    ("directions", {}, 400, ["authority"]),
]


@pytest.mark.parametrize(("command", "body", "status", "words"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_no_such_command_is_refused(
    kept: Kept, command: str, body: Body, status: int, words: list[str]
) -> None:
    before = written(kept.engine)
    for dry_run in (False, True):
        answer = ask(kept.client, command, body, dry_run)
        refused(answer, status, "bad-parameter" if status == 400 else "conflict", *words)
    assert written(kept.engine) == before


@pytest.mark.parametrize("missing", ["authority", "effective", "source"])
def test_what_has_to_be_said_is_named(kept: Kept, missing: str) -> None:
    body = direction()
    del body[missing]
    refused(ask(kept.client, "directions", body), 400, "bad-parameter", missing, "required")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", ["body"]),
        (b"null", ["body"]),
        (b"[]", ["body"]),
        (b'"direction"', ["body"]),
        (b"{", ["body"]),
        (b"{'authority': 1}", ["body"]),
        (b"\xff\xfe{}", ["body"]),
        (b"\xef\xbb\xbf{}", ["body"]),
        (b"[" * 100_000, ["body"]),
        (b'{"a":' * 40_000 + b"1" + b"}" * 40_000, ["body"]),
        (b'{"authority": ' + b"9" * 200_000 + b"}", ["body", "9"]),
        (b'{"authority": 1e999999}', ["authority"]),
        (b'{"authority": NaN}', ["authority"]),
        (b'{"authority": "\\ud800"}', ["body"]),
        (b'{"authority": "\xed\xa0\x80"}', ["body"]),
        (b'{"authority": "Secretary of State\\u0000"}', ["authority"]),
    ],
    ids=range(16),
)
def test_hostile_bodies_are_refused_in_one_line(kept: Kept, body: bytes, words: list[str]) -> None:
    before = written(kept.engine)
    answer = kept.client.post("/v1/codes/sec/directions", content=body)
    refused(answer, 400, "bad-parameter")
    assert any(word in answer.json()["detail"] for word in words), answer.text
    assert len(answer.content) < 1_000
    assert written(kept.engine) == before


@pytest.mark.parametrize("place", ["", "source", "changes"])
def test_a_field_given_twice_is_refused(kept: Kept, place: str) -> None:
    text = {
        "": '{"effective": "2018-07-01", "effective": "2018-08-01", "authority": "Secretary of State", "source": %s}',
        "source": '{"effective": null, "authority": "Secretary of State", "source": {"name": "a", "name": "b", "quote": "q"}}',
        "changes": '{"effective": null, "authority": "Secretary of State", "source": %s, "changes":'
        ' [{"action": "deleted", "kind": "section", "ref": "A", "ref": "B"}]}',
    }[place].replace("%s", '{"name": "a", "quote": "q"}')
    before = written(kept.engine)
    answer = kept.client.post("/v1/codes/sec/directions", content=text.encode())
    refused(answer, 400, "bad-parameter", "more than once")
    assert written(kept.engine) == before


def test_a_body_may_only_be_so_large(kept: Kept) -> None:
    before = written(kept.engine)
    many = direction(*[did("amended", f"section/H{n}") for n in range(10_000)])
    refused(ask(kept.client, "directions", many), 413, "too-large", "262144")
    fewer = direction(*[did("amended", f"section/H{n}") for n in range(501)])
    refused(ask(kept.client, "directions", fewer), 400, "bad-parameter", "changes", "500")
    quoted = direction(source=SOURCE | {"quote": "q" * 20_001})
    refused(ask(kept.client, "directions", quoted), 400, "bad-parameter", "source.quote")
    assert written(kept.engine) == before


@pytest.mark.parametrize("code", ["SEC", "dcusa", "", "%00", "x" * 300])
def test_nothing_is_said_of_a_code_that_nobody_described(kept: Kept, code: str) -> None:
    before = written(kept.engine)
    answer = kept.client.post(f"/v1/codes/{code}/directions", json=direction())
    assert answer.status_code in (404, 405)
    assert written(kept.engine) == before


def test_a_long_list_of_changes_is_recorded(client: httpx.Client) -> None:
    many = direction(*[did("amended", f"section/K{n}.{n}") for n in range(500)])
    answer = ask(client, "directions", many)
    assert answer.status_code == 201
    assert len(answer.json()["events"]) == 503


def test_a_token_of_scope_command_is_asked_for(client: httpx.Client, engine: Any) -> None:
    from tests.doors.posting import bearing, made

    wrong, right = made(engine, "reader", "ingest", "audit", "subscribe"), made(engine, "panel", "command")
    before = written(engine)
    for command in (
        "directions",
        "approvals",
        "corrections",
        "reschedulings",
        "cancellations",
        "proposals",
        "conflicts/x/resolutions",
    ):
        refused(ask(client, command, {}), 401, "unauthorized")
        assert client.post(f"/v1/codes/sec/{command}", json={}, headers=bearing(wrong)).status_code == 403
    assert written(engine) == before
    assert client.post("/v1/codes/sec/directions", json=direction(), headers=bearing(right)).status_code == 201
    assert client.get("/v1/events?after=238").json()["items"][0]["data"]["actor"] == "panel"
