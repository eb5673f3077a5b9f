"""What a reader of the stream is told of a ledger that holds the shipped table, and what is refused, on both databases."""

import os
from collections.abc import Iterator

import httpx
import pytest

from services.settings import Settings
from tests.conftest import DATABASES, copied_database
from tests.ingest.recording.table import TABLE
from tests.serving import serving
from tests.streaming.service import STREAM, told

EVENTS = 238


@pytest.fixture(scope="module", params=DATABASES)
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A whole service on a ledger that holds the shipped table, for the questions of a whole module."""
    directory = tmp_path_factory.mktemp("stream")
    url = f"sqlite:///{directory / 'ledger.sqlite3'}"
    if request.param == "postgresql":
        server, template = request.getfixturevalue("postgresql_url"), request.getfixturevalue("migrated_postgresql")
        url = copied_database(server, template, f"inforce_stream_{os.getpid()}")
    with serving(Settings(database_url=url, data_dir=directory)) as served:
        assert served.post("/v1/ingestions?code=sec&name=table.txt", content=TABLE).status_code == 201
        yield served


def test_a_stream_tells_every_event_in_order_as_the_list_has_them(client: httpx.Client) -> None:
    listed = client.get("/v1/events", params={"limit": 1000}).json()["items"]
    found = told(client, EVENTS)
    assert [each.position for each in found] == list(range(1, EVENTS + 1))
    assert [each.data for each in found] == listed
    assert [f"uk.inforce.{each.name}.v1" for each in found] == [each["type"] for each in listed]


def test_a_stream_says_that_it_is_one_and_must_not_be_kept(client: httpx.Client) -> None:
    with client.stream("GET", STREAM) as answer:
        found = {name: answer.headers.get(name) for name in ("content-type", "cache-control", "x-accel-buffering")}
    assert found == {"content-type": "text/event-stream", "cache-control": "no-cache", "x-accel-buffering": "no"}
    head = client.head(STREAM)
    assert (head.status_code, head.headers["content-type"], head.content) == (200, "text/event-stream", b"")


def test_a_stream_resumes_after_a_position_and_the_last_id_wins(client: httpx.Client) -> None:
    assert [each.position for each in told(client, 3, after=100)] == [101, 102, 103]
    assert [each.position for each in told(client, 3, last=200)] == [201, 202, 203]
    assert [each.position for each in told(client, 3, last=200, after=100)] == [201, 202, 203]
    assert [each.position for each in told(client, 1, last=0, after=100)] == [1]


@pytest.mark.parametrize(
    "wanted",
    [
        {"type": "section.activated"},
        {"type": "section.*", "affected": "section/H"},
        {"affected": "section/H15"},
        {"affected": "appendix/G", "code": "sec"},
        {"code": "sec", "type": "version.implemented"},
    ],
)
def test_a_filter_lets_through_what_the_list_has_for_it(client: httpx.Client, wanted: dict[str, str]) -> None:
    listed = client.get("/v1/events", params={"limit": 1000, **wanted}).json()["items"]
    assert listed
    assert [each.data for each in told(client, len(listed), **wanted)] == listed


@pytest.mark.parametrize(
    ("query", "last", "kind", "name"),
    [
        ("?after=239", None, "bad-parameter", "after: position 239"),
        ("?after=0", "239", "bad-parameter", "Last-Event-ID: position 239"),
        ("?after=-1", None, "bad-parameter", "after"),
        ("?after=soon", "5", "bad-parameter", "after"),
        ("", "soon", "bad-parameter", "Last-Event-ID"),
        ("", "1" * 40, "bad-parameter", "Last-Event-ID"),
        ("?type=section.celebrated", None, "bad-parameter", "type"),
        ("?affected=H15", None, "bad-parameter", "affected"),
        ("?code=a%00b", None, "bad-parameter", "NUL"),
        ("?after=1&after=2", None, "bad-parameter", "after"),
        ("?limit=5", None, "unknown-parameter", "limit"),
        ("?authority=Panel", None, "unknown-parameter", "authority"),
    ],
)
def test_what_cannot_be_streamed_is_refused_by_name(
    client: httpx.Client, query: str, last: str | None, kind: str, name: str
) -> None:
    answer = client.get(f"{STREAM}{query}", headers={} if last is None else {"Last-Event-ID": last})
    assert answer.status_code == 400
    assert answer.json()["type"] == f"/problems/{kind}"
    assert name in answer.json()["detail"]


def test_a_stream_is_described_for_those_who_read_openapi(client: httpx.Client) -> None:
    described = client.get("/openapi.json").json()["paths"][STREAM]["get"]
    assert list(described["responses"]["200"]["content"]) == ["text/event-stream"]
    assert {each["name"] for each in described["parameters"]} == {"after", "type", "code", "affected", "Last-Event-ID"}
