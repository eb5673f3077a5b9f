"""Real stories of the code, told by REST and on the command line: the answers before, between and after, on both axes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.settings import Settings
from tests.ingest.commands.asking import did, get, in_force, provision, state, took
from tests.ingest.recording.table import TABLE
from tests.journeys.test_conflicts import NEWS, ingest
from tests.journeys.told import Body, Way, on_the_command_line, over_rest
from tests.serving import serving
from tests.waiting import wait_for

BEFORE_5_6 = TABLE[: TABLE.index(b"5.6 1st April 2017")].rstrip() + b" \n\n"


def said(name: str, quote: str) -> dict[str, str]:
    return {"name": name, "quote": quote}


class Ledger:
    """A service, and the way in which commands reach its ledger."""

    def __init__(self, client: httpx.Client, way: Way) -> None:
        self.client, self._way = client, way

    def tell(self, command: str, body: Body) -> Any:
        """Records a command; the service has then heard of it."""
        told = self._way(command, body)
        last = told["events"][-1]["position"]
        wait_for(lambda: get(self.client, "in-force", as_of="2018-01-01")["meta"]["position"] == last)
        return told

    def position(self) -> str:
        return f"pos:{self.client.get('/v1/status').json()['log']['position']}"


@pytest.fixture(params=["rest", "cli"])
def ledger(
    request: pytest.FixtureRequest,
    ledger_url: str,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Ledger]:
    with serving(Settings(database_url=ledger_url, data_dir=tmp_path)) as client:
        way = over_rest(client)
        if request.param == "cli":
            way = on_the_command_line(ledger_url, capfd, monkeypatch)
        yield Ledger(client, way)


def test_5_6_was_decided_in_january_announced_in_march_and_in_force_in_april(ledger: Ledger) -> None:
    client = ledger.client
    took(client, BEFORE_5_6)
    before = ledger.position()
    proposal = {"proposals": ["SECMP0018"], "authority": "Change Board", "decided_on": "2017-01-17"}
    undated = {"effective": None, "version": "5.6", "changes": [did("amended", "section/C")]}
    ledger.tell(
        "approvals", proposal | undated | {"source": said("Change Board, 17 January 2017", "SECMP0018 is approved.")}
    )
    decided = ledger.position()
    assert in_force(client, "2017-04-01") == in_force(client, "2017-04-01", before) == "5.5"
    assert [(each["version"], each["status"]) for each in get(client, "prospective", as_of="2017-12-01")["items"]] == [
        ("5.6", "undated")
    ]
    announced = said("Latest News, 31 March 2017", "SEC 5.6 comes into effect on 1 April 2017.")
    ledger.tell("reschedulings", {"version": "5.6", "effective": "2017-04-01", "source": announced})
    assert (in_force(client, "2017-03-31"), in_force(client, "2017-04-01")) == ("5.5", "5.6")
    assert in_force(client, "2017-04-01", decided) == "5.5"
    now = provision(client, "section/C", "2017-04-01")
    assert (now["version"], now["valid"]["from"]) == ("5.6", "2017-04-01")
    assert get(client, "proposals/SECMP0018", as_of="2017-04-01")["versions"] == ["5.6"]
    assert get(client, "instruments/5.6-1", as_of="2017-04-01")["decided_on"] == "2017-01-17"


def test_5_23_was_in_force_five_days_before_anybody_said_so(ledger: Ledger) -> None:
    client = ledger.client
    took(client)
    before = ledger.position()
    body = {"authority": "Secretary of State", "legal_basis": ["SEC X5", "DCC Licence Condition 22"]}
    body |= {"version": "5.23", "effective": "2018-10-04", "announced_on": "2018-10-09"}
    body |= {
        "changes": [did("redesignated", "schedule/11")],
        "source": said("News of 9 October 2018", "SEC 5.23 took effect on 4 October."),
    }
    told = ledger.tell("directions", body)
    assert told["instrument"] == "5.23-1"
    assert (in_force(client, "2018-10-03"), in_force(client, "2018-10-04")) == ("5.16", "5.23")
    assert in_force(client, "2018-10-04", before) == "5.16"
    assert state(client, "schedule/11", "2018-10-04") == ("designated", "5.23")
    assert state(client, "schedule/11", "2018-10-04", before)[1] != "5.23"
    assert get(client, "instruments/5.23-1", as_of="2018-10-04")["announced_on"] == "2018-10-09"
    learnt = get(client, "diff", as_of="2018-10-04", known_from=before)
    assert [each["ref"] for each in learnt["provisions"]] == ["11"]
    assert "TookEffect" not in {each["type"] for each in told["events"]}


def test_4_15_has_one_instrument_a_day_before_the_version_that_carries_it(ledger: Ledger) -> None:
    client = ledger.client
    took(client, TABLE[: TABLE.index(b"4.15 18th")].rstrip() + b" \n\n")
    before = ledger.position()
    letter = said("Direction of August 2016", "Appendix J is re-designated.")
    ledger.tell("directions", {"authority": "Secretary of State", "legal_basis": ["Energy Act 2008 s88(1)"], "version": "4.15",
                               "effective": "2016-08-18", "changes": [did("redesignated", "appendix/J")], "source": letter})  # fmt: skip
    between = ledger.position()
    minutes = said("Panel, August 2016", "SECMP0017 takes effect on 17 August 2016.")
    told = ledger.tell("approvals", {"authority": "SEC Panel", "proposals": ["SECMP0017"], "version": "4.15", "effective": "2016-08-17",
                                     "joins_version": True, "changes": [did("amended", "section/D6.3-D6.4")], "source": minutes})  # fmt: skip
    assert told["instrument"] == "4.15-2"
    assert (in_force(client, "2016-08-17"), in_force(client, "2016-08-18")) == ("4.14", "4.15")
    assert state(client, "section/D6.3", "2016-08-16")[0] == "unrecorded"
    assert state(client, "section/D6.3", "2016-08-17") == ("designated", "4.15")
    asked = {"as_of": "2016-08-17", "known_at": between}
    assert client.get("/v1/codes/sec/provisions/section/D6.3", params=asked).json().get("state") != "designated"
    assert state(client, "appendix/J", "2016-08-17")[1] != "4.15"
    assert state(client, "appendix/J", "2016-08-18") == ("designated", "4.15")
    assert in_force(client, "2016-08-18", before) == "4.14"
    days = {each["id"]: each["effective"] for each in get(client, "versions/4.15", as_of="2016-09-01")["instruments"]}
    assert days == {"4.15-1": None, "4.15-2": "2016-08-17"}


def test_a_november_release_moves_within_the_window_that_the_authority_left(ledger: Ledger) -> None:
    client = ledger.client
    took(client)
    scope = {
        "version": "6.22",
        "effective": "2019-11-24",
        "changes": [did("amended", "section/H"), did("amended", "section/G")],
    }
    by = {
        "authority": "Authority",
        "proposals": ["MP067"],
        "source": said("Decision letter", "Between 24 November and 1 December 2019."),
    }
    ledger.tell("approvals", scope | by)
    first = ledger.position()
    chosen = said("Panel paper", "The Panel chose 29 November 2019.")
    told = ledger.tell(
        "reschedulings", {"version": "6.22", "effective": "2019-11-29", "reason": "within the window", "source": chosen}
    )
    assert {each["type"] for each in told["events"]} == {"SourceReceived", "ChangeRescheduled"}
    assert [in_force(client, f"2019-11-{day}") for day in (23, 24, 28, 29)] == ["5.16", "5.16", "5.16", "6.22"]
    assert [in_force(client, f"2019-11-{day}", first) for day in (23, 24, 28, 29)] == ["5.16", "6.22", "6.22", "6.22"]
    for name in ("section/H", "section/G"):
        assert state(client, name, "2019-11-28")[1] != "6.22"
        assert state(client, name, "2019-11-29")[1] == "6.22"
    version = get(client, "versions/6.22", as_of="2019-11-29")
    assert {version["effective"], *(each["effective"] for each in version["changes"])} == {"2019-11-29"}
    calendar = client.get("/v1/codes/sec/calendar.ics").text
    assert calendar.count("DTSTART;VALUE=DATE:20191129") == 2
    assert "20191124" not in calendar.replace("\r\n ", "")


def test_a_version_cancelled_before_its_day_was_never_in_force(ledger: Ledger) -> None:
    client = ledger.client
    took(client)
    body = {
        "authority": "Secretary of State",
        "legal_basis": ["Energy Act 2008 s89"],
        "version": "6.23",
        "effective": "2097-02-25",
    }
    body |= {"changes": [did("activated", "section/K9")], "source": said("Draft direction", "Section K9 is activated.")}
    ledger.tell("directions", body)
    planned = ledger.position()
    assert get(client, "in-force", as_of="2097-02-25")["meta"]["basis"] == "scheduled"
    assert in_force(client, "2097-02-25") == "6.23"
    assert state(client, "section/K9", "2097-02-25")[0] == "active"
    stop = said("Letter", "The direction is withdrawn.")
    ledger.tell("cancellations", {"version": "6.23", "reason": "Parliament objected", "source": stop})
    assert in_force(client, "2097-02-25") == "5.16"
    assert state(client, "section/K9", "2097-02-25")[0] != "active"
    assert get(client, "versions/6.23", as_of="2097-02-25")["status"] == "cancelled"
    assert in_force(client, "2097-02-25", planned) == "6.23"
    assert get(client, "prospective")["items"] == []


def test_h14_31_is_activated_on_a_day_without_a_version(ledger: Ledger) -> None:
    client = ledger.client
    took(client)
    before = ledger.position()
    body: dict[str, Any] = {"authority": "Secretary of State", "legal_basis": ["SEC X3.1"], "effective": "2015-04-24"}
    body |= {
        "changes": [did("activated", "section/H14.31")],
        "source": said("Activation notice", "H14.31 shall have effect from 24 April 2015."),
    }
    told = ledger.tell("directions", body)
    assert told["instrument"] == "secretary-of-state-2015-04-24-1"
    assert in_force(client, "2015-04-24") == in_force(client, "2015-04-24", before)
    assert state(client, "section/H14.31", "2015-04-23")[0] == "unrecorded"
    assert state(client, "section/H14.31", "2015-04-24") == ("active", None)
    assert state(client, "section/H14.31", "2015-04-24", before)[0] == "unrecorded"
    assert state(client, "section/H14", "2015-04-24")[0] == "partly_active"
    (first,) = provision(client, "section/H14.31", "2015-04-24")["because"]
    assert (first["authority"], first["instrument"], first["version"]) == (
        "Secretary of State",
        told["instrument"],
        None,
    )


def test_a_day_misread_is_corrected_and_then_the_correction_is_corrected(ledger: Ledger) -> None:
    client = ledger.client
    took(client)
    before = ledger.position()
    change = next(each["id"] for each in get(client, "versions/5.16")["changes"] if each["ref"] == "P")
    body = {"event": change, "reason": "the letter says June", "source": said("Letter", "with effect from 1 June 2018")}
    ledger.tell("corrections", body | {"fact": {"effective": "2018-06-01"}})
    between = ledger.position()
    ledger.tell(
        "corrections", body | {"fact": {"effective": "2018-06-02", "title": "Production Proving"}, "reason": "misprint"}
    )
    days = ("2018-05-31", "2018-06-01", "2018-06-02")
    told = [[state(client, "section/P", day, at)[0] for day in days] for at in (before, between, None)]
    assert told == [
        ["designated"] * 3,
        ["unrecorded", "designated", "designated"],
        ["unrecorded", "unrecorded", "designated"],
    ]
    ledger.tell("corrections", body | {"fact": None})
    assert state(client, "section/P", "2018-06-02")[0] == "unrecorded"


def test_a_conflict_is_resolved_and_resolved_differently_later_and_each_time_is_answered_as_then(
    ledger: Ledger,
) -> None:
    client = ledger.client
    took(client)
    before = ledger.position()
    (noted,) = ingest(client, NEWS, "newsletter", "news.txt")["conflicts"]
    points = [before, ledger.position()]
    for used in (1, 0):
        letter = said("Letter of the administrator", f"We have looked at the decision again, and use {used}.")
        told = ledger.tell(
            f"conflicts/{noted['id']}/resolutions", {"used": used, "reason": "the letter", "source": letter}
        )
        assert [each["type"] for each in told["events"]] == ["SourceReceived", "ConflictNoted", "FactCorrected"]
        points.append(ledger.position())
    acts = [get(client, "instruments/5.6-1", as_of="2018-06-01", known_at=point)["decided_on"] for point in points]
    assert acts == ["2017-01-17", "2017-01-17", "2017-01-26", "2017-01-17"]
    found = [get(client, f"conflicts/{noted['id']}", as_of="2018-06-01", known_at=point) for point in points[1:]]
    assert [(each["status"], each["used"]) for each in found] == [("open", 0), ("resolved", 1), ("resolved", 0)]
    learnt = get(client, "diff", as_of="2018-06-01", known_from=points[1], known_to=points[2])
    assert learnt["provisions"] == []
    lives = [get(client, "proposals/SECMP0016", as_of="2017-01-20", known_at=point)["stage"] for point in points]
    assert lives == ["decided", "decided", None, "decided"]


def test_a_draft_proposal_is_raised_converted_and_withdrawn_and_was_not_before(ledger: Ledger) -> None:
    client = ledger.client
    took(client)
    points, stages = [], []
    for name, step, day in (
        ("DP099", "raised", "2018-01-10"),
        ("DP099", "converted", "2018-02-10"),
        ("MP099", "withdrawn", "2018-03-10"),
    ):
        body = {"proposal": name, "step": step, "effective": day, "by": "A Supplier"}
        ledger.tell("proposals", body | {"source": said("Page of DP099", f"{name} {step}")})
        points.append(ledger.position())
    for name, day in (
        ("DP099", "2018-01-09"),
        ("DP099", "2018-02-09"),
        ("MP099", "2018-02-10"),
        ("MP099", "2018-03-10"),
    ):
        stages.append([get(client, f"proposals/{name}", as_of=day, known_at=known)["stage"] for known in points[1:]])
    assert stages == [[None, None], ["raised", "raised"], ["converted", "converted"], ["converted", "withdrawn"]]
    get(client, "proposals/MP099", 404, known_at="pos:238")
