"""Each consumer of docs/subscribing.md, as printed: it has every event, stops without warning, and goes on where it was."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from icalendar import Calendar

from services.projection.publish.webhooks import dispatcher
from services.settings import Settings
from tests.factories import amended
from tests.ingest.recording.table import take
from tests.projection.ledger import Ledger
from tests.serving import serving
from tests.subscribing.printed import PROGRAMS, RECEIVER, SERVICE, curl, ran, running


@pytest.fixture
def settings(ledger_url: str, tmp_path: Path, free_port: int) -> Settings:
    return Settings(database_url=ledger_url, data_dir=tmp_path, port=free_port, webhook_allow_private=True)


@pytest.fixture
def service(engine: sa.Engine, settings: Settings) -> Iterator[dict[str, str]]:
    """Where a service answers whose ledger holds the shipped table, by the address that the page shows."""
    take(engine)
    with serving(settings, port=settings.port) as client:
        client.get("/v1/codes/sec?min_position=238").raise_for_status()
        yield {SERVICE: f"127.0.0.1:{settings.port}"}


EARLIER = list(range(1, 239))


def once(positions: list[int]) -> list[int]:
    """Without the one that was printed before the program was killed, and not yet kept."""
    return positions[1:] if positions[0] <= 238 else positions


def more(engine: sa.Engine) -> None:
    Ledger(engine).record(amended("H15", version="5.17"), amended("H16", version="5.17"))


@pytest.mark.parametrize("name", ["poll", "listen"])
def test_a_consumer_has_each_event_once_and_goes_on_where_it_was_killed(
    service: dict[str, str], engine: sa.Engine, tmp_path: Path, name: str
) -> None:
    with running(name, tmp_path, service) as first:
        assert first.positions(238) == EARLIER
        assert first.lines[-1].split()[1].startswith("uk.inforce.")
    more(engine)
    with running(name, tmp_path, service) as again:
        assert once(again.positions(240)) == [239, 240]


def test_a_listener_outlives_the_service(settings: Settings, engine: sa.Engine, tmp_path: Path) -> None:
    take(engine)
    with running("listen", tmp_path, {SERVICE: f"127.0.0.1:{settings.port}"}) as listener:
        with serving(settings, port=settings.port):
            listener.positions(238)
        more(engine)
        with serving(settings, port=settings.port):
            assert listener.positions(240) == list(range(1, 241))


def test_the_receiver_verifies_and_has_each_delivery_once(
    service: dict[str, str], settings: Settings, engine: sa.Engine, tmp_path: Path, other_port: int
) -> None:
    places = service | {RECEIVER: f"127.0.0.1:{other_port}"}
    made = json.loads(curl("/v1/subscriptions' ", tmp_path, places))
    sections = httpx.get(f"http://{service[SERVICE]}/v1/events?type=section.*&limit=1000").json()["items"]
    expected = [int(each["sequence"]) for each in sections]
    stop = threading.Event()
    delivering = threading.Thread(target=dispatcher.run, args=(engine, settings, stop))
    delivering.start()
    try:
        with running("receive", tmp_path, places, WEBHOOK_SECRET=made["secret"]) as receiver:
            assert receiver.positions(expected[-1]) == expected
        more(engine)
        with running("receive", tmp_path, places, WEBHOOK_SECRET=made["secret"]) as receiver:
            assert once(receiver.positions(240)) == [239, 240]
            forged = httpx.post(f"http://{places[RECEIVER]}/inforce", json=sections[0])
            assert forged.status_code == 401
            (tmp_path / "receive.position").unlink()
            receiver.lines.clear()
            told = curl("$SUBSCRIPTION", tmp_path, places, SUBSCRIPTION=made["id"])
            assert '"delivered"' in told
            assert receiver.positions(240) == [*(position for position in expected if position > 200), 239, 240]
    finally:
        stop.set()
        delivering.join(30)


def test_the_reader_of_the_feed_has_each_entry_once(service: dict[str, str], engine: sa.Engine, tmp_path: Path) -> None:
    first = ran("read_feed", tmp_path, service)
    assert len(first) == 236
    assert first[-1].endswith("in force 31 May 2018")
    assert ran("read_feed", tmp_path, service) == []
    more(engine)
    assert [line.split(" ", 1)[1] for line in ran("read_feed", tmp_path, service)] == [
        "SEC 5.17: Section H15 amended, in force 31 May 2018",
        "SEC 5.17: Section H16 amended, in force 31 May 2018",
    ]


def test_the_reader_of_the_calendar_has_each_day_once(
    service: dict[str, str], engine: sa.Engine, tmp_path: Path
) -> None:
    first = ran("read_days", tmp_path, service)
    assert "2018-05-31 SEC 5.16: Section P designated CONFIRMED" in first
    assert ran("read_days", tmp_path, service) == []


def test_the_commands_answer_as_the_page_says(service: dict[str, str], tmp_path: Path) -> None:
    polled = json.loads(curl("/v1/events?after", tmp_path, service))["items"]
    assert {each["subject"][:9] for each in polled} == {"section/H"}
    streamed = [line for line in curl("/stream", tmp_path, service).splitlines() if line.startswith("id:")]
    assert [line.removeprefix("id:").strip() for line in streamed] == ["237", "238"]
    assert len(json.loads(curl("changes.json", tmp_path, service))["items"]) == 3
    curl("changes.atom", tmp_path, service)
    written = (tmp_path / "changes.atom").read_text(encoding="utf-8")
    curl("changes.atom", tmp_path, service)
    assert "SEC 5.16" in (tmp_path / "changes.atom").read_text(encoding="utf-8") == written
    curl("calendar.ics", tmp_path, service)
    assert Calendar.from_ical((tmp_path / "sec.ics").read_bytes()).walk("VEVENT")


def test_every_program_of_the_page_is_run() -> None:
    assert set(PROGRAMS) == {"poll", "listen", "receive", "consume", "read_feed", "read_days"}
