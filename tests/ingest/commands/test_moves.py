"""Changes given another day, or cancelled: alone, by their instrument, with their version; every answer moves along."""

from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from services.ingest.tables import known_change
from tests.ingest.commands.asking import (
    SOURCE,
    Body,
    approval,
    ask,
    did,
    direction,
    done,
    event_of,
    get,
    in_force,
    refused,
    state,
    types,
    written,
)
from tests.ingest.commands.conftest import Kept

AHEAD = "2097-01-01"


def moved(day: str | None, **which: str) -> Body:
    return which | {"effective": day, "source": SOURCE}


def scheduled(client: httpx.Client, **said: Any) -> Body:
    changes = [did("designated", "section/Y"), did("activated", "section/Y1")]
    return done(ask(client, "directions", direction(*changes, **({"effective": AHEAD} | said))))


def test_a_version_moves_with_its_instruments_and_changes(client: httpx.Client) -> None:
    scheduled(client)
    told = done(ask(client, "reschedulings", moved("2097-02-01", version="5.17")))
    assert types(told) == ["ChangeRescheduled"] * 4
    assert [each["stream"] for each in told["events"]] == [
        *("sec/version/5.17", "sec/instrument/5.17-1", "sec/section/Y", "sec/section/Y1")
    ]
    assert (in_force(client, AHEAD), in_force(client, "2097-02-01")) == ("5.16", "5.17")
    assert state(client, "section/Y1", AHEAD)[0] == "unrecorded"
    assert state(client, "section/Y1", "2097-02-01") == ("active", "5.17")
    version = get(client, "versions/5.17", as_of=AHEAD)
    assert (version["effective"], version["status"]) == ("2097-02-01", "scheduled")
    assert {each["effective"] for each in version["changes"]} == {"2097-02-01"}
    assert get(client, "diff", **{"from": "5.16", "to": AHEAD})["changes"] == []
    assert len(get(client, "diff", **{"from": "5.16", "to": "5.17"})["changes"]) == 2
    calendar = client.get("/v1/codes/sec/calendar.ics").text
    assert "DTSTART;VALUE=DATE:20970201" in calendar
    assert "DTSTART;VALUE=DATE:20970101" not in calendar
    assert in_force(client, AHEAD, f"pos:{told['events'][0]['position'] - 1}") == "5.17"


def test_an_instrument_alone_in_its_version_takes_it_along(client: httpx.Client) -> None:
    scheduled(client)
    done(ask(client, "reschedulings", moved("2097-03-01", instrument="5.17-1")))
    assert in_force(client, "2097-02-28") == "5.16"
    assert in_force(client, "2097-03-01") == "5.17"


def test_an_instrument_that_joined_moves_alone(client: httpx.Client) -> None:
    scheduled(client)
    done(ask(client, "approvals", approval(did("amended", "section/D"), joins_version=True, effective=AHEAD)))
    done(ask(client, "reschedulings", moved("2096-12-31", instrument="5.17-2")))
    assert in_force(client, "2096-12-31") == "5.16"
    assert state(client, "section/D", "2096-12-31") == ("designated", "5.17")
    assert state(client, "section/Y", "2096-12-31")[0] == "unrecorded"
    assert get(client, "instruments/5.17-2")["effective"] == "2096-12-31"
    told = done(ask(client, "reschedulings", moved("2097-05-01", version="5.17")))
    assert [each["code"] for each in told["warnings"]] == ["changes-stay"]
    assert state(client, "section/D", "2096-12-31") == ("designated", "5.17")
    assert state(client, "section/Y", AHEAD)[0] == "unrecorded"


def test_one_change_moves_alone_and_falls_away_alone(client: httpx.Client) -> None:
    change = event_of(scheduled(client), "SectionActivated")
    done(ask(client, "reschedulings", moved("2097-01-15", change=change)))
    assert state(client, "section/Y1", AHEAD)[0] == "designated"
    assert state(client, "section/Y1", "2097-01-15")[0] == "active"
    done(ask(client, "cancellations", {"change": change, "source": SOURCE, "reason": "withdrawn"}))
    assert state(client, "section/Y1", "2097-01-15") == ("designated", "5.17")
    assert in_force(client, AHEAD) == "5.17"


def test_an_undated_version_gets_a_day_and_loses_it(client: httpx.Client) -> None:
    scheduled(client, effective=None)
    assert in_force(client, "2099-01-01") == "5.16"
    done(ask(client, "reschedulings", moved(AHEAD, version="5.17")))
    assert in_force(client, AHEAD) == "5.17"
    assert state(client, "section/Y1", AHEAD) == ("active", "5.17")
    done(ask(client, "reschedulings", moved(None, version="5.17")))
    assert in_force(client, "2099-01-01") == "5.16"
    assert get(client, "versions/5.17")["status"] == "undated"


def test_a_cancelled_version_is_not_in_force_and_all_its_changes_are_cancelled(client: httpx.Client) -> None:
    scheduled(client)
    body = approval(did("amended", "section/D"), joins_version=True, effective="2096-12-30")
    done(ask(client, "approvals", body))
    told = done(ask(client, "cancellations", {"version": "5.17", "source": SOURCE}))
    assert types(told) == ["ChangeCancelled"] * 6
    assert in_force(client, "2099-01-01") == "5.16"
    version = get(client, "versions/5.17", as_of="2099-01-01")
    assert version["status"] == "cancelled"
    assert {each["status"] for each in version["changes"]} == {"cancelled"}
    assert get(client, "prospective", as_of="2018-07-01")["items"] == []
    assert state(client, "section/D", "2099-01-01")[1] != "5.17"
    assert client.get("/v1/codes/sec/calendar.ics").text.count("STATUS:CANCELLED") == 3
    assert in_force(client, "2099-01-01", f"pos:{told['events'][0]['position'] - 1}") == "5.17"


def test_an_instrument_with_a_day_of_its_own_stays_on_a_move_and_falls_with_its_version(client: httpx.Client) -> None:
    done(ask(client, "reschedulings", {"version": "4.15", "effective": "2016-08-19", "source": SOURCE}))
    assert get(client, "instruments/4.15-2")["effective"] == "2016-08-17"
    told = done(ask(client, "cancellations", {"version": "4.15", "source": SOURCE}))
    assert len([each for each in types(told) if each == "ChangeCancelled"]) == 5
    acts = [get(client, f"instruments/4.15-{number}") for number in (1, 2)]
    assert [(each["cancelled"], {one["status"] for one in each["changes"]}) for each in acts] == [
        (True, {"cancelled"})
    ] * 2
    assert get(client, "instruments/4.15-2")["effective"] == "2016-08-17"
    refused(
        ask(client, "cancellations", {"instrument": "4.15-2", "source": SOURCE}), 409, "conflict", "cancelled already"
    )


def test_what_was_cancelled_comes_back_with_a_new_day(client: httpx.Client) -> None:
    alone = event_of(scheduled(client), "SectionActivated")
    done(ask(client, "cancellations", {"change": alone, "source": SOURCE}))
    done(ask(client, "reschedulings", moved("2097-02-01", version="5.17")))
    assert state(client, "section/Y1", "2097-02-01")[0] == "designated"
    done(ask(client, "cancellations", {"version": "5.17", "source": SOURCE}))
    done(ask(client, "reschedulings", moved("2097-02-01", version="5.17")))
    assert in_force(client, "2097-02-01") == "5.17"
    assert state(client, "section/Y", "2097-02-01") == ("designated", "5.17")


def test_the_index_that_the_clock_reads_moves_along(client: httpx.Client, engine: Engine) -> None:
    def index() -> set[tuple[str | None, bool, bool]]:
        with engine.connect() as connection:
            rows = connection.execute(known_change.select().where(known_change.c.root == "Y"))
            return {(row.effective and row.effective.isoformat(), row.awaited, row.cancelled) for row in rows}

    scheduled(client)
    assert index() == {(AHEAD, True, False)}
    done(ask(client, "reschedulings", moved(None, version="5.17")))
    assert index() == {(None, False, False)}
    done(ask(client, "reschedulings", moved("2019-01-01", version="5.17")))
    assert index() == {("2019-01-01", False, False)}
    done(ask(client, "reschedulings", moved("2098-01-01", instrument="5.17-1")))
    assert index() == {("2098-01-01", True, False)}
    done(ask(client, "cancellations", {"instrument": "5.17-1", "source": SOURCE}))
    assert index() == {("2098-01-01", False, True)}


def test_moving_what_is_in_force_is_recorded_with_a_warning(client: httpx.Client) -> None:
    told = done(ask(client, "reschedulings", moved("2018-06-01", version="5.16")))
    assert [each["code"] for each in told["warnings"]] == ["in-force-already"]
    assert (in_force(client, "2018-05-31"), in_force(client, "2018-06-01")) == ("5.15", "5.16")
    told = done(ask(client, "cancellations", {"version": "5.16", "source": SOURCE}))
    assert [each["code"] for each in told["warnings"]] == ["in-force-already"]
    assert in_force(client, "2018-06-01") == "5.15"


@pytest.mark.parametrize(
    ("command", "body", "status", "words"),
    [
        ("reschedulings", moved("2018-05-31", version="5.16"), 409, ["2018-05-31 already"]),
        ("reschedulings", moved("2013-01-01", version="5.16"), 409, ["2013-09-23"]),
        ("reschedulings", moved("2018-06-01", version="9.9"), 404, ["9.9"]),
        ("reschedulings", moved("2018-06-01", instrument="9.9-1"), 404, ["9.9-1"]),
        ("reschedulings", moved("2018-06-01", change="nothing"), 404, ["nothing"]),
        ("reschedulings", moved("2018-06-01", version="5.16", instrument="5.16-1"), 400, ["exactly one"]),
        ("reschedulings", moved("2018-06-01"), 400, ["exactly one"]),
        ("reschedulings", {"version": "5.16", "source": SOURCE}, 400, ["effective"]),
        ("reschedulings", moved("2018-06-31", version="5.16"), 400, ["effective"]),
        ("reschedulings", moved("2018-06-01T00:00:00Z", version="5.16"), 400, ["effective", "YYYY-MM-DD"]),
        ("cancellations", {"version": "5.16", "effective": None, "source": SOURCE}, 400, ["effective"]),
        ("cancellations", {"version": "5.16"}, 400, ["source"]),
        ("cancellations", {"version": "5,16", "source": SOURCE}, 404, ["5,16"]),
    ],
)
def test_what_cannot_be_moved_is_refused(kept: Kept, command: str, body: Body, status: int, words: list[str]) -> None:
    before = written(kept.engine)
    kinds = {400: "bad-parameter", 404: "unknown-event", 409: "conflict"}
    answer = ask(kept.client, command, body)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) in {
        (status, kinds[status]),
        (404, "not-found"),
    }
    assert all(word in answer.json()["detail"] for word in words), answer.text
    assert written(kept.engine) == before


def test_what_is_no_change_is_moved_by_its_name(kept: Kept) -> None:
    version = get(kept.client, "versions/5.16")
    for event in (version["id"], version["instruments"][0]["event"]):
        refused(ask(kept.client, "cancellations", {"change": event, "source": SOURCE}), 409, "conflict", "no change")


def test_nothing_is_cancelled_twice(client: httpx.Client, engine: Engine) -> None:
    change = event_of(scheduled(client), "SectionActivated")
    for which in ({"change": change}, {"version": "5.17"}):
        done(ask(client, "cancellations", {**which, "source": SOURCE}))
    before = written(engine)
    for which in ({"change": change}, {"version": "5.17"}, {"instrument": "5.17-1"}):
        refused(ask(client, "cancellations", {**which, "source": SOURCE}), 409, "conflict", "cancelled")
    assert written(engine) == before
