"""The feeds as readers of feeds see them: `feedparser` for Atom, the JSON Feed by its members."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import feedparser
import httpx
import pytest
import sqlalchemy as sa

from events.changes import SectionAmended
from events.knowing_better import ChangeCancelled, ChangeRescheduled, FactRetracted
from events.vocabulary import Quotation
from tests.feeds.served import PUBLIC, published
from tests.ingest.recording.table import take
from tests.projection.ledger import Ledger

ATOM, JSON = "/v1/feeds/changes.atom", "/v1/feeds/changes.json"
HOSTILE = "<script>alert(1)</script> & \x00\x08\x0b\x1b]0;\x7f\ufffe\U0001f600 ]]> &#0; “end”"
TEXT = HOSTILE.replace("\x00", "")
SHA = "ab" * 32


@pytest.fixture
def ledger(engine: sa.Engine) -> Ledger:
    return Ledger(engine)


@pytest.fixture
def client(engine: sa.Engine, tmp_path: Path) -> Iterator[httpx.Client]:
    with published(engine, tmp_path) as served:
        yield served


def parsed(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, answer.text
    found = feedparser.parse(answer.content)
    assert not found.bozo, found.get("bozo_exception")
    return found


def items(client: httpx.Client, query: str = "") -> list[dict[str, Any]]:
    answer = client.get(f"{JSON}{query}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def test_every_event_about_a_change_is_an_entry_newest_first_and_sources_are_none(
    engine: sa.Engine, client: httpx.Client
) -> None:
    take(engine)
    events = client.get("/v1/events?limit=1000").json()["items"]
    expected = [f"urn:uuid:{each['id']}" for each in reversed(events) if ".source." not in each["type"]]

    assert [entry["id"] for entry in items(client, "?limit=1000")] == expected
    assert [entry.id for entry in parsed(client.get(f"{ATOM}?limit=1000")).entries] == expected


def test_an_entry_says_what_happened_by_whom_from_which_day_in_the_words_of_the_source(
    engine: sa.Engine, client: httpx.Client
) -> None:
    take(engine)
    entry = parsed(client.get(f"{ATOM}?type=section.designated&affected=section/P")).entries[0]
    told = items(client, "?type=section.designated&affected=section/P")[0]

    assert entry.title == told["title"] == "SEC 5.16: Section P designated, in force 31 May 2018"
    for words in ("By the Secretary of State", "31 May 2018", "Designation of Section P – Production Proving"):
        assert words in entry.content[0].value
        assert words in told["content_html"]
    event = client.get(told["url"].removeprefix(PUBLIC)).json()
    assert told["url"] in [link.href for link in entry.links]
    assert told["url"] == f"{PUBLIC}/v1/events/{event['id']}"
    assert entry.updated == told["date_modified"] == event["time"]
    provision = client.get(f"{told['external_url'].removeprefix(PUBLIC)}&min_position=238").json()
    assert (provision["ref"], provision["state"], provision["meta"]["as_of"]) == ("P", "designated", "2018-05-31")


def test_pages_lead_from_the_newest_entry_to_the_oldest_without_gap_or_repeat(
    engine: sa.Engine, client: httpx.Client
) -> None:
    take(engine)
    whole = [entry["id"] for entry in items(client, "?limit=1000&type=section.*")]
    atom, seen = f"{PUBLIC}{ATOM}?type=section.*&limit=30", []
    while atom:
        page = parsed(client.get(atom.removeprefix(PUBLIC)))
        links = {link.rel: link.href for link in page.feed.links}
        assert links["self"] == atom
        seen += [entry.id for entry in page.entries]
        atom = links.get("next", "")
    json, read = f"{PUBLIC}{JSON}?type=section.*&limit=30", []
    while json:
        body = client.get(json.removeprefix(PUBLIC)).json()
        read += [entry["id"] for entry in body["items"]]
        json = body.get("next_url", "")

    assert seen == read == whole
    assert len(whole) > 30


@pytest.mark.parametrize("path", [ATOM, JSON])
def test_a_feed_that_has_not_changed_is_not_sent_again(ledger: Ledger, client: httpx.Client, path: str) -> None:
    ledger.record(ledger.changed("amended", "section/H15", "5.17", "2018-07-01"))
    first = client.get(path)
    unless = {"If-None-Match": first.headers["etag"]}

    assert (client.get(path, headers=unless).status_code, client.get(path, headers=unless).content) == (304, b"")
    ledger.record(ledger.changed("amended", "section/H16", "5.17", "2018-07-01"))
    again = client.get(path, headers=unless)
    assert (again.status_code, again.headers["etag"] == first.headers["etag"]) == (200, False)


def test_the_filters_are_those_of_the_events(ledger: Ledger, client: httpx.Client) -> None:
    section, appendix = ledger.record(
        ledger.changed("amended", "section/H15.3", "5.17", "2018-07-01"),
        ledger.changed("amended", "appendix/A", "5.17", "2018-07-01"),
    )
    moved = ChangeRescheduled(code="sec", actor="t", change=section.id)
    late = ledger.record(moved, streams={0: section.stream})[0]
    of_section = [f"urn:uuid:{late.id}", f"urn:uuid:{section.id}"]

    assert [entry["id"] for entry in items(client, "?affected=section/H")] == of_section
    assert [entry["id"] for entry in items(client, "?type=appendix.*")] == [f"urn:uuid:{appendix.id}"]
    assert [entry["id"] for entry in items(client, "?code=dcusa")] == []
    assert len(items(client, "?code=sec")) == 3


@pytest.mark.parametrize(
    ("query", "kind", "says"),
    [
        ("?colour=red", "unknown-parameter", "colour"),
        ("?affected=H15", "bad-parameter", "affected"),
        ("?limit=0", "bad-parameter", "limit"),
        ("?limit=1001", "bad-parameter", "limit"),
        ("?cursor=999", "bad-parameter", "cursor"),
        ("?cursor=x", "bad-parameter", "cursor"),
        ("?type=a&type=b", "bad-parameter", "type"),
        ("?type=widget.*", "bad-parameter", "widget"),
    ],
)
@pytest.mark.parametrize("path", [ATOM, JSON])
def test_what_cannot_be_asked_is_refused_by_name(
    client: httpx.Client, path: str, query: str, kind: str, says: str
) -> None:
    answer = client.get(f"{path}{query}")
    told = answer.json()
    assert (answer.status_code, told["type"], says in told["detail"]) == (400, f"/problems/{kind}", True)


def test_hostile_text_reaches_a_reader_as_text(ledger: Ledger, client: httpx.Client) -> None:
    source = Quotation(sha256=SHA, spans=((0, 1),), quote=HOSTILE)
    given: dict[str, Any] = {"code": "sec", "actor": "t", "source": source, "title": TEXT}
    ledger.record(SectionAmended(ref="H15", version=TEXT, instrument=TEXT, proposal=TEXT, **given))
    entry = parsed(client.get(ATOM)).entries[0]
    content = ElementTree.fromstring(client.get(ATOM).content).findtext(".//{*}entry/{*}content") or ""
    shown = "&lt;script&gt;alert(1)&lt;/script&gt; &amp; ]0;\U0001f600 ]]&gt; &amp;#0; “end”"

    assert shown in content
    assert "<script" not in content
    assert entry.title.startswith("SEC <script>") or "script" in entry.title
    assert items(client)[0]["content_html"] == content


def test_what_became_of_a_change_is_told_with_the_change(ledger: Ledger, client: httpx.Client) -> None:
    change = ledger.record(ledger.changed("amended", "section/H15", "6.0", "2027-03-01"))[0]
    at = {"code": "sec", "actor": "t"}
    later = [
        ChangeRescheduled(change=change.id, was="2027-03-01", effective="2027-06-01", reason="not ready", **at),
        ChangeCancelled(change=change.id, reason="dropped", **at),
        FactRetracted(supersedes=change.id, reason="misread", **at),
    ]
    ledger.record(*later, streams=dict.fromkeys(range(3), change.stream))

    assert [entry["title"] for entry in items(client)] == [
        "SEC 6.0: withdrawn: Section H15 amended, in force 1 March 2027",
        "SEC 6.0: cancelled: Section H15 amended",
        "SEC 6.0: moved from 1 March 2027 to 1 June 2027: Section H15 amended",
        "SEC 6.0: Section H15 amended, in force 1 March 2027",
    ]
    assert "Reason: not ready." in items(client)[2]["content_html"]


def test_an_empty_ledger_has_an_empty_feed(client: httpx.Client) -> None:
    assert parsed(client.get(ATOM)).entries == []
    assert items(client) == []
