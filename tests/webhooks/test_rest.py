"""Subscriptions over HTTP: made, listed, changed, replayed, tried and ended; what is asked wrongly is refused by its name."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from standardwebhooks import Webhook

from services.doors import tokens
from services.settings import Settings
from tests.serving import serving
from tests.waiting import wait_for
from tests.webhooks.ledger import amend, settings_for
from tests.webhooks.receiver import receiving, status

PATH = "/v1/subscriptions"


@pytest.fixture
def settings(engine: sa.Engine, tmp_path: Path) -> Settings:
    return settings_for(engine, tmp_path)


@pytest.fixture
def client(settings: Settings) -> Iterator[httpx.Client]:
    with serving(settings) as served:
        yield served


def make(client: httpx.Client, url: str, **fields: Any) -> dict[str, Any]:
    answer = client.post(PATH, json={"url": url, **fields})
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"{PATH}/{answer.json()['id']}"
    return dict(answer.json())


def test_a_subscription_is_made_delivered_to_changed_replayed_and_ended(
    engine: sa.Engine, client: httpx.Client
) -> None:
    amend(engine, 3)
    with receiving() as receiver:
        made = make(client, receiver.url, types=["section.*"], codes=["sec"], affected=["section/H"], **{"from": 1})
        assert made["status"] == "active"
        assert (made["types"], made["codes"], made["affected"]) == (["section.*"], ["sec"], ["section/H"])
        assert (made["position"], made["created_by"], made["failing"]) == (1, "local", None)
        own = f"{PATH}/{made['id']}"
        wait_for(lambda: client.get(own).json()["position"] == 3)
        assert receiver.sequences() == [2, 3]
        Webhook(made["secret"]).verify(receiver.got[0].body, receiver.got[0].headers)
        assert client.patch(own, json={"status": "paused"}).json()["status"] == "paused"
        told = client.patch(own, json={"status": "active", "rotate_secret": True}).json()
        assert told["secret"].startswith("whsec_")
        assert told["secret"] != made["secret"]
        assert client.post(f"{own}/replay", json={"from": "start"}).status_code == 200
        wait_for(lambda: receiver.sequences() == [2, 3, 1, 2, 3])
        for secret in (made["secret"], told["secret"]):
            Webhook(secret).verify(receiver.got[-1].body, receiver.got[-1].headers)
        assert "secret" not in client.get(own).json()
        assert client.delete(own).status_code == 204
        assert client.get(own).status_code == client.delete(own).status_code == 404


def test_lists_go_page_by_page(engine: sa.Engine, client: httpx.Client) -> None:
    amend(engine, 7)
    with receiving() as receiver:
        ids = [make(client, receiver.url, **{"from": "start"})["id"] for _ in range(5)]
        assert _pages(client, PATH, "id", 2) == [ids[:2], ids[2:4], ids[4:]]
        deliveries = f"{PATH}/{ids[0]}/deliveries"
        wait_for(lambda: len(client.get(deliveries).json()["items"]) == 7)
        assert _pages(client, deliveries, "position", 3) == [[7, 6, 5], [4, 3, 2], [1]]
        (first,) = client.get(deliveries, params={"limit": 1}).json()["items"]
        assert first["status"] == "delivered"
        assert (first["attempts"], first["answer"]) == (1, 200)
        assert first["event_id"] == next(each.id for each in receiver.got if each.sequence == 7)
        assert client.get(deliveries, params={"status": "dead"}).json()["items"] == []
        assert client.get(deliveries).headers["cache-control"] == "no-store"


def _pages(client: httpx.Client, path: str, key: str, limit: int) -> list[list[Any]]:
    found, cursor = [], None
    while True:
        page = client.get(path, params={"limit": limit} | ({"cursor": cursor} if cursor else {})).json()
        assert page["meta"]["position"] == 7
        found.append([each[key] for each in page["items"]])
        cursor = page["next"]
        if cursor is None:
            return found


def test_a_test_says_what_came_of_it_now(client: httpx.Client) -> None:
    with receiving() as receiver:
        made = make(client, receiver.url)
        told = client.post(f"{PATH}/{made['id']}/test").json()
        assert (told["delivered"], told["answer"], told["error"]) == (True, 200, None)
        (got,) = receiver.got
        event = Webhook(made["secret"]).verify(got.body, got.headers)
        assert (event["type"], event["id"], event["specversion"]) == ("uk.inforce.test.v1", told["event_id"], "1.0")
        receiver.answer = status(500)
        told = client.post(f"{PATH}/{made['id']}/test").json()
        assert (told["delivered"], told["answer"], told["error"]) == (False, 500, "answered 500")
    told = client.post(f"{PATH}/{made['id']}/test").json()
    assert (told["delivered"], told["answer"]) == (False, None)
    assert "ConnectError" in told["error"]
    assert client.get(f"{PATH}/{made['id']}/deliveries").json()["items"] == []


def test_tests_of_a_receiver_that_does_not_answer_keep_nobody_else_waiting(client: httpx.Client) -> None:
    with receiving(lambda _: asyncio.sleep(3600)) as receiver, ThreadPoolExecutor(50) as many:
        made = make(client, receiver.url, **{"from": "now"})
        waiting = [many.submit(client.post, f"{PATH}/{made['id']}/test") for _ in range(50)]
        # More than a server's threads are under way, and none is over.
        wait_for(lambda: len(receiver.got) == 50)
        assert client.get("/v1/codes").status_code == 200
        assert not any(each.done() for each in waiting)
        assert {each.result().json()["error"] for each in waiting} == {"no answer within 10 s"}


URL = "https://8.8.8.8/hook"
WRONG: list[tuple[Any, str]] = [
    ({}, "url: missing"),
    ({"url": 5}, "url: "),
    ({"url": "https://10.0.0.1/"}, "url: 10.0.0.1 is, or leads to, an address that is not public"),
    ({"url": "http://8.8.8.8/"}, "url: "),
    ({"url": "https://2130706433/"}, "url: "),
    ({"url": "https://user:pass@8.8.8.8/"}, "url: "),
    ({"url": URL, "colour": "red"}, "colour: unknown field"),
    ({"url": URL, "types": "section.*"}, "types: "),
    ({"url": URL, "types": ["section.exploded"]}, "types: 'section.exploded'"),
    ({"url": URL, "types": ["section.*", "x*"]}, "types: 'x*'"),
    ({"url": URL, "types": [5]}, "types: '5'"),
    ({"url": URL, "types": ["\0"]}, "types: "),
    ({"url": URL, "types": [""]}, "types: "),
    ({"url": URL, "codes": ["bsc"]}, "codes: unknown code 'bsc'; known: sec"),
    ({"url": URL, "codes": {}}, "codes: "),
    ({"url": URL, "codes": ["sec"] * 101}, "codes: "),
    ({"url": URL, "affected": ["H15"]}, "affected: 'H15'"),
    ({"url": URL, "affected": ["section/"]}, "affected: 'section/'"),
    ({"url": URL, "affected": ["/H15"]}, "affected: '/H15'"),
    ({"url": URL, "affected": ["clause/H15"]}, "affected: 'clause/H15'"),
    ({"url": URL, "affected": ["section/h 15"]}, "affected: 'section/h 15'"),
    ({"url": URL, "affected": ["section/H15-G1"]}, "affected: "),
    ({"url": URL, "from": 1}, "from: position 1 lies beyond the log's last one, 0"),
    ({"url": URL, "from": -1}, "from: '-1'"),
    ({"url": URL, "from": "yesterday"}, "from: 'yesterday'"),
    ({"url": URL, "from": True}, "from: 'True'"),
    ({"url": URL, "from": 1.5}, "from: '1.5'"),
    ([], "body: "),
    (5, "body: "),
]


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_what_is_asked_wrongly_is_refused_by_its_name_and_nothing_is_written(
    engine: sa.Engine, client: httpx.Client, settings: Settings
) -> None:
    for body, why in WRONG:
        answer = client.post(PATH, json=body)
        assert answer.status_code == 400, body
        assert answer.json()["type"] == "/problems/bad-parameter"
        assert why in answer.json()["detail"], body
    assert client.post(PATH, content=b"{nothing").json()["detail"].startswith("body: no JSON")
    assert client.post(PATH, content=b"x" * 70_000).status_code == 413
    assert client.get(PATH).json()["items"] == []
    assert not (settings.data_dir / "secret.key").exists()


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_change_that_is_none_is_refused(client: httpx.Client) -> None:
    with receiving() as receiver:
        made = make(client, receiver.url)
        own = f"{PATH}/{made['id']}"
        changes = ({}, {"status": "gone"}, {"status": None}, {"rotate_secret": "yes"}, {"url": receiver.url}, [])
        for body in changes:
            assert client.patch(own, json=body).status_code == 400, body
        for start in ({}, {"from": 10**6}, {"from": "later"}, {"from": None}, {"until": 5}):
            assert client.post(f"{own}/replay", json=start).status_code == 400, start
        for query in ("limit=0", "limit=1001", "cursor=x", "colour=red", "limit=1&limit=2"):
            assert client.get(f"{PATH}?{query}").status_code == 400, query
        for query in ("limit=0", "cursor=x", "status=lost", "colour=red"):
            assert client.get(f"{own}/deliveries?{query}").status_code == 400, query
        assert client.get(own).json()["status"] == "active"
    for path in ("nobody", "00000000-0000-7000-8000-000000000000", "%00"):
        wanted = 400 if path == "%00" else 404
        assert client.get(f"{PATH}/{path}").status_code == wanted
        assert client.get(f"{PATH}/{path}/deliveries").status_code == wanted
        assert client.post(f"{PATH}/{path}/replay", json={"from": 0}).status_code == wanted
        assert client.post(f"{PATH}/{path}/test").status_code == wanted


def test_only_who_may_subscribe_sees_or_changes_anything(engine: sa.Engine, client: httpx.Client) -> None:
    with receiving() as receiver:
        made = make(client, receiver.url)
        with engine.begin() as connection:
            given = {scope: tokens.create(connection, f"t-{scope}", [scope]) for scope in ("subscribe", "ingest")}
        own = f"{PATH}/{made['id']}"
        asked = [("GET", PATH, None), ("GET", own, None), ("GET", f"{own}/deliveries", None), ("DELETE", own, None)]
        asked += [("POST", PATH, {"url": receiver.url}), ("PATCH", own, {"status": "paused"})]
        asked += [("POST", f"{own}/replay", {"from": 0}), ("POST", f"{own}/test", None)]
        for method, path, body in asked:
            for token, expected in ((None, 401), ("inf_" + "A" * 43, 401), (given["ingest"], 403)):
                headers = {"Authorization": f"Bearer {token}"} if token else {}
                answer = client.request(method, path, json=body, headers=headers)
                assert answer.status_code == expected, (method, path)
        may = {"Authorization": f"Bearer {given['subscribe']}"}
        assert client.get(own, headers=may).json()["status"] == "active"
        assert client.post(PATH, json={"url": receiver.url}, headers=may).json()["created_by"] == "t-subscribe"
        assert len(client.get(PATH, headers=may).json()["items"]) == 2
    assert receiver.got == []


def test_openapi_describes_the_body_and_the_token(client: httpx.Client) -> None:
    told = client.get("/openapi.json").json()["paths"]
    schema = told[PATH]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert set(schema["properties"]) == {"url", "types", "codes", "affected", "from"}
    assert told[PATH]["get"]["security"]


def test_names_that_do_not_resolve_hold_up_nobody_else(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    system, asked, resolved = socket.getaddrinfo, threading.Event(), threading.Event()

    def hanging(host: str, *rest: Any, **more: Any) -> Any:
        if host == "hanging.example":
            asked.set()
            resolved.wait(60)
            raise socket.gaierror
        return system(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", hanging)
    body = {"url": "https://hanging.example/"}
    with ThreadPoolExecutor(50) as pool:
        made = [pool.submit(httpx.post, client.base_url.join(PATH), json=body, timeout=60) for _ in range(50)]
        assert asked.wait(30)
        assert client.get(PATH, timeout=20).status_code == 200
        resolved.set()
        assert {each.result().status_code for each in made} == {400}
