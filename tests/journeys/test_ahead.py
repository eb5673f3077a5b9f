"""What lies ahead, by commands over HTTP: scheduled, moved, cancelled, undated, and how a day ahead is answered."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.settings import Settings
from tests.journeys.test_conflicts import LETTER, position
from tests.journeys.test_rest import TABLE, get, ingest
from tests.serving import serving


@pytest.fixture
def client(ledger_url: str, tmp_path: Path) -> Iterator[httpx.Client]:
    with serving(Settings(database_url=ledger_url, data_dir=tmp_path)) as served:
        ingest(served, TABLE)
        yield served


def command(client: httpx.Client, path: str, **said: Any) -> Any:
    answer = client.post(f"/v1/codes/sec/{path}", json={**said, "source": LETTER})
    assert answer.status_code == 201, answer.text
    return answer.json()


def direct(client: httpx.Client, version: str, effective: str | None, ref: str, **more: Any) -> None:
    change = {"action": "deleted", "kind": "section", "ref": ref}
    said = {"authority": "Secretary of State", "version": version, "effective": effective, "changes": [change]}
    command(client, "directions", **said, **more)


def ahead(client: httpx.Client, **at: str) -> list[tuple[str, str | None]]:
    items = get(client, "/v1/codes/sec/prospective", **at)["items"]
    return [(each["ref"], each["effective"]) for each in items]


def test_what_lies_ahead_is_listed_dated_first_moves_and_falls_away(client: httpx.Client) -> None:
    direct(client, "9.3", None, "L")
    direct(client, "9.1", "2031-05-01", "H15")
    direct(client, "9.2", "2031-02-01", "G")
    assert ahead(client) == [("G", "2031-02-01"), ("H15", "2031-05-01"), ("L", None)]
    then = position(client)
    command(client, "reschedulings", version="9.1", effective="2031-01-01")
    command(client, "cancellations", version="9.2")
    command(client, "reschedulings", version="9.3", effective="2031-03-01")
    assert ahead(client) == [("H15", "2031-01-01"), ("L", "2031-03-01")]
    assert ahead(client, known_at=f"pos:{then}") == [("G", "2031-02-01"), ("H15", "2031-05-01"), ("L", None)]
    assert ahead(client, as_of="2031-02-01") == [("L", "2031-03-01")]


def test_a_day_ahead_is_answered_as_scheduled(client: httpx.Client) -> None:
    direct(client, "9.1", "2031-05-01", "H15")
    days = {day: get(client, "/v1/codes/sec/provisions/section/H15", as_of=day) for day in ("2031-04-30", "2031-05-01")}
    assert [each["state"] for each in days.values()] == ["active", "deleted"]
    assert {each["meta"]["basis"] for each in days.values()} == {"scheduled"}
    today = get(client, "/v1/codes/sec/provisions/section/H15")
    assert (today["meta"]["basis"], [each["effective"] for each in today["next"]]) == ("recorded", ["2031-05-01"])


def test_what_we_learnt_about_a_day_is_answered_between_two_points_of_knowledge(client: httpx.Client) -> None:
    older = position(client)
    (first, *_) = get(client, "/v1/codes/sec/changes", affected="section/H15")["items"]
    told = command(client, "corrections", event=first["id"], fact={"effective": "2015-06-01"}, reason="misread")
    learnt = get(client, "/v1/codes/sec/diff", as_of="2015-03-01", known_from=f"pos:{older}")
    (found,) = [each for each in learnt["provisions"] if each["ref"] == "H15"]
    correction = told["events"][-1]["id"]
    assert (found["before"]["state"], found["after"]["state"], found["because"]) == (
        "active",
        "unrecorded",
        [correction],
    )
    assert [each["id"] for each in learnt["learnt"]] == [correction]
    assert get(client, "/v1/codes/sec/diff", as_of="2018-06-01", known_from=f"pos:{older}")["provisions"] == []
    steps = get(client, "/v1/codes/sec/provisions/section/H15/history", axis="known", as_of="2015-03-01")["items"]
    assert [each["believed"]["state"] for each in steps if each["id"] == first["id"]] == ["active", "unrecorded"]
    assert [each["id"] for each in get(client, "/v1/codes/sec/corrections", live_on="2015-07-01")["items"]] == [
        correction
    ]
    assert get(client, "/v1/codes/sec/corrections", live_on="2015-03-01")["items"] == []
    get(client, "/v1/codes/sec/corrections", 400, live_on="1 July 2015")
