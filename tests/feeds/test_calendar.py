"""The calendar as `icalendar` reads it: one event each dated change, its revisions counted, nothing forgotten."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from icalendar import Calendar

from events.changes import DocumentLettered, SectionAmended
from events.envelope import Pending
from events.knowing_better import ChangeCancelled, ChangeRescheduled, FactCorrected, FactRetracted
from events.vocabulary import Quotation
from tests.feeds.served import PUBLIC, published
from tests.ingest.recording.table import take
from tests.projection.ledger import Ledger

PATH = "/v1/codes/sec/calendar.ics"
AT: dict[str, Any] = {"code": "sec", "actor": "t"}
FIRST, MOVED = date(2027, 3, 1), date(2027, 6, 1)


@pytest.fixture
def client(engine: sa.Engine, tmp_path: Path) -> Iterator[httpx.Client]:
    with published(engine, tmp_path) as served:
        yield served


@pytest.fixture
def ledger(engine: sa.Engine) -> Ledger:
    """A ledger that holds the code's first version."""
    found = Ledger(engine)
    found.record(found.version("1.0", "2013-09-23"))
    return found


def days(client: httpx.Client, query: str = "") -> dict[str, Any]:
    # Whoever waits for a position is answered from the database, whatever the service remembers.
    answer = client.get(f"{PATH}{query or '?min_position=1'}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    return {str(day["uid"]): day for day in Calendar.from_ical(answer.content).walk("VEVENT")}


def told(day: Any) -> tuple[date, int, str]:
    return day["dtstart"].dt, int(day["sequence"]), str(day["status"])


def about(ledger: Ledger, change: Pending, *events: Any) -> None:
    ledger.record(*events, streams=dict.fromkeys(range(len(events)), change.stream))


def test_each_dated_change_is_an_all_day_event(engine: sa.Engine, client: httpx.Client) -> None:
    take(engine)
    client.get("/v1/codes/sec/in-force?min_position=238")
    changes = {item["id"]: item for item in client.get("/v1/codes/sec/changes?limit=1000").json()["items"]}
    found = days(client)

    assert {name: day["dtstart"].dt.isoformat() for name, day in found.items()} == {
        name: change["effective"] for name, change in changes.items()
    }
    section_p = next(change for change in changes.values() if (change["ref"], change["version"]) == ("P", "5.16"))
    day = found[section_p["id"]]
    assert str(day["summary"]) == "SEC 5.16: Section P designated"
    assert "By the Secretary of State." in day["description"]
    assert "Designation of Section P – Production Proving" in day["description"]
    assert str(day["url"]) == f"{PUBLIC}/v1/codes/sec/provisions/section/P?as_of=2018-05-31"
    assert told(day) == (date(2018, 5, 31), 0, "CONFIRMED")


def test_a_change_that_moves_keeps_its_identity_and_raises_its_sequence(ledger: Ledger, client: httpx.Client) -> None:
    change = ledger.record(ledger.changed("amended", "section/H15", "6.0", "2027-03-01"))[0]
    before = days(client)[change.id]
    about(ledger, change, ChangeRescheduled(change=change.id, was=FIRST, effective=MOVED, **AT))
    after = days(client)[change.id]

    assert (told(before), told(after)) == ((FIRST, 0, "CONFIRMED"), (MOVED, 1, "CONFIRMED"))
    assert after["dtstamp"].dt >= before["dtstamp"].dt


def test_a_change_that_falls_away_stays_as_cancelled(ledger: Ledger, client: httpx.Client) -> None:
    cancelled, retracted, undated = ledger.record(
        *(ledger.changed("amended", f"section/H{n}", "6.0", "2027-03-01") for n in (1, 2, 3))
    )
    about(ledger, cancelled, ChangeCancelled(change=cancelled.id, **AT))
    about(ledger, retracted, FactRetracted(supersedes=retracted.id, reason="misread", **AT))
    about(ledger, undated, ChangeRescheduled(change=undated.id, was=FIRST, **AT))
    found = days(client)

    for change in (cancelled, retracted, undated):
        assert told(found[change.id]) == (FIRST, 1, "CANCELLED")


def test_a_change_that_gets_its_day_later_comes_when_it_has_one(ledger: Ledger, client: httpx.Client) -> None:
    change = ledger.record(ledger.changed("amended", "section/H15", "6.0", None))[0]
    assert change.id not in days(client)
    about(ledger, change, ChangeRescheduled(change=change.id, effective=FIRST, **AT))
    assert told(days(client)[change.id]) == (FIRST, 1, "CONFIRMED")


def test_what_changes_neither_the_day_nor_the_life_is_no_revision(ledger: Ledger, client: httpx.Client) -> None:
    document = ledger.record(ledger.changed("designated", "document/the-code", "6.0", "2027-03-01", title="The Code"))[
        0
    ]
    ledger.record(DocumentLettered(document="the-code", kind="appendix", ref="AZ", effective=MOVED, **AT))
    fact = SectionAmended(ref="H16", version="6.0", effective=FIRST, **AT)
    misread = ledger.record(ledger.changed("amended", "section/H15", "6.0", "2027-03-01"))[0]
    about(ledger, misread, FactCorrected(supersedes=misread.id, fact=fact, reason="misread", **AT))
    found = days(client)

    assert told(found[document.id]) == told(found[misread.id]) == (FIRST, 0, "CONFIRMED")
    assert str(found[misread.id]["summary"]) == "SEC 6.0: Section H16 amended"
    assert str(found[document.id]["url"]).startswith(f"{PUBLIC}/v1/codes/sec/provisions/appendix/AZ?")


def test_the_calendar_is_answered_as_it_was_known_then(ledger: Ledger, client: httpx.Client) -> None:
    change = ledger.record(ledger.changed("amended", "section/H15", "6.0", "2027-03-01"))[0]
    about(ledger, change, ChangeRescheduled(change=change.id, was=FIRST, effective=MOVED, **AT))

    assert told(days(client, "?known_at=pos:2")[change.id]) == (FIRST, 0, "CONFIRMED")
    assert told(days(client, "?known_at=pos:3")[change.id]) == (MOVED, 1, "CONFIRMED")
    ahead, behind = days(client, "?as_of=2027-07-01"), days(client, "?as_of=2027-01-01")
    assert [each[change.id]["categories"].cats[0] for each in (ahead, behind)] == ["in_force", "scheduled"]


def test_a_calendar_that_has_not_changed_is_not_sent_again(ledger: Ledger, client: httpx.Client) -> None:
    first = client.get(PATH)
    again = client.get(PATH, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(first.headers["content-location"]).content == first.content


def test_hostile_words_stay_within_their_line(ledger: Ledger, client: httpx.Client) -> None:
    hostile = "x\r\nEND:VEVENT\r\nBEGIN:VALARM\x00\x07;,\\n\u2028" + "ü" * 200
    source = Quotation(sha256="ab" * 32, spans=((0, 1),), quote=hostile)
    name = hostile.replace("\x00", "")
    fact = SectionAmended(ref="H15", version=f"6.0{name}", title=name, source=source, effective=FIRST, **AT)
    change = ledger.record(fact)[0]
    found = days(client)

    assert list(found) == [change.id]
    assert "END:VEVENT\nBEGIN:VALARM;,\\n\u2028ü" in found[change.id]["description"]
    assert all(len(line) <= 75 for line in client.get(PATH).content.split(b"\r\n"))


def test_a_code_that_is_not_there_and_a_parameter_that_is_unknown_are_refused(client: httpx.Client) -> None:
    assert client.get("/v1/codes/dcusa/calendar.ics").status_code == 404
    assert client.get(f"{PATH}?colour=red").json()["type"] == "/problems/unknown-parameter"
