"""A document posted to a service, tokens to post it with, and what the ledger then holds."""

from typing import Any

import httpx
import sqlalchemy as sa

from services.doors import tokens
from tests.ingest.recording.table import TABLE, counts

EMPTY = ("event_log", "event_key", "source_document")


def post(client: httpx.Client, **headers: str) -> httpx.Response:
    given = {"Content-Type": "text/plain"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/v1/ingestions", content=TABLE, headers=given)


def made(engine: sa.Engine, name: str = "robot", *scopes: str) -> str:
    with engine.begin() as connection:
        return tokens.create(connection, name, scopes or ("ingest",))


def bearing(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def actors(client: httpx.Client) -> set[str]:
    items = client.get("/v1/events", params={"limit": 1000}).json()["items"]
    return {item["data"]["actor"] for item in items}


def refused(answer: httpx.Response, status: int, kind: str, *words: str) -> None:
    told: dict[str, Any] = answer.json()
    assert (answer.status_code, told["type"]) == (status, f"/problems/{kind}"), told
    assert answer.headers["content-type"] == "application/problem+json"
    assert all(word in told["detail"] for word in words), told


def nothing_written(engine: sa.Engine) -> bool:
    return not any(counts(engine)[table] for table in EMPTY)
