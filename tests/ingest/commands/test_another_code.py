"""A second code on the same ledger needs its shape described and nothing else: every command is said of it as of the first."""

import re
from typing import Any

import httpx
import pytest

from services.law import codes
from services.law.shapes import Code, Kind
from tests.ingest.commands.asking import SOURCE, Body, ask, did, direction, done, event_of, refused, took

DCUSA = Code(
    id="dcusa",
    title="Distribution Connection and Use of System Agreement",
    ref="DCUSA",
    kinds={
        "code": Kind("code", re.compile("DCUSA")),
        "clause": Kind("clause", re.compile(r"\d+[A-Z]?(\.\d+)*"), nested=True, example="22.3"),
        "document": Kind("document", re.compile(r"[a-z0-9-]+")),
    },
    authorities=frozenset({"Panel", "Authority"}),
    directing=frozenset({"Authority"}),
    label=re.compile(r"\d+\.\d+"),
    proposal=re.compile(r"DCP\d{3}[A-Z]?"),
    precedence=("instrument", "page"),
)
SAID = {"reason": "misread", "source": SOURCE}


@pytest.fixture
def client(bare: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> httpx.Client:
    monkeypatch.setitem(codes.CODES, "dcusa", DCUSA)  # type: ignore[arg-type]
    took(bare)
    return bare


def say(client: httpx.Client, command: str, body: Body, **more: Any) -> httpx.Response:
    return client.post(f"/v1/codes/dcusa/{command}", json=body, **more)


def test_every_command_is_said_of_a_second_code_in_its_own_words(client: httpx.Client) -> None:
    body = direction(did("amended", "clause/22.3"), authority="Authority", version="9.1", legal_basis=["Licence 22"])
    told = done(say(client, "directions", body))
    assert [each["stream"] for each in told["events"][1:]] == [
        "dcusa/instrument/9.1-1", "dcusa/version/9.1", "dcusa/clause/22.3",
    ]  # fmt: skip
    change = event_of(told, "ProvisionAmended")
    joins = {
        "authority": "Panel",
        "proposals": ["DCP100A"],
        "joins_version": True,
        "changes": [did("deleted", "clause/23")],
    }
    done(say(client, "approvals", body | joins))
    done(say(client, "corrections", {"event": change, "fact": {"ref": "22.4", "action": "activated"}, **SAID}))
    done(say(client, "reschedulings", {"version": "9.1", "effective": "2018-08-01", "source": SOURCE}))
    answer = client.get("/v1/codes/dcusa/provisions/clause/22.4.1", params={"as_of": "2018-08-01"}).json()
    assert (answer["state"], answer["version"]) == ("active", "9.1")
    done(say(client, "cancellations", {"instrument": "9.1-1", "source": SOURCE}))
    done(
        say(client, "proposals", {"proposal": "DCP101", "step": "raised", "effective": "2018-08-01", "source": SOURCE})
    )
    assert client.get("/v1/codes/dcusa/proposals/DCP101").json()["stage"] == "raised"
    assert client.get("/v1/codes/sec/proposals/DCP101").status_code == 404


def test_what_is_of_one_code_is_none_of_the_other(client: httpx.Client) -> None:
    body = direction(did("amended", "clause/22.3"), authority="Authority", version="9.1", legal_basis=[])
    change = event_of(done(say(client, "directions", body)), "ProvisionAmended")
    end = client.get("/v1/status").json()["log"]["position"]
    refused(ask(client, "corrections", {"event": change, "fact": None, **SAID}), 404, "unknown-event", "dcusa")
    refused(ask(client, "cancellations", {"version": "9.1", "source": SOURCE}), 404, "unknown-event", "sec")
    refused(say(client, "cancellations", {"version": "5.16", "source": SOURCE}), 404, "unknown-event", "dcusa")
    refused(say(client, "directions", direction(version="9.2")), 400, "bad-parameter", "Secretary of State")
    newsletter = body | {"version": "9.2", "source": SOURCE | {"kind": "newsletter"}}
    refused(say(client, "directions", newsletter), 400, "bad-parameter", "instrument, page")
    step = {"proposal": "DCP101", "step": "converted", "effective": "2018-08-01", "source": SOURCE}
    refused(say(client, "proposals", step), 409, "conflict", "no other letters in dcusa")
    refused(say(client, "proposals", step | {"proposal": "DP101"}), 400, "bad-parameter", "DP101")
    assert client.get("/v1/status").json()["log"]["position"] == end
