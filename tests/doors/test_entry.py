"""Who may write, over HTTP: a request that is refused has written nothing, and its body was not waited for."""

import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, text

from services.doors import tokens
from services.settings import Settings
from tests.doors.posting import actors, bearing, made, nothing_written, post, refused
from tests.ingest.recording.table import TABLE
from tests.serving import serving


@pytest.fixture
def settings(ledger_url: str, tmp_path: Path) -> Settings:
    return Settings(database_url=ledger_url, data_dir=tmp_path)


@pytest.fixture
def client(settings: Settings) -> Iterator[httpx.Client]:
    """A service on loopback."""
    with serving(settings) as served:
        yield served


@pytest.fixture
def beyond(settings: Settings) -> Iterator[httpx.Client]:
    """A service that takes itself to be open to others than this machine."""
    with serving(settings.model_copy(update={"host": "0.0.0.0"})) as served:
        yield served


def test_on_loopback_without_tokens_this_machine_writes(client: httpx.Client) -> None:
    assert post(client).status_code == 201
    assert actors(client) == {"local"}


def test_the_events_of_a_token_carry_its_name(client: httpx.Client, engine: Engine) -> None:
    made(engine, "other", "audit")
    secret = made(engine, "Sec Panel robot", "ingest", "subscribe")
    assert post(client, **bearing(secret)).status_code == 201
    assert actors(client) == {"Sec Panel robot"}


def test_the_scheme_is_read_in_any_case(client: httpx.Client, engine: Engine) -> None:
    assert post(client, Authorization=f"bEARER {made(engine)}").status_code == 201


def test_without_a_valid_token_nothing_is_written_and_reading_stays_open(client: httpx.Client, engine: Engine) -> None:
    secret, revoked = made(engine), made(engine, "gone")
    with engine.begin() as connection:
        tokens.revoke(connection, "gone")
    wrong = [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": secret},
        {"Authorization": f"Basic {secret}"},
        {"Authorization": f"Bearer {secret} {secret}"},
        {"Authorization": f"Bearer,{secret}"},
        {"Authorization": f"Bearer {secret[:-1]}"},
        {"Authorization": "Bearer inf_" + "A" * 43},
        {"Authorization": "Bearer " + "A" * 10_000},
        {"Authorization": f"Bearer {revoked}"},
        {"Cookie": f"Authorization=Bearer {secret}"},
        {"X-Api-Key": secret},
        {"Proxy-Authorization": f"Bearer {secret}"},
    ]
    for headers in wrong:
        answer = post(client, **headers)
        refused(answer, 401, "unauthorized")
        assert answer.headers["www-authenticate"] == "Bearer"
        assert secret not in answer.text
    assert nothing_written(engine)
    assert client.get("/v1/codes").status_code == 200


def test_two_tokens_in_one_request_are_none(client: httpx.Client, engine: Engine) -> None:
    both = [("Authorization", f"Bearer {made(engine, name)}") for name in ("a", "b")]
    refused(client.post("/v1/ingestions", content=TABLE, headers=both), 401, "unauthorized", "once")
    assert nothing_written(engine)


def test_a_token_in_the_query_is_no_token(client: httpx.Client, engine: Engine) -> None:
    secret = made(engine)
    for name in ("access_token", "token", "authorization"):
        answer = client.post("/v1/ingestions", params={name: secret}, content=TABLE)
        refused(answer, 401, "unauthorized")
    assert nothing_written(engine)


def test_a_token_of_another_scope_is_told_the_one_it_lacks(client: httpx.Client, engine: Engine) -> None:
    secret = made(engine, "auditor", "audit", "subscribe", "command")
    refused(post(client, **bearing(secret)), 403, "forbidden", "scope ingest", "auditor")
    assert nothing_written(engine)


def test_a_token_revoked_while_the_service_runs_opens_nothing_any_more(client: httpx.Client, engine: Engine) -> None:
    secret = made(engine)
    assert post(client, **bearing(secret)).status_code == 201
    with engine.begin() as connection:
        tokens.revoke(connection, "robot")
    refused(post(client, **bearing(secret)), 401, "unauthorized", "revoked")


def test_the_last_token_revoked_does_not_open_the_door_again(client: httpx.Client, engine: Engine) -> None:
    made(engine)
    with engine.begin() as connection:
        tokens.revoke(connection, "robot")
    refused(post(client), 401, "unauthorized")
    assert nothing_written(engine)


def test_a_token_that_is_none_is_refused_where_none_is_needed(client: httpx.Client, engine: Engine) -> None:
    refused(post(client, **bearing("inf_" + "A" * 43)), 401, "unauthorized")
    assert nothing_written(engine)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
@pytest.mark.parametrize("authorization", ["", "Authorization: Bearer nonsense\r\n"])
def test_who_is_refused_is_told_before_the_body_comes(client: httpx.Client, engine: Engine, authorization: str) -> None:
    made(engine)
    head = "POST /v1/ingestions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n" + authorization + "\r\n"
    with socket.create_connection(("127.0.0.1", client.base_url.port or 0), timeout=30) as connection:
        connection.sendall(head.encode())
        assert connection.recv(12) == b"HTTP/1.1 401"


FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://localhost:3000"},
    {"Origin": "http://127.0.0.1"},
    {"Origin": "http://[::1"},
    {"Origin": "http://"},
    {"Origin": "file://"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Host": "evil.example"},
    {"Host": "evil.example", "Origin": "http://evil.example"},
    {"Host": "127.0.0.1.evil.example"},
    {"Host": "localhost.evil.example"},
    {"Host": "localhost@evil.example"},
    {"Host": "192.0.2.1"},
]


def test_no_page_and_no_name_of_somebody_else_writes_through_this_machines_browser(
    client: httpx.Client, engine: Engine
) -> None:
    for headers in FOREIGN:
        refused(post(client, **headers), 403, "forbidden")
    assert nothing_written(engine)


def test_what_came_through_a_proxy_is_not_this_machine(client: httpx.Client, engine: Engine) -> None:
    for name in ("X-Forwarded-For", "Forwarded", "Via", "X-Real-IP", "X-Forwarded-Host"):
        refused(post(client, **{name: "127.0.0.1"}), 401, "unauthorized", "scope ingest")
    assert nothing_written(engine)
    assert post(client, X_Forwarded_For="192.0.2.1", **bearing(made(engine))).status_code == 201


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "LOCALHOST", "[::1]:8000", "127.8.8.8:1"])
def test_this_machine_writes_under_each_of_its_own_names(client: httpx.Client, host: str) -> None:
    assert post(client, Host=host, Origin=f"http://{host}", Sec_Fetch_Site="same-origin").status_code == 201


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_request_without_a_host_is_refused(client: httpx.Client, engine: Engine) -> None:
    with socket.create_connection(("127.0.0.1", client.base_url.port or 0), timeout=30) as connection:
        connection.sendall(b"POST /v1/ingestions HTTP/1.0\r\nContent-Length: 1\r\n\r\nx")
        assert connection.recv(12) == b"HTTP/1.1 403"
    assert nothing_written(engine)


def test_a_page_of_the_public_url_writes_with_a_token_from_anywhere(settings: Settings, engine: Engine) -> None:
    secret = made(engine)
    with serving(settings) as client:
        assert post(client, Origin="https://elsewhere.example", **bearing(secret)).status_code == 201


def test_beyond_loopback_without_tokens_nobody_writes_unless_told_open(
    beyond: httpx.Client, settings: Settings, engine: Engine
) -> None:
    refused(post(beyond), 401, "unauthorized")
    assert nothing_written(engine)
    everybody = settings.model_copy(update={"host": "0.0.0.0", "open": True})
    with serving(everybody) as client:
        refused(post(client, Origin="https://evil.example"), 403, "forbidden")
        refused(post(client, Host="[x", Origin="http://[x"), 403, "forbidden")
        assert nothing_written(engine)
        own = f"http://inforce.example:{client.base_url.port}"
        assert post(client, Host=own.removeprefix("http://"), Origin=own).status_code == 201
        assert actors(client) == {"open"}


def test_the_first_token_closes_a_service_that_was_told_open(settings: Settings, engine: Engine) -> None:
    with serving(settings.model_copy(update={"host": "0.0.0.0", "open": True})) as client:
        secret = made(engine)
        refused(post(client), 401, "unauthorized")
        assert nothing_written(engine)
        assert post(client, **bearing(secret)).status_code == 201


def test_told_open_and_bound_to_loopback_this_machine_is_still_itself(settings: Settings) -> None:
    with serving(settings.model_copy(update={"open": True})) as client:
        assert post(client).status_code == 201
        assert actors(client) == {"local"}


def test_a_door_that_cannot_ask_who_comes_lets_nobody_in(client: httpx.Client, engine: Engine) -> None:
    secret = made(engine)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE token RENAME TO mislaid"))
    assert {post(client).status_code, post(client, **bearing(secret)).status_code} == {400}
    assert nothing_written(engine)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_method_that_is_none_is_told_those_that_are(client: httpx.Client) -> None:
    answer = client.put("/v1/sources/0/content", content=b"x")
    refused(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "GET"


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_the_description_says_that_writing_asks_for_a_token(client: httpx.Client) -> None:
    told = client.get("/openapi.json").json()
    assert told["paths"]["/v1/ingestions"]["post"]["security"] == [{"HTTPBearer": []}]
    assert told["components"]["securitySchemes"]["HTTPBearer"]["scheme"] == "bearer"
    assert "security" not in told["paths"]["/v1/ingestions"]["get"]
