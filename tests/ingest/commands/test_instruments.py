"""Directions and approvals over HTTP: what is recorded, under which names, and how it answers."""

import httpx
from sqlalchemy import Engine

from tests.ingest.commands.asking import (
    SOURCE,
    approval,
    ask,
    did,
    direction,
    done,
    get,
    in_force,
    provision,
    state,
    types,
    written,
)


def test_a_direction_is_recorded_with_its_version_its_changes_and_its_words(client: httpx.Client) -> None:
    answer = ask(client, "directions", direction(did("amended", "section/H"), did("amended", "section/G")))
    told = done(answer)
    assert types(told) == ["SourceReceived", "ModificationDirected", "VersionImplemented", *["SectionAmended"] * 2]
    assert [each["position"] for each in told["events"]] == list(range(239, 244))
    assert (told["instrument"], answer.headers["etag"], told["warnings"]) == ("5.17-1", '"1"', [])
    assert told["recorded_at"].endswith("Z")
    assert in_force(client, "2018-07-01") == "5.17"
    assert in_force(client, "2018-06-30") == "5.16"
    because = provision(client, "section/G", "2018-07-01")["because"]
    assert because[-1]["authority"] == "Secretary of State" or because
    changes = get(client, "versions/5.17", as_of="2018-07-01")["changes"]
    assert {each["source"]["quote"] for each in changes} == {SOURCE["quote"]}
    content = client.get(f"/v1/sources/{changes[0]['source']['sha256']}/content")
    assert content.text == SOURCE["quote"]


def test_an_approval_names_its_proposal_and_its_days(client: httpx.Client) -> None:
    days = {"decided_on": "2018-05-23", "signed_on": "2018-05-24", "announced_on": "2018-06-29"}
    done(ask(client, "approvals", approval(reason="raised by a Party", base_version="5.16", **days)))
    told = get(client, "instruments/5.17-1", as_of="2018-07-01")
    assert {name: told[name] for name in days} == days
    assert (told["reason"], told["base_version"], told["base_inferred"]) == ("raised by a Party", "5.16", False)
    assert told["changes"][0]["proposal"] == "SECMP0046"
    assert get(client, "proposals/SECMP0046", as_of="2018-07-01")["versions"][-1] == "5.17"


def test_an_instrument_without_a_name_gets_the_next_one_that_is_free(client: httpx.Client) -> None:
    assert done(ask(client, "directions", direction()))["instrument"] == "5.17-1"
    joined = approval(did("amended", "section/D"), joins_version=True, effective="2018-06-30")
    assert done(ask(client, "approvals", joined))["instrument"] == "5.17-2"
    alone = direction(did("activated", "section/H14.31"), version=None)
    names = [done(ask(client, "directions", alone | {"source": {"name": "n", "quote": q}}))["instrument"] for q in "ab"]
    assert names == ["secretary-of-state-2018-07-01-1", "secretary-of-state-2018-07-01-2"]
    assert (
        done(ask(client, "directions", direction(instrument="my.letter_1", version="5.18")))["instrument"]
        == "my.letter_1"
    )


def test_a_change_without_a_day_of_its_own_has_that_of_its_instrument(client: httpx.Client) -> None:
    body = direction(did("amended", "section/D"), did("amended", "section/E", effective="2018-07-15"))
    done(ask(client, "directions", body))
    days = {each["ref"]: each["effective"] for each in get(client, "versions/5.17", as_of="2018-08-01")["changes"]}
    assert days == {"D": "2018-07-01", "E": "2018-07-15"}


def test_an_undated_instrument_is_known_and_in_force_on_no_day(client: httpx.Client) -> None:
    done(ask(client, "directions", direction(did("activated", "section/K2"), effective=None)))
    assert in_force(client, "2099-01-01") == "5.16"
    assert state(client, "section/K2", "2099-01-01")[0] == "designated"
    (waiting,) = [each for each in get(client, "prospective")["items"] if each["version"] == "5.17"]
    assert (waiting["status"], waiting["effective"]) == ("undated", None)
    assert get(client, "versions/5.17")["status"] == "undated"


def test_a_subject_without_a_provision_is_kept_in_its_words(client: httpx.Client) -> None:
    done(ask(client, "directions", direction(topics=["Alt HAN Arrangements", "Alt HAN Arrangements"])))
    assert [each["text"] for each in get(client, "versions/5.17", as_of="2018-07-01")["topics"]] == [
        "Alt HAN Arrangements"
    ] * 2


def test_a_title_means_the_provision_that_bears_it(client: httpx.Client) -> None:
    title = "DCC Gateway Connection Code of Connection"
    body = direction(did("redesignated", "document/dcc-gateway-connection-code-of-connection", title=title))
    done(ask(client, "directions", body))
    assert state(client, "appendix/G", "2018-07-01") == ("designated", "5.17")


def test_the_same_words_are_kept_once(client: httpx.Client, engine: Engine) -> None:
    done(ask(client, "directions", direction()))
    told = done(ask(client, "directions", direction(version="5.18")))
    assert "SourceReceived" not in types(told)
    assert written(engine)["source_document"] == 2


def test_commands_are_enough_for_a_ledger(bare: httpx.Client) -> None:
    founding = direction(did("designated", "section/A"), version="1.0", effective="2013-09-23")
    done(ask(bare, "directions", founding))
    assert in_force(bare, "2013-09-23") == "1.0"
    assert state(bare, "section/A1", "2013-09-23") == ("designated", "1.0")


def test_what_real_documents_do_is_recorded_with_a_warning(client: httpx.Client) -> None:
    changes = [did("redesignated", "appendix/AZ"), did("deleted", "section/Q"), did("designated", "section/N4A")]
    told = done(ask(client, "directions", direction(*changes, decided_on="2018-08-01")))
    found = {each["code"]: each["message"] for each in told["warnings"]}
    assert set(found) == {"never-designated", "designated-already", "decided-later"}
    assert "2018-08-01" in found["decided-later"]
    assert state(client, "appendix/AZ", "2018-07-01") == ("designated", "5.17")
