"""A command tried: it writes nothing, and says what then really happens."""

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
    provision,
    refused,
    written,
)


def commands(client: httpx.Client) -> list[tuple[str, Body]]:
    """One of each kind, each upon what is there before it."""
    first = done(ask(client, "directions", direction(did("activated", "section/K2.1"), did("amended", "section/K"))))
    change = event_of(first, "SectionActivated")
    reason = {"reason": "misread", "source": SOURCE}
    return [
        ("directions", direction(did("deleted", "section/K3"), did("redesignated", "schedule/9"), version="5.18")),
        ("approvals", approval(did("activated", "section/D", exclusions=["D1.2"]), version="5.19", topics=["More"])),
        ("corrections", {"event": change, "fact": {"ref": "K2.2", "effective": "2018-07-02"}, **reason}),
        ("corrections", {"event": change, "fact": None, **reason}),
        ("reschedulings", {"version": "5.17", "effective": "2018-08-01", "source": SOURCE}),
        ("cancellations", {"instrument": "5.17-1", "source": SOURCE}),
    ]


def shown(client: httpx.Client, answer: Body) -> Any:
    path = f"/v1/codes/sec/provisions/{answer['kind']}/{answer['ref']}"
    told = client.get(path, params={"as_of": answer["as_of"]})
    if told.status_code == 404:
        return {"state": "unrecorded", "version": None, "spec_versions": []}
    return {name: told.json()[name] for name in ("state", "version", "spec_versions")}


@pytest.mark.parametrize("number", range(6))
def test_what_a_dry_run_says_is_what_then_happens(client: httpx.Client, engine: Engine, number: int) -> None:
    command, body = commands(client)[number]
    before = written(engine)
    tried = ask(client, command, body, dry_run=True, Idempotency_Key="k")
    told = done(tried, 200)
    assert written(engine) == before
    assert told["answers"] or command == "approvals"
    was = [shown(client, each) for each in told["answers"]]
    assert was == [each["before"] for each in told["answers"]]
    states = everything(client)
    real = ask(client, command, body, dry_run=False, Idempotency_Key="k")
    did_really = done(real)
    assert [(e["type"], e["stream"]) for e in did_really["events"]] == [
        (e["type"], e["stream"]) for e in told["events"]
    ]
    for foreseen, recorded in zip(told["events"], did_really["events"], strict=True):
        data = client.get(f"/v1/events/{recorded['id']}").json()["data"]
        assert {k: v for k, v in data.items() if k != "causation_id"} == {
            k: v for k, v in foreseen["data"].items() if k != "causation_id"
        }
    assert (did_really["warnings"], did_really["instrument"]) == (told["warnings"], told["instrument"])
    assert [shown(client, each) for each in told["answers"]] == [each["after"] for each in told["answers"]]
    changed = {name for name, now in everything(client).items() if states.get(name) != now}
    assert changed <= {(each["kind"], each["ref"]) for each in told["answers"]}


def test_what_shows_only_on_the_day_of_a_later_act_is_foreseen(client: httpx.Client) -> None:
    switched = direction(did("activated", "section/K10"), did("activated", "section/K10.9"))
    change = event_of(done(ask(client, "directions", switched)), "SectionActivated")
    anew = direction(did("redesignated", "section/K10.9"), version="5.18", effective="2018-08-01")
    done(ask(client, "directions", anew))
    told = done(ask(client, "cancellations", {"change": change, "source": SOURCE}, dry_run=True), 200)["answers"]
    states = {
        each["as_of"]: [each[side]["state"] for side in ("before", "after")] for each in told if each["ref"] == "K"
    }
    assert list(states) == ["2018-08-01"]
    assert states["2018-08-01"][0] == "partly_active"
    done(ask(client, "cancellations", {"change": change, "source": SOURCE}))
    assert provision(client, "section/K", "2018-08-01")["state"] == states["2018-08-01"][1]


def everything(client: httpx.Client) -> dict[tuple[str, str], Any]:
    """Every provision's answer on a day after all that the commands speak of."""
    items = get(client, "provisions", as_of="2018-07-02", limit=1000)["items"]
    return {(each["kind"], each["ref"]): (each["state"], each["version"], each["spec_versions"]) for each in items}


def test_a_dry_run_is_refused_as_the_command_would_be(client: httpx.Client, engine: Engine) -> None:
    before = written(engine)
    refused(ask(client, "directions", direction(version="5.16"), dry_run=True), 409, "conflict", "5.16")
    bases = [f"Energy Act 2008 s{'1' * 180}{n}" for n in range(50)]
    topics = ["\N{SNOWMAN}" * 1_000] * 3
    long = direction(legal_basis=bases, topics=topics, version="5.18", proposals=["MP100"])
    assert [ask(client, "directions", long, dry_run=dry).status_code for dry in (True, False)] == [200, 201]
    before = written(engine)
    exclusions = [f"H{n}.{'1' * 190}" for n in range(200)]
    longer = direction(
        did("activated", "section/H", exclusions=exclusions * 1), version="5.19", reason="\N{SNOWMAN}" * 1_000
    )
    assert [ask(client, "directions", longer, dry_run=dry).status_code for dry in (True, True)] == [200, 200]
    assert written(engine) == before


@pytest.mark.parametrize(
    "query", ["dry_run=yes", "dry_run=", "dry_run=true&dry_run=true", "dryrun=true", "as_of=2018-01-01"]
)
def test_how_to_try_is_spelled_one_way(client: httpx.Client, engine: Engine, query: str) -> None:
    before = written(engine)
    answer = client.post(f"/v1/codes/sec/directions?{query}", json=direction())
    assert answer.status_code == 400
    assert provision(client, "section/H", "2018-07-01")["version"] != "5.17"
    assert written(engine) == before
