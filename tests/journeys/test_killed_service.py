"""The service killed without warning while it takes a document: afterwards all of it is there or none, and it goes on."""

import os
import random
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import sqlalchemy as sa

from tests.ingest.recording.table import TABLE, counts, facts

INFORCE = Path(sys.executable).with_name("inforce")
NEW = 238


@contextmanager
def service(url: str, directory: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("INFORCE_")}
    surroundings |= {"INFORCE_DATABASE_URL": url, "INFORCE_DATA_DIR": str(directory)}
    command = [str(INFORCE), "serve", "all", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=surroundings) as process:
        try:
            assert process.stderr
            said = process.stderr.readline()
            found = re.search(r"http://\S+", said)
            assert found, said + process.stderr.read()
            yield process, found.group()
        finally:
            process.kill()


def test_killed_ten_times_while_it_takes_a_document_it_has_all_of_it_or_nothing_and_goes_on(
    engine: sa.Engine, ledger_url: str, tmp_path: Path
) -> None:
    chance, whole = random.Random(11), 0
    for life in range(10):
        before, answered = counts(engine), list[int]()
        with service(ledger_url, tmp_path) as (process, url):
            client = threading.Thread(target=_post, args=(url, TABLE + b"\n" * life, answered))
            client.start()
            time.sleep(chance.uniform(0.0, 0.5))
            process.kill()
            client.join()
        after = counts(engine)
        came = after["source_document"] - before["source_document"]
        assert came in ((1,) if answered else (0, 1))
        assert after["event_log"] - before["event_log"] == ((2 if whole else NEW) if came else 0)
        whole += came
    with service(ledger_url, tmp_path) as (_, url):
        assert httpx.post(f"{url}/v1/ingestions", content=TABLE, timeout=30).status_code in (200, 201)
        answer = httpx.get(f"{url}/v1/codes/sec/in-force", params={"as_of": "2018-05-31"}).json()
    assert answer["version"]["label"] == "5.16"
    assert len(facts(engine)) == NEW - 2


def _post(url: str, document: bytes, answered: list[int]) -> None:
    try:
        answer = httpx.post(f"{url}/v1/ingestions", content=document, timeout=30)
    except httpx.TransportError:
        return  # killed first
    assert answer.status_code == 201
    answered.append(answer.status_code)
