"""An answer pinned on both axes stays the same to the byte, whatever is learnt afterwards."""

from pathlib import Path
from typing import Any

import httpx

from services.settings import Settings
from tests.journeys.test_conflicts import LETTER, NEWS, ingest, position, resolve
from tests.journeys.test_rest import TABLE, get
from tests.serving import serving

DAYS = ("2016-11-08", "2018-06-01", "2031-01-01")
LISTS = ("conflicts", "corrections", "changes", "versions", "provisions", "prospective", "proposals", "in-force")

ONES = ("proposals/SECMP0016", "proposals/SECMP0017", "instruments/5.6-1", "versions/5.6", "versions/4.15")


def test_every_answer_pinned_before_corrections_is_the_same_after_them(ledger_url: str, tmp_path: Path) -> None:
    settings = Settings(database_url=ledger_url, data_dir=tmp_path)
    with serving(settings) as client:
        ingest(client, TABLE)
        known = position(client)
        before = _pinned(client, known)
        _learn(client)
    with serving(settings) as client:  # one that has kept no answer
        after = _pinned(client, known)
    assert len(before) > 300
    assert [path for path in before if before[path] != after[path]] == []


def _pinned(client: httpx.Client, known: int) -> dict[str, bytes]:
    names = get(client, "/v1/codes/sec/provisions", as_of=DAYS[1], known_at=f"pos:{known}", limit=1000)["items"]
    paths = [f"provisions/{each['kind']}/{each['ref']}" for each in names]
    found = {path + day: _content(client, path, day, known) for path in (*paths, *LISTS, *ONES) for day in DAYS}
    found |= {
        of: _content(client, "impact", DAYS[1], known, of=of) for of in ("5.6", "SECMP0016", "2014-01-01..2031-12-31")
    }
    return found | {
        f"{path}/history": _content(client, f"{path}/history", DAYS[1], known, axis="known") for path in paths
    }


def _content(client: httpx.Client, path: str, day: str, known: int, **more: str) -> bytes:
    pin = {"as_of": day, "known_at": f"pos:{known}", "model": "1", **more}
    answer = client.get(f"/v1/codes/sec/{path}", params=pin)
    assert answer.status_code == 200, answer.text
    assert "immutable" in answer.headers["cache-control"]
    return answer.content


def _learn(client: httpx.Client) -> None:
    """Every kind of later knowledge."""
    (noted,) = ingest(client, NEWS, "newsletter", "news.txt")["conflicts"]
    resolve(client, noted["id"], 1)
    first: Any = get(client, "/v1/codes/sec/changes", as_of=DAYS[1], affected="section/H15")["items"][0]
    other = get(client, "/v1/codes/sec/changes", as_of=DAYS[1], affected="appendix/AC")["items"][0]
    _command(client, "corrections", event=first["id"], fact={"effective": "2015-06-01"}, reason="misread")
    _command(client, "corrections", event=other["id"], fact=None, reason="never was")
    change = {"action": "amended", "kind": "section", "ref": "G"}
    _command(
        client, "directions", version="9.1", authority="Secretary of State", effective="2031-02-01", changes=[change]
    )
    _command(client, "reschedulings", version="9.1", effective="2031-03-01")
    _command(client, "cancellations", version="9.1")
    _command(client, "cancellations", version="4.15")
    _command(client, "proposals", proposal="SECMP0016", step="raised", effective="2016-03-01")
    _command(
        client,
        "corrections",
        event=get(client, "/v1/codes/sec/instruments/5.6-1")["event"],
        fact={"proposals": ["SECMP0018"]},
        reason="misread",
    )


def _command(client: httpx.Client, path: str, **said: Any) -> None:
    answer = client.post(f"/v1/codes/sec/{path}", json={**said, "source": LETTER})
    assert answer.status_code == 201, answer.text
