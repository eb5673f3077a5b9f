"""The service killed without warning while many send commands: what was acknowledged is there once, what was not can be sent again."""

import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from events.store import stream
from services.audit import index
from services.audit.findings import Findings
from tests.ingest.commands.asking import did, direction
from tests.journeys.test_killed_service import service
from tests.waiting import wait_for

CALLERS = 24


def _send(client: httpx.Client, key: str) -> httpx.Response:
    number = int(key.partition("-")[2])
    body = direction(
        did("amended", f"section/H{number % 7}"),
        did("activated", f"section/K{number % 5}"),
        version=None,
        instrument=key,
    )
    return client.post("/v1/codes/sec/directions", json=body, headers={"Idempotency-Key": key})


def _go_on(url: str, life: int, caller: int, sent: set[str], told: dict[str, bytes]) -> None:
    with httpx.Client(base_url=url, timeout=30) as client:
        for number in range(caller, 100_000, CALLERS):
            key = f"life{life}-{number}"
            sent.add(key)
            try:
                answer = _send(client, key)
            except httpx.TransportError:
                return  # killed first
            assert answer.status_code == 201, answer.text
            told[key] = answer.content


def test_killed_while_many_send_commands_each_acknowledged_is_there_once_and_the_others_can_be_sent_again(
    engine: sa.Engine, ledger_url: str, tmp_path: Path
) -> None:
    chance, sent, told = random.Random(5), set[str](), dict[str, bytes]()
    for life in range(3):
        before = len(told)
        with service(ledger_url, tmp_path) as (process, url), ThreadPoolExecutor(CALLERS) as pool:
            callers = [pool.submit(_go_on, url, life, caller, sent, told) for caller in range(CALLERS)]
            _wait_for_more(told, before + CALLERS)
            time.sleep(chance.uniform(0.0, 0.3))
            process.kill()
        assert [each.exception() for each in callers] == [None] * CALLERS
        there = _held(engine)
        assert set(told) <= there <= sent
    with service(ledger_url, tmp_path) as (_, url), httpx.Client(base_url=url, timeout=30) as client:
        again = {key: _send(client, key) for key in sorted(sent)}
    assert {each.status_code for each in again.values()} == {201}
    assert {key: again[key].content for key in told} == told
    assert _held(engine) == sent


def _wait_for_more(told: dict[str, bytes], number: int) -> None:
    wait_for(lambda: len(told) > number)


def _held(engine: sa.Engine) -> set[str]:
    """The commands that the ledger holds: each whole, under its key, and the index as the log gives it."""
    acts, findings = Counter[str](), Findings()
    with engine.connect() as connection:
        for each in stream(connection):
            event: Any = each.event
            acts[getattr(event, "instrument", "")] += 1
        index.check(connection, sum(acts.values()), findings, lambda *_: None)
        keys = set(connection.scalars(sa.text("SELECT key FROM event_key")))
    del acts[""]
    assert acts == dict.fromkeys(keys, 3)
    assert not findings.kept
    return keys
