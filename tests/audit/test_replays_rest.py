"""Replays over HTTP: asked for with a token, done in the background, kept with what came of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from services.audit import replays
from services.audit.replays import Wish
from services.doors import tokens
from services.projection import runner
from services.projection.tables import change_row
from services.settings import Settings
from tests.ingest.recording.table import take
from tests.serving import serving
from tests.waiting import wait_for

PATH = "/v1/audit/replays"
H15 = "/v1/codes/sec/provisions/section/H15?as_of=2018-05-31"


@pytest.fixture
def settings(engine: sa.Engine, ledger_url: str, tmp_path: Path) -> Settings:
    take(engine)
    runner.catch_up(engine)
    return Settings(database_url=ledger_url, data_dir=tmp_path)


@pytest.fixture
def client(settings: Settings) -> Iterator[httpx.Client]:
    with serving(settings) as served:
        yield served


def done(client: httpx.Client, asked: httpx.Response) -> dict[str, Any]:
    """What came of a replay that was asked for."""
    assert asked.status_code == 202, asked.text
    where = asked.headers["location"]
    assert where == f"{PATH}/{asked.json()['id']}"
    wait_for(lambda: client.get(where).json()["finished_at"])
    found: dict[str, Any] = client.get(where).json()
    return found


def refused(answer: httpx.Response, status: int, kind: str, words: str) -> None:
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{kind}"), answer.text
    assert words in answer.json()["detail"]


def test_it_is_done_in_the_background_and_what_it_found_is_kept(client: httpx.Client) -> None:
    found = done(client, client.post(PATH))
    assert (found["state"], found["differences"], found["position"], found["asked_by"]) == ("done", 0, 238, "local")
    assert found["progress"]["done"] == found["progress"]["total"] > 238
    assert found["meta"]["position"] == 238
    assert [done(client, client.post(PATH, json={"until": until}))["position"] for until in (20, "pos:20")] == [20, 20]
    assert done(client, client.post(PATH, json={"until": "2000-01-01T00:00:00Z"}))["position"] == 0


def test_they_are_listed_page_by_page_the_last_first(client: httpx.Client) -> None:
    ids = [done(client, client.post(PATH, json={"until": number}))["id"] for number in range(3)]
    first = client.get(PATH, params={"limit": 2}).json()
    assert ([each["id"] for each in first["items"]], first["next"]) == (ids[:0:-1], ids[1])
    rest = client.get(PATH, params={"limit": 2, "cursor": first["next"]}).json()
    assert ([each["id"] for each in rest["items"]], rest["next"]) == (ids[:1], None)


def test_a_damaged_answer_is_put_right_by_a_switch_and_the_damaged_one_is_not_given_again(
    client: httpx.Client, engine: sa.Engine
) -> None:
    right = client.get(H15).json()
    with engine.begin() as connection:
        connection.execute(sa.update(change_row).where(change_row.c.home_ref == "H15").values(action="deleted"))
    day = H15.replace("05-31", "05-30")  # not asked before
    pinned = f"{day}&known_at=pos:238"
    assert [client.get(each).json()["state"] for each in (day, pinned, day, pinned)] == ["deleted"] * 4
    found = done(client, client.post(PATH, json={"switch": True}))
    assert (found["differences"], found["switched"]) == (1, True)
    assert found["first_differences"][0]["events"][0]["type"] == "SectionActivated"
    wait_for(lambda: client.get(day).json()["state"] == "active")
    assert client.get(pinned).json()["state"] == "active"
    assert client.get(H15).json()["because"] == right["because"]


def test_only_where_nothing_differs_it_is_put_in_place_if_so_asked(client: httpx.Client, engine: sa.Engine) -> None:
    asked = {"switch": True, "unless_unlike": True}
    assert done(client, client.post(PATH, json=asked))["switched"]
    with engine.begin() as connection:
        connection.execute(sa.update(change_row).values(spec="X"))
    assert not done(client, client.post(PATH, json=asked))["switched"]


def test_one_at_a_time(client: httpx.Client, engine: sa.Engine) -> None:
    from services.audit import replay
    from services.projection.publish.cursors import turn

    with turn(engine, replay.CHANNEL) as held:
        assert held is not None
        first = client.post(PATH)
        refused(client.post(PATH), 409, "conflict", first.json()["id"])
        assert client.get(first.headers["location"]).json()["state"] == "waiting"
    assert done(client, first)["differences"] == 0


def test_what_was_asked_before_the_service_began_is_done_when_it_has(settings: Settings, engine: sa.Engine) -> None:
    with engine.begin() as connection:
        own = replays.ask(connection, Wish(), "somebody")
    with serving(settings) as client:
        wait_for(lambda: client.get(f"{PATH}/{own}").json()["state"] == "done")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"[]", "expected a JSON object"),
        (b"{", "no JSON"),
        (b'{"up_to": 3}', "up_to: unknown field"),
        (b'{"until": -1}', "until: found -1"),
        (b'{"until": true}', "until: found True"),
        (b'{"until": 3.5}', "until: found 3.5"),
        (b'{"until": "yesterday"}', "until: 'yesterday'"),
        (b'{"until": 239}', "position 239 lies beyond"),
        (b'{"switch": 1}', "switch: found 1"),
        (b'{"until": 3, "switch": true}', "are not put in place"),
    ],
)
def test_a_request_that_says_nothing_we_can_do_is_refused_by_name(
    client: httpx.Client, body: bytes, words: str
) -> None:
    refused(client.post(PATH, content=body), 400, "bad-parameter", words)
    assert client.get(PATH).json()["items"] == []


def test_a_replay_that_nobody_asked_for_and_a_parameter_nobody_knows_are_refused(client: httpx.Client) -> None:
    refused(client.get(f"{PATH}/nothing"), 404, "unknown-replay", "nothing")
    refused(client.get(PATH, params={"cursor": "x"}), 400, "bad-parameter", "cursor")
    refused(client.get(PATH, params={"state": "done"}), 400, "unknown-parameter", "state")


def test_it_takes_a_token_of_the_scope_audit(client: httpx.Client, engine: sa.Engine) -> None:
    with engine.begin() as connection:
        auditor, other = (tokens.create(connection, name, [name]) for name in ("audit", "ingest"))
    refused(client.post(PATH), 401, "unauthorized", "scope audit")
    refused(client.post(PATH, headers={"Authorization": f"Bearer {other}"}), 403, "forbidden", "scope audit")
    found = done(client, client.post(PATH, headers={"Authorization": f"Bearer {auditor}"}))
    assert found["asked_by"] == "audit"
