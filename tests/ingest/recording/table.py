"""A table as its document's text, cut by rows, and what a ledger holds after recording."""

from importlib.resources import files
from typing import Any

import sqlalchemy as sa

from events.store import stream
from services.ingest.recorder import record
from services.ingest.recording import Recording

NAME = "sec-version-control-v5.16.txt"
TABLE = files("services.ingest").joinpath("shipped", NAME).read_bytes()
MOST = 20 * 1024 * 1024


def take(engine: sa.Engine, data: bytes = TABLE, **given: Any) -> Recording:
    said = {"name": NAME, "code": "sec", "actor": "tests", "max_bytes": MOST} | given
    return record(engine, data, said.pop("name"), said.pop("code"), **said)


def facts(engine: sa.Engine) -> list[dict[str, Any]]:
    """What is recorded, but for sources and for what differs from one recording to the next."""
    with engine.connect() as connection:
        own = [each.event for each in stream(connection) if not each.stream.startswith("source/")]
    told = [each.model_dump(mode="json", exclude={"source", "actor", "causation_id"}) for each in own]
    return sorted(told, key=repr)


def counts(engine: sa.Engine) -> dict[str, int]:
    """How many rows each table of the write side holds."""
    tables = ("event_log", "event_key", "source_document", "known_fact", "known_title", "known_code")
    with engine.connect() as connection:
        return {name: connection.scalar(sa.text(f"SELECT count(*) FROM {name}")) or 0 for name in tables}
