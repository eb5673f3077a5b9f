"""Two sources that disagree, over HTTP, on both databases: one resource, decided and decided otherwise, each point of known time as then."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from events.store import last_position
from services.audit import index
from services.audit.findings import Findings
from services.settings import Settings
from tests.journeys.test_rest import LATER_ROW, TABLE, get
from tests.serving import serving

DAY = "2018-07-02"
LETTER = {"name": "Letter of the administrator", "quote": "We have looked at the decision again."}
NEWS = TABLE.replace(b"Authority on 17th", b"Authority on 26th")


@pytest.fixture
def client(ledger_url: str, tmp_path: Path) -> Iterator[httpx.Client]:
    with serving(Settings(database_url=ledger_url, data_dir=tmp_path)) as served:
        yield served


def ingest(client: httpx.Client, data: bytes, kind: str = "table", name: str = "table.txt") -> Any:
    answer = client.post(
        f"/v1/ingestions?code=sec&name={name}&kind={kind}", content=data, headers={"Content-Type": "text/plain"}
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


def resolve(client: httpx.Client, name: str, used: int, status: int = 201, **more: Any) -> Any:
    asked = {"used": used, "reason": "the decision letter says so", "source": LETTER}
    answer = client.post(f"/v1/codes/sec/conflicts/{name}/resolutions", json=asked, **more)
    assert answer.status_code == status, answer.text
    return answer.json()


def position(client: httpx.Client) -> int:
    return int(get(client, "/v1/codes/sec")["meta"]["position"])


def decided_on(client: httpx.Client, known: int) -> str:
    act = get(client, "/v1/codes/sec/instruments/5.6-1", as_of=DAY, known_at=f"pos:{known}")
    return str(act["decided_on"])


def test_a_conflict_recorded_resolved_and_resolved_differently_later_answers_as_then(client: httpx.Client) -> None:
    assert NEWS != TABLE
    ingest(client, TABLE)
    before = position(client)
    (noted,) = ingest(client, NEWS, "newsletter", "news.txt")["conflicts"]
    path = f"/v1/codes/sec/conflicts/{noted['id']}"
    points = [before, position(client)]
    found = get(client, path)
    assert (found["status"], found["used"], found["rule"]) == ("open", 0, "precedence: table over newsletter")
    assert [claim["kind"] for claim in found["claims"]] == ["table", "newsletter"]
    assert [claim["fact"]["decided_on"] for claim in found["claims"]] == ["2017-01-17", "2017-01-26"]
    assert all("Authority" in claim["quote"] for claim in found["claims"])
    assert found["would_change"] == {
        "fields": [{"field": "decided_on", "used": "2017-01-17", "other": "2017-01-26"}],
        "provisions": [],
        "versions": [],
    }
    resolve(client, noted["id"], 1)
    points.append(position(client))
    resolve(client, noted["id"], 0)
    points.append(position(client))
    assert [decided_on(client, point) for point in points] == ["2017-01-17", "2017-01-17", "2017-01-26", "2017-01-17"]
    then = [get(client, path, known_at=f"pos:{point}") for point in points[1:]]
    assert [(each["status"], each["used"]) for each in then] == [("open", 0), ("resolved", 1), ("resolved", 0)]
    assert then[2]["by"] == "local"
    assert [(each["used"], each["rule"]) for each in then[2]["resolutions"]] == [
        (1, "decided by local"),
        (0, "decided by local"),
    ]
    assert then[2]["noted"]["rule"] == "precedence: table over newsletter"
    get(client, path, 404, known_at=f"pos:{before}")


def test_a_base_written_unlike_the_chain_is_a_conflict_that_can_be_decided(client: httpx.Client) -> None:
    ingest(client, TABLE)
    first = position(client)
    (found,) = get(client, "/v1/codes/sec/conflicts")["items"]
    assert (found["about"], found["rule"], found["status"]) == ("instrument/4.8-2", "as-written", "open")
    assert [claim["fact"]["base_version"] for claim in found["claims"]] == ["4.6", "4.7"]
    assert [claim["kind"] for claim in found["claims"]] == ["table", "chain"]
    resolve(client, found["id"], 1)
    bases = [
        get(client, "/v1/codes/sec/instruments/4.8-2", as_of=DAY, known_at=f"pos:{point}")["base_version"]
        for point in (first, position(client))
    ]
    assert bases == ["4.6", "4.7"]
    (now,) = get(client, "/v1/codes/sec/conflicts")["items"]
    assert (now["id"], now["used"], now["status"]) == (found["id"], 1, "resolved")
    assert now["noted"]["rule"] == "as-written"


def test_the_day_of_a_version_decided_otherwise_takes_its_changes_along(client: httpx.Client) -> None:
    ingest(client, TABLE + LATER_ROW.encode())
    other = TABLE + LATER_ROW.replace("1st July", "5th July").encode()
    (noted,) = ingest(client, other, "newsletter", "news.txt")["conflicts"]
    would = get(client, f"/v1/codes/sec/conflicts/{noted['id']}")["would_change"]
    assert would["versions"] == [{"as_of": "2018-07-01", "before": "5.17", "after": "5.16"}]
    assert ("section", "H", "2018-07-01") in [
        (each["kind"], each["ref"], each["as_of"]) for each in would["provisions"]
    ]
    foreseen = resolve(client, noted["id"], 1, 200, params={"dry_run": "true"})
    assert [each["type"] for each in foreseen["events"]][:2] == ["SourceReceived", "ConflictNoted"]
    assert get(client, f"/v1/codes/sec/conflicts/{noted['id']}")["status"] == "open"
    before = position(client)
    resolve(client, noted["id"], 1)
    after = position(client)
    seen = [
        get(client, "/v1/codes/sec/provisions/section/H", as_of=DAY, known_at=f"pos:{point}")["version"]
        for point in (before, after)
    ]
    assert (seen[0], seen[1] == "5.17") == ("5.17", False)
    assert get(client, "/v1/codes/sec/provisions/section/H", as_of="2018-07-05")["version"] == "5.17"
    assert ingest(client, other + b"\n", "newsletter", "again.txt")["conflicts"] == []


def test_a_decision_is_refused_where_there_is_nothing_to_decide_and_nothing_is_written(client: httpx.Client) -> None:
    ingest(client, TABLE)
    (found,) = get(client, "/v1/codes/sec/conflicts")["items"]
    end = position(client)
    resolve(client, "nothing", 1, 404)
    resolve(client, get(client, "/v1/events", limit=1)["items"][0]["id"], 1, 404)
    for used in (2, "1", True, None):
        resolve(client, found["id"], used, 400)  # type: ignore[arg-type]
    assert position(client) == end
    first = resolve(client, found["id"], 1, headers={"Idempotency-Key": "k"})
    assert resolve(client, found["id"], 1, headers={"Idempotency-Key": "k"}) == first
    end = position(client)
    resolve(client, found["id"], 1, 409)
    resolve(client, found["id"], 0, 409, headers={"Idempotency-Key": "k"})
    resolve(client, found["id"], 0, 412, headers={"If-Match": '"7"'})
    (decision,) = get(client, f"/v1/codes/sec/conflicts/{found['id']}")["resolutions"]
    resolve(client, decision["since"]["event"], 0, 404)
    assert position(client) == end


def test_a_kind_of_source_that_no_code_ranks_is_refused(client: httpx.Client) -> None:
    answer = client.post(
        "/v1/ingestions?code=sec&name=a&kind=rumour", content=TABLE, headers={"Content-Type": "text/plain"}
    )
    assert answer.status_code == 400
    assert "newsletter" in answer.json()["detail"]


def test_an_act_that_one_source_takes_for_the_founding_of_the_code_founds_it_only_where_that_source_is_believed(
    client: httpx.Client, engine: Engine
) -> None:
    """What a correction makes of an act can be no change any more, and one again."""
    body = {
        "authority": "Secretary of State",
        "effective": "2013-09-23",
        "version": "1.0",
        "changes": [{"action": "amended", "kind": "section", "ref": "A"}],
        "source": LETTER,
    }
    answer = client.post("/v1/codes/sec/directions", json=body)
    assert answer.status_code == 201, answer.text
    noted = ingest(client, TABLE)["conflicts"]
    (founding,) = [each["id"] for each in noted if each["about"] == "instrument/1.0-1"]

    def founded() -> tuple[list[str], set[str]]:
        found = get(client, "/v1/codes/sec/provisions", kind="code", as_of=DAY)["items"]
        findings = Findings()
        with engine.connect() as connection:
            index.check(connection, last_position(connection), findings, lambda *_: None)
        return [each["state"] for each in found], {each.what for each in findings.kept}

    assert founded() == ([], set())
    for used, state in ((1, ["designated"]), (0, []), (1, ["designated"])):
        resolve(client, founding, used)
        assert founded() == (state, set())


def test_a_decision_that_stands_for_what_is_recorded_is_known_of_it_wherever_it_is_recorded(
    client: httpx.Client, engine: Engine
) -> None:
    row = TABLE[TABLE.index(b"5.16 31st") :].decode()
    begins, _, rest = row.partition("Designation of Section P")
    assert rest
    said = ["Re-designation of Section P", "Deletion of Section P"]
    news, table = (f"{begins}{each}{rest}".replace("5.16", "5.17").encode() for each in said)
    ingest(client, TABLE[: TABLE.index(b"2.0 31st")] + news, "newsletter", "news.txt")
    noted = ingest(client, TABLE[: TABLE.index(b"2.0 31st")] + table)["conflicts"]
    (deleted,) = [each for each in noted if "/deleted/" in each["about"]]
    assert deleted["used"] == 1
    resolve(client, deleted["id"], 1)
    findings = Findings()
    with engine.connect() as connection:
        index.check(connection, last_position(connection), findings, lambda *_: None)
    assert findings.kept == []
    assert get(client, "/v1/codes/sec/provisions/section/P", as_of=DAY)["state"] == "deleted"
