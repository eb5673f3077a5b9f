"""Claims of every kind, decided either way, over HTTP on both databases: a source that lacks a fact, one that has another."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from events.store import last_position
from services.audit import index
from services.audit.findings import Findings
from services.database import open_engine
from services.settings import Settings
from tests.journeys.test_ahead import command
from tests.journeys.test_conflicts import ingest, position, resolve
from tests.journeys.test_rest import LATER_ROW, TABLE, get
from tests.serving import serving

DAY = "2018-08-01"
ROW = TABLE + LATER_ROW.encode()
MORE = TABLE + LATER_ROW.replace("Section H.", "Sections H and Z.").encode()
Z, H = "/v1/codes/sec/provisions/section/Z", "/v1/codes/sec/provisions/section/H"


@pytest.fixture
def client(ledger_url: str, tmp_path: Path) -> Iterator[httpx.Client]:
    with serving(Settings(database_url=ledger_url, data_dir=tmp_path)) as served:
        yield served
    assert underived(ledger_url) == []


def underived(url: str) -> list[str]:
    """What ingest's index holds otherwise than the log's own words give it."""
    found, engine = Findings(), open_engine(url)
    with engine.connect() as connection:
        index.check(connection, last_position(connection), found, lambda done, total: None)
    engine.dispose()
    return [str(each) for each in found.kept]


def noted(client: httpx.Client, first: bytes, then: bytes, kind: str = "newsletter") -> str:
    ingest(client, first)
    (conflict,) = ingest(client, then, kind, "news.txt")["conflicts"]
    return str(conflict["id"])


def version_of_z(client: httpx.Client, **at: str) -> Any:
    return get(client, Z, as_of=DAY, **at)["version"]


def test_a_change_that_only_the_other_source_has_comes_with_the_decision_and_goes_with_the_next(
    client: httpx.Client,
) -> None:
    name = noted(client, ROW, MORE)
    path = f"/v1/codes/sec/conflicts/{name}"
    before = version_of_z(client)
    found = get(client, path)
    assert [claim["fact"] is None for claim in found["claims"]] == [True, False]
    (would,) = found["would_change"]["provisions"]
    assert (would["ref"], would["after"]["version"]) == ("Z", "5.17")
    points = [position(client)]
    for used in (1, 0, 1):
        resolve(client, name, used)
        points.append(position(client))
    seen = [version_of_z(client, known_at=f"pos:{point}") for point in points]
    assert seen == [before, "5.17", before, "5.17"]
    assert [each["used"] for each in get(client, path)["resolutions"]] == [1, 0, 1]
    assert [ingest(client, data + b"\n", "page", "again")["conflicts"] for data in (ROW, MORE)] == [[], []]
    assert version_of_z(client) == "5.17"


def test_a_change_that_the_other_source_lacks_goes_with_the_decision_and_comes_back(client: httpx.Client) -> None:
    name = noted(client, MORE, ROW)
    points = [position(client)]
    (would,) = get(client, f"/v1/codes/sec/conflicts/{name}")["would_change"]["provisions"]
    assert (would["before"]["version"], would["after"]["version"]) == ("5.17", "4.14")
    for used in (1, 0):
        resolve(client, name, used)
        points.append(position(client))
    assert [version_of_z(client, known_at=f"pos:{point}") for point in points] == ["5.17", "4.14", "5.17"]


def test_a_source_that_is_believed_more_is_followed_at_once_and_the_decision_of_a_person_outlasts_its_next_edition(
    client: httpx.Client,
) -> None:
    ingest(client, TABLE)
    late = TABLE + LATER_ROW.replace("1st July", "9th July").encode()
    ingest(client, late, "newsletter", "news.txt")
    (conflict,) = ingest(client, ROW, "table", "table.txt")["conflicts"]
    assert (conflict["used"], conflict["rule"]) == (1, "precedence: table over newsletter")
    assert get(client, H, as_of="2018-07-01")["version"] == "5.17"
    resolve(client, conflict["id"], 0)
    assert get(client, H, as_of="2018-07-01")["version"] != "5.17"
    other = TABLE + LATER_ROW.replace("1st July", "2nd July").encode()
    (third,) = ingest(client, other, "table", "table-2.txt")["conflicts"]
    assert (third["used"], third["rule"]) == (0, "precedence: instrument over table")
    assert get(client, H, as_of="2018-07-09")["version"] == "5.17"


def test_a_decision_keeps_what_else_was_learnt_of_the_fact_and_a_cancelled_change_stays_so(
    client: httpx.Client,
) -> None:
    late = TABLE + LATER_ROW.replace("1st July", "9th July").encode()
    name = noted(client, ROW, late)
    (change,) = get(client, "/v1/codes/sec/changes", as_of=DAY, **{"effective[on]": "2018-07-01"})["items"]
    command(client, "corrections", event=change["id"], fact={"title": "DCC Services"}, reason="left out")
    command(client, "cancellations", change=change["id"])
    resolve(client, name, 1)
    (now,) = get(client, "/v1/codes/sec/changes", as_of=DAY, **{"effective[on]": "2018-07-09"})["items"]
    assert now["id"] == change["id"]
    assert (now["effective"], now["title"], now["status"]) == ("2018-07-09", "DCC Services", "cancelled")


def test_a_document_that_contradicts_a_command_is_noted_and_the_command_stands(client: httpx.Client) -> None:
    ingest(client, TABLE)
    change = {"action": "amended", "kind": "section", "ref": "H"}
    said = {"authority": "Secretary of State", "legal_basis": ["Energy Act 2008 s88(1)"], "base_version": "5.16"}
    command(client, "directions", version="5.17", effective="2018-07-03", changes=[change], **said)
    (conflict,) = ingest(client, ROW)["conflicts"]
    assert (conflict["about"], conflict["used"], conflict["rule"]) == (
        "version/5.17",
        0,
        "precedence: instrument over table",
    )
    assert conflict["kinds"] == ["instrument", "table"]
    assert get(client, H, as_of="2018-07-02")["version"] != "5.17"
    resolve(client, conflict["id"], 1)
    assert get(client, H, as_of="2018-07-02")["version"] == "5.17"
