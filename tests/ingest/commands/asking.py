"""Commands as clients send them, and what a ledger holds before and after."""

from typing import Any

import httpx
import sqlalchemy as sa

from tests.ingest.recording.table import TABLE

Body = dict[str, Any]

SOURCE = {"name": "Letter of 8 June 2018", "quote": "The Secretary of State hereby directs that the Code be modified."}

WRITTEN = (
    "event_log",
    "event_key",
    "source_document",
    "known_fact",
    "known_change",
    "known_title",
    "known_touch",
    "known_code",
    "command_answer",
)
"""The tables of the write side."""


def did(action: str, provision: str, **said: Any) -> Body:
    kind, _, ref = provision.partition("/")
    return {"action": action, "kind": kind, "ref": ref} | said


def direction(*changes: Body, **said: Any) -> Body:
    given = {"authority": "Secretary of State", "legal_basis": ["Energy Act 2008 s88(1)"], "effective": "2018-07-01"}
    return (
        given | {"version": "5.17", "changes": list(changes or [did("amended", "section/H")]), "source": SOURCE} | said
    )


def approval(*changes: Body, **said: Any) -> Body:
    return direction(*changes, **({"authority": "Change Board", "legal_basis": [], "proposals": ["SECMP0046"]} | said))


def ask(client: httpx.Client, command: str, body: Any, dry_run: bool | None = None, **headers: str) -> httpx.Response:
    query = {} if dry_run is None else {"dry_run": str(dry_run).lower()}
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(f"/v1/codes/sec/{command}", json=body, params=query, headers=given)


def done(answer: httpx.Response, status: int = 201) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


def refused(answer: httpx.Response, status: int, kind: str, *words: str) -> None:
    told = answer.json()
    assert (answer.status_code, told["type"]) == (status, f"/problems/{kind}"), told
    assert answer.headers["content-type"] == "application/problem+json"
    assert all(word in told["detail"] for word in words), told
    assert "\n" not in told["detail"]


def took(client: httpx.Client, data: bytes = TABLE) -> Any:
    headers = {"Content-Type": "text/plain"}
    return client.post("/v1/ingestions?code=sec&name=table.txt", content=data, headers=headers).json()


def get(client: httpx.Client, path: str, status: int = 200, **parameters: Any) -> Any:
    answer = client.get(f"/v1/codes/sec/{path}", params={k: v for k, v in parameters.items() if v is not None})
    assert answer.status_code == status, answer.text
    return answer.json()


def provision(client: httpx.Client, name: str, day: str, known_at: str | None = None) -> Any:
    return get(client, f"provisions/{name}", as_of=day, known_at=known_at)


def state(client: httpx.Client, name: str, day: str, known_at: str | None = None) -> tuple[str, str | None]:
    told = provision(client, name, day, known_at)
    return told["state"], told["version"]


def in_force(client: httpx.Client, day: str, known_at: str | None = None) -> str | None:
    version = get(client, "in-force", as_of=day, known_at=known_at)["version"]
    return version and version["label"]


def event_of(told: Body, type_: str, number: int = 0) -> str:
    """The id of an event that a command appended."""
    return [each["id"] for each in told["events"] if each["type"] == type_][number]


def types(told: Body) -> list[str]:
    return [each["type"] for each in told["events"]]


def written(engine: sa.Engine) -> dict[str, int]:
    """How many rows each table of the write side holds."""
    with engine.connect() as connection:
        return {name: connection.scalar(sa.text(f"SELECT count(*) FROM {name}")) or 0 for name in WRITTEN}
