"""The contract over HTTP, from the shipped table, on both databases: what a client that has read the contract relies on."""

import json
import os
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from services import cli
from services.settings import Settings
from tests.conftest import DATABASES, copied_database
from tests.serving import serving

SHIPPED = resources.files("services.ingest.shipped").joinpath("sec-version-control-v5.16.txt")
TABLE = SHIPPED.read_bytes()
DAY = "2018-06-01"
LATER_ROW = """

5.17 1st July 2018 Modifications to SEC

version 5.16 as directed

by the Secretary of

State pursuant to

Section 88(1) of the

Energy Act 2008

Amendments to Section H.
"""


def settings_for(url: str, directory: Path) -> Settings:
    return Settings(database_url=url, data_dir=directory, max_source_bytes=100_000)


def ingest(client: httpx.Client, data: bytes = TABLE, name: str = "table.txt", **headers: str) -> httpx.Response:
    given = {"Content-Type": "text/plain", **headers}
    return client.post(f"/v1/ingestions?code=sec&name={name}", content=data, headers=given)


@pytest.fixture
def fresh(ledger_url: str, tmp_path: Path) -> Iterator[httpx.Client]:
    """A service on a ledger of the test's own."""
    with serving(settings_for(ledger_url, tmp_path)) as client:
        yield client


@pytest.fixture(scope="module", params=DATABASES)
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A service on a ledger that holds the shipped table, for the questions of a whole module."""
    directory = tmp_path_factory.mktemp("rest")
    url = f"sqlite:///{directory / 'ledger.sqlite3'}"
    if request.param == "postgresql":
        server, template = request.getfixturevalue("postgresql_url"), request.getfixturevalue("migrated_postgresql")
        url = copied_database(server, template, f"inforce_rest_{os.getpid()}")
    with serving(settings_for(url, directory)) as served:
        assert ingest(served).status_code == 201
        yield served


def get(client: httpx.Client, path: str, status: int = 200, **parameters: Any) -> Any:
    answer = client.get(path, params=parameters or None)
    assert answer.status_code == status, answer.text
    return answer.json()


def provision(client: httpx.Client, name: str, day: str = DAY, **more: Any) -> Any:
    return get(client, f"/v1/codes/sec/provisions/{name}", as_of=day, **more)


def test_the_same_bytes_again_are_nothing_new(client: httpx.Client) -> None:
    answer = ingest(client)
    assert (answer.status_code, answer.json()["new_events"], answer.json()["positions"]) == (200, 0, [])


def test_an_answer_says_where_it_binds(client: httpx.Client) -> None:
    position = get(client, "/v1/codes")["items"][0]["position"]
    assert get(client, "/v1/codes/sec/in-force", as_of=DAY)["meta"] == {
        "as_of": DAY,
        "known_at": f"pos:{position}",
        "position": position,
        "up_to_date_as_of": "2018-05-31",
        "basis": "recorded",
        "model": 1,
    }
    assert get(client, "/v1/codes/sec/in-force", as_of="2099-01-01")["meta"]["basis"] == "scheduled"


@pytest.mark.parametrize(
    ("name", "day", "state"),
    [
        ("code/SEC", "2013-09-23", "designated"),
        ("section/H15", "2015-01-25", "unrecorded"),
        ("section/H15", "2015-01-26", "active"),
        ("section/H", "2015-01-26", "partly_active"),
        ("section/H3.22", "2016-06-06", "active"),
        ("section/H3", "2016-11-08", "partly_active"),
        ("section/H3.27", "2016-11-08", "inactive"),
        ("section/H10.11", "2016-11-08", "active"),
        ("section/H10", "2016-11-08", "partly_active"),
        ("section/H10.14", "2016-11-08", "unrecorded"),
        ("section/H10.14", "2017-09-14", "designated"),
        ("section/H99", "2017-09-14", "designated"),
        ("section/N4A", "2017-01-26", "designated"),
        ("section/D6.3", "2016-08-16", "unrecorded"),
        ("section/D6.3", "2016-08-17", "designated"),
        ("appendix/A", "2016-07-13", "designated"),
        ("schedule/8", "2018-02-01", "designated"),
        ("section/P", "2018-05-31", "designated"),
    ],
)
def test_what_was_in_force_on_a_day(client: httpx.Client, name: str, day: str, state: str) -> None:
    assert provision(client, name, day)["state"] == state


def test_the_reasons_name_the_change_the_instrument_and_the_words(client: httpx.Client) -> None:
    first = provision(client, "section/H15")["because"][0]
    assert (first["version"], first["instrument"], first["authority"], first["via"]) == (
        "4.1",
        "4.1-1",
        "Secretary of State",
        None,
    )
    content = client.get(f"/v1/sources/{first['source']['sha256']}/content").content
    text = content.decode()
    words = " ".join(" ".join(text[start:end] for start, end in first["source"]["spans"]).split())
    assert words == first["source"]["quote"] == "Activation of Section H15"


def test_sources_and_their_readings_say_where_they_bind_as_all_answers_do(client: httpx.Client) -> None:
    sha256 = provision(client, "section/H15")["because"][0]["source"]["sha256"]
    bodies = [client.get(f"/v1/{path}").json() for path in ("status", "ingestions", f"sources/{sha256}")]
    [read] = bodies[1]["items"]
    assert (read["sha256"], bodies[2]["readings"][0]["reader"]) == (sha256, read["reader"])
    assert [each["meta"] for each in bodies] == [bodies[0]["meta"]] * 3


def test_a_document_that_got_a_letter_answers_under_both_names(client: httpx.Client) -> None:
    for name in ("appendix/G", "document/dcc-gateway-connection-code-of-connection"):
        told = get(client, f"/v1/codes/sec/provisions/{name}/history", as_of=DAY)
        assert [item["version"] for item in told["items"]] == ["4.1", "4.9", "5.0"]
        assert provision(client, name)["ref"] == "G"


def test_specification_versions_stand_side_by_side(client: httpx.Client) -> None:
    told = [(spec["spec"], spec["version"]) for spec in provision(client, "schedule/9")["spec_versions"]]
    assert told == [(None, "1.2"), ("SMETS1", "1.2"), ("SMETS2", "2.0"), ("SMETS2", "3.0"), ("SMETS2", "4.0")]
    assert [s["version"] for s in provision(client, "appendix/AD")["spec_versions"]] == ["1.1", "2.0"]


def test_fourteen_versions_took_effect_in_2016(client: httpx.Client) -> None:
    bounds = {"effective[gte]": "2016-01-01", "effective[lte]": "2016-12-31"}
    found = get(client, "/v1/codes/sec/versions", as_of=DAY, **bounds)["items"]
    assert [item["label"] for item in found][::13] == ["4.7", "5.2"]
    assert len(found) == 14


def test_pages_follow_each_other_without_gap_or_repeat(client: httpx.Client) -> None:
    whole = [item["id"] for item in get(client, "/v1/codes/sec/changes", limit=1000)["items"]]
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = get(client, "/v1/codes/sec/changes", limit=50, **cursor)
        seen += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert seen == whole
    get(client, "/v1/codes/sec/versions", 400, cursor=cursor["cursor"])


def projected(client: httpx.Client, data: bytes) -> None:
    get(client, "/v1/codes/sec", min_position=ingest(client, data).json()["positions"][1])


@pytest.mark.parametrize("path", ["provisions?", "provisions?kind=document", "changes?status=in_force", "versions?"])
def test_a_list_read_page_by_page_is_one_list_whatever_is_recorded_meanwhile(fresh: httpx.Client, path: str) -> None:
    def page(cursor: str = "") -> Any:
        return get(fresh, f"/v1/codes/sec/{path}&{cursor}")

    projected(fresh, TABLE[: TABLE.index(b"4.9 9th March 2016")])
    whole, now = page()["items"], page("limit=1")
    assert len(whole) > 4
    found = now["items"]
    projected(fresh, TABLE)
    while now["next"]:
        now = page(f"limit=1&cursor={now['next']}")
        found += now["items"]
    assert found == whole
    assert page()["items"] != whole


def test_events_are_cloud_events_by_position(client: httpx.Client) -> None:
    found = get(client, "/v1/events", type="section.activated", affected="section/H15")["items"]
    assert [(item["type"], item["subject"]) for item in found] == [("uk.inforce.section.activated.v1", "section/H15")]
    assert get(client, f"/v1/events/{found[0]['id']}") == found[0]
    rest = get(client, "/v1/events", after=found[0]["sequence"], limit=1)
    assert rest["items"][0]["sequence"] == str(int(found[0]["sequence"]) + 1)


def test_an_unpinned_answer_is_checked_again_and_its_pinned_twin_is_the_same_for_ever(fresh: httpx.Client) -> None:
    ingest(fresh)
    first = fresh.get(f"/v1/codes/sec/provisions/section/H15?as_of={DAY}")
    assert first.headers["cache-control"] == "no-cache"
    unless = {"If-None-Match": first.headers["etag"]}
    again = fresh.get(f"/v1/codes/sec/provisions/section/H15?as_of={DAY}", headers=unless)
    assert (again.status_code, again.content) == (304, b"")
    pinned = fresh.get(first.headers["content-location"])
    assert pinned.content == first.content
    assert "immutable" in pinned.headers["cache-control"]
    assert pinned.headers["memento-datetime"].endswith("GMT")
    assert ingest(fresh, TABLE.rstrip() + LATER_ROW.encode(), "longer").status_code == 201
    assert fresh.get(first.headers["content-location"]).content == pinned.content
    assert fresh.get("/v1/codes/sec/provisions/section/H15?as_of=2018-07-01").json()["version"] == "5.17"


def test_known_time_is_asked_by_position_by_instant_or_by_header(client: httpx.Client) -> None:
    assert provision(client, "section/H15", known_at="pos:30")["version"] == "4.1"
    answer = client.get("/v1/codes/sec/in-force", headers={"Accept-Datetime": "Thu, 01 Jan 2015 00:00:00 GMT"})
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/before-first-version")


@pytest.mark.parametrize(
    ("path", "status", "kind", "says"),
    [
        ("/v1/codes/sec/provisions/section/Q7", 404, "unknown-provision", "Q7"),
        ("/v1/codes/sec/provisions/widget/7", 404, "unknown-provision", "widget"),
        ("/v1/codes/dcusa/in-force", 404, "unknown-code", "dcusa"),
        ("/v1/codes/sec/versions/9.9", 404, "unknown-version", "9.9"),
        ("/v1/codes/sec/in-force?as_of=2013-09-22", 404, "before-first-version", "2013-09-23"),
        ("/v1/codes/sec/in-force?known_at=pos:0", 404, "before-first-version", "position 0"),
        ("/v1/codes/sec/in-force?known_at=pos:99999", 400, "known-at-in-future", "99999"),
        ("/v1/codes/sec/in-force?known_at=2999-01-01T00:00:00Z", 400, "known-at-in-future", "2999"),
        ("/v1/codes/sec/in-force?known_at=yesterday", 400, "bad-parameter", "known_at"),
        ("/v1/codes/sec/in-force?as_of=20180601", 400, "bad-parameter", "as_of"),
        ("/v1/codes/sec/in-force?as_of=2018-02-30", 400, "bad-parameter", "as_of"),
        ("/v1/codes/sec/in-force?as_of=2018-06-01&as_of=2018-06-02", 400, "bad-parameter", "as_of"),
        ("/v1/codes/sec/in-force?asof=2018-06-01", 400, "unknown-parameter", "asof"),
        ("/v1/codes/sec/changes?limit=0", 400, "bad-parameter", "limit"),
        ("/v1/codes/sec/changes?cursor=zzz", 400, "bad-parameter", "cursor"),
        ("/v1/codes/sec/changes?affected=H15", 400, "bad-parameter", "affected"),
        ("/v1/codes/sec/changes?affected=section/h15", 400, "bad-parameter", "affected"),
        ("/v1/codes/sec/changes?affected=clause/15", 400, "bad-parameter", "affected"),
        ("/v1/codes/sec/changes?authority=Ofgem", 400, "bad-parameter", "SEC Panel"),
        ("/v1/codes/sec/versions?authority=Ofgem", 400, "bad-parameter", "authority"),
        ("/v1/codes/sec/versions?provision=H15", 400, "bad-parameter", "provision"),
        ("/v1/codes/sec/provisions?kind=sections", 400, "bad-parameter", "appendix"),
        ("/v1/codes/sec/diff?from=2016-W01-1&to=5.0", 400, "bad-parameter", "from"),
        ("/v1/codes/sec/diff?from=2016-13-01&to=5.0", 400, "bad-parameter", "from"),
        ("/v1/codes/sec/diff?from=5.1&to=5.0", 400, "bad-parameter", "from"),
        ("/v1/codes/sec/diff?from=2001-01-01&to=5.0", 404, "before-first-version", "2001-01-01"),
        ("/v1/codes/sec/in-force?model=7", 410, "model-gone", "model"),
        ("/v1/events/nonsense", 404, "not-found", "nonsense"),
        ("/v1/events?after=99999", 400, "bad-parameter", "after"),
        ("/v1/events?type=nothing.*", 400, "bad-parameter", "type"),
        ("/v1/sources/" + "0" * 64, 404, "unknown-source", "0000"),
        ("/v1/nowhere", 404, "not-found", ""),
    ],
)
def test_what_cannot_be_answered_is_a_problem_that_names_it(
    client: httpx.Client, path: str, status: int, kind: str, says: str
) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    told = answer.json()
    assert told["type"].endswith(kind)
    assert says in told["detail"]


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        (b"", 422, "unreadable-source"),
        (b"\x00\x01\x02", 422, "unreadable-source"),
        ("Größe".encode("latin-1"), 422, "unreadable-source"),
        (b"Dear all, please find attached the minutes.", 422, "unreadable-source"),
        (TABLE[: len(TABLE) - 125], 422, "unreadable-source"),
        (b"x" * 100_001, 413, "too-large"),
    ],
)
def test_what_cannot_be_read_is_refused_and_the_log_stays_as_it_was(
    client: httpx.Client, body: bytes, status: int, kind: str
) -> None:
    before = get(client, "/v1/status")["log"]["position"]
    answer = ingest(client, body)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (status, kind)
    assert get(client, "/v1/status")["log"]["position"] == before


def test_an_idempotency_key_gives_the_first_receipt_again_and_serves_one_request(fresh: httpx.Client) -> None:
    key = {"Idempotency-Key": "k1"}
    first = ingest(fresh, TABLE, "a", **key)
    assert ingest(fresh, TABLE, "a", **key).json()["positions"] == first.json()["positions"]
    assert ingest(fresh, TABLE, "b", **key).status_code == 409


def test_no_answer_leads_to_the_host_that_the_asker_named(client: httpx.Client) -> None:
    elsewhere = {"Host": "elsewhere.example"}
    gone = client.get("/v1/codes/sec/in-force?as_of=2018-06-01&model=7", headers=elsewhere)
    assert (gone.status_code, "elsewhere" in gone.text) == (410, False)
    assert get(client, gone.json()["current"])["meta"]["model"] == 1
    slashed = client.get("/v1/codes/", headers=elsewhere)
    assert (slashed.status_code, slashed.headers["content-type"]) == (404, "application/problem+json")


def test_openapi_says_what_a_document_comes_with(client: httpx.Client) -> None:
    told = get(client, "/openapi.json")["paths"]
    taking = told["/v1/ingestions"]["post"]
    assert {"code", "name", "Idempotency-Key"} <= {each["name"] for each in taking["parameters"]}
    assert "text/plain" in taking["requestBody"]["content"]
    assert {"200", "201", "409", "413", "415", "422"} <= set(taking["responses"])
    assert [each["name"] for each in told["/v1/ingestions"]["get"]["parameters"]] == ["limit", "cursor"]
    assert "404" in told["/v1/sources/{sha256}/content"]["get"]["responses"]


def test_a_browser_finds_a_page(client: httpx.Client) -> None:
    answer = client.get("/")
    assert answer.headers["content-type"].startswith("text/html")
    assert "Smart Energy Code" in answer.text
    assert "5.16" in answer.text


def test_a_document_in_another_charset_than_it_is_read_in_is_refused(fresh: httpx.Client) -> None:
    answer = ingest(fresh, **{"Content-Type": "text/plain; charset=latin-1"})
    assert (answer.status_code, answer.json()["type"]) == (415, "/problems/unreadable-source")
    assert "latin-1" in answer.json()["detail"]
    assert ingest(fresh, **{"Content-Type": 'text/plain; charset="UTF-8"'}).status_code == 201


def test_instruments_have_the_shape_that_a_reading_prints(client: httpx.Client) -> None:
    read = json.loads(CliRunner().invoke(cli.app(), ["read", str(SHIPPED), "--format", "json"]).stdout)
    for row in read["versions"]:
        told = get(client, f"/v1/codes/sec/versions/{row['label']}", as_of=DAY)["instruments"]
        for instrument, each in zip(told, row["instruments"], strict=True):
            # The designation of the code is an instrument and a change: its words are those of both, its day the version's.
            own = {"effective", "spans"} if row["label"] == "1.0" else set()
            assert {name: instrument[name] for name in each.keys() - own} == {
                k: v for k, v in each.items() if k not in own
            }
