"""How fast one client may ask: the middleware with connections of many clients, and the service with one."""

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from services.doors.bodies import SMALL, body
from services.doors.limits import BEYOND_LOOPBACK, Limits, allowed
from services.problems import answer_for
from services.settings import Settings
from tests.serving import serving

Answer = tuple[int, dict[str, str], bytes]


async def passed(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("passed")(scope, receive, send)


class Clock:
    """Time that stands still until it is moved on."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def ask(limits: Limits, client: str | None = "192.0.2.1", path: str = "/v1/codes", **headers: str) -> Answer:
    """What a request of a client's connection is answered."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("the body was read")

    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "client": (client, 50_000) if client is not None else None,
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }
    asyncio.run(limits(scope, receive, send))
    told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], told, sent[1]["body"]


def statuses(limits: Limits, number: int, client: str | None = "192.0.2.1", **headers: str) -> list[int]:
    return [ask(limits, client, **headers)[0] for _ in range(number)]


def test_two_seconds_worth_pass_at_once_then_one_is_told_when_to_come_back(clock: Clock) -> None:
    limits = Limits(passed, 10, tick=clock)
    assert statuses(limits, 20) == [200] * 20
    status, headers, told = ask(limits)
    assert (status, headers["retry-after"]) == (429, "1")
    assert headers["content-type"] == "application/problem+json"
    problem = orjson.loads(told)
    assert problem["type"] == "/problems/too-many-requests"
    assert "10 requests a second" in problem["detail"]


def test_who_comes_back_when_told_to_is_let_in(clock: Clock) -> None:
    limits = Limits(passed, 0.25, tick=clock)
    assert statuses(limits, 1) == [200]
    status, headers, _ = ask(limits)
    assert (status, headers["retry-after"]) == (429, "4")
    clock.now += float(headers["retry-after"])
    assert statuses(limits, 2) == [200, 429]


def test_asking_too_fast_does_not_push_the_end_of_the_wait_away(clock: Clock) -> None:
    limits = Limits(passed, 1, tick=clock)
    statuses(limits, 2)
    for _ in range(8):
        clock.now += 0.125
        last = ask(limits)[0]
    assert last == 200


def test_one_client_does_not_spend_what_another_has(clock: Clock) -> None:
    limits = Limits(passed, 1, tick=clock)
    assert statuses(limits, 3) == [200, 200, 429]
    for other in ("192.0.2.2", "2001:db8::1", None):
        assert statuses(limits, 3, other) == [200, 200, 429]
    assert ask(limits)[0] == 429


def test_a_client_has_its_ipv6_network_as_a_whole_and_an_old_address_in_new_clothes_is_itself(clock: Clock) -> None:
    limits = Limits(passed, 1, tick=clock)
    addresses = ["2001:db8:0:1::1", "2001:db8:0:1:ffff::2", "2001:db8:0:1::3", "2001:db8:0:2::1"]
    assert [ask(limits, each)[0] for each in addresses] == [200, 200, 429, 200]
    same = ["192.0.2.9", "::ffff:192.0.2.9", "::ffff:c000:209", "::ffff:192.0.2.10"]
    assert [ask(limits, each)[0] for each in same] == [200, 200, 429, 200]


def test_no_header_makes_another_client(clock: Clock) -> None:
    limits = Limits(passed, 1, tick=clock)
    names = ("X-Forwarded-For", "Forwarded", "X-Real-IP")
    found = [ask(limits, **{name: f"198.51.100.{at}"})[0] for at, name in enumerate(names)]
    assert found == [200, 200, 429]


def test_asking_whether_it_lives_is_never_too_much(clock: Clock) -> None:
    limits = Limits(passed, 1, tick=clock)
    statuses(limits, 3)
    assert [ask(limits, path="/healthz")[0] for _ in range(50)] == [200] * 50


def test_of_more_clients_than_are_remembered_the_one_longest_away_is_forgotten(clock: Clock) -> None:
    limits = Limits(passed, 1, clients=3, tick=clock)
    statuses(limits, 2, "192.0.2.0")
    for at in range(1, 4):
        assert ask(limits, f"192.0.2.{at}")[0] == 200
    assert len(limits._buckets) == 3
    assert statuses(limits, 2, "192.0.2.3") == [200, 429]
    assert ask(limits, "192.0.2.0")[0] == 200


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, None),
        ({"host": "::1"}, None),
        ({"host": "localhost"}, None),
        ({"host": "127.0.0.5"}, None),
        ({"host": "0.0.0.0"}, BEYOND_LOOPBACK),
        ({"host": "::"}, BEYOND_LOOPBACK),
        ({"host": "inforce.example"}, BEYOND_LOOPBACK),
        ({"requests_per_second": 7}, 7),
        ({"host": "0.0.0.0", "requests_per_second": 0.5}, 0.5),
    ],
)
def test_a_limit_stands_where_others_can_ask_or_where_one_is_set(given: dict[str, Any], expected: float | None) -> None:
    assert allowed(Settings(**given)) == expected


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_the_service_answers_the_second_request_429_whatever_the_headers_say(ledger_url: str, tmp_path: Path) -> None:
    settings = Settings(database_url=ledger_url, data_dir=tmp_path, requests_per_second=0.001)
    with serving(settings) as client:
        assert client.get("/v1/codes").status_code == 200
        answer = client.get("/v1/codes", headers={"X-Forwarded-For": "192.0.2.1"})
        assert (answer.status_code, answer.json()["type"]) == (429, "/problems/too-many-requests")
        assert 0 < int(answer.headers["retry-after"]) <= 1_000
        assert client.post("/v1/ingestions", content=b"x").status_code == 429
        assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    ("declared", "parts", "status"),
    [
        (None, [b"x" * SMALL], 200),
        (None, [b"x" * SMALL, b"x"], 413),
        (SMALL, [b"x" * SMALL], 200),
        (SMALL + 1, [], 413),
    ],
)
def test_a_body_is_read_up_to_64_kib_and_no_further(declared: int | None, parts: list[bytes], status: int) -> None:
    left = list(parts)

    async def receive() -> Any:
        assert left, "read on behind the limit"
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left) or status == 413}

    async def read() -> int:
        headers = [(b"content-length", str(declared).encode())] if declared else []
        try:
            return 200 if await body(Request({"type": "http", "headers": headers}, receive)) == b"".join(parts) else 0
        except Exception as error:
            answer = answer_for(error)
            assert answer, error
            return answer.status_code

    assert asyncio.run(read()) == status
