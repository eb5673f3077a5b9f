import random
import subprocess
import sys
import time
from pathlib import Path

import sqlalchemy as sa

from tests.ingest.recording.table import TABLE, counts, facts, take

WORKER = """
import sys
from services.database import open_engine
from services.ingest.recorder import record
engine = open_engine(sys.argv[1])
data = open(sys.argv[2], "rb").read()
engine.connect().close()
print("ready", flush=True)
record(engine, data, "table", "sec", actor="tests", max_bytes=10**8)
print("recorded", flush=True)
"""


def test_killed_at_any_moment_leaves_all_or_nothing_and_it_goes_on(
    engine: sa.Engine, ledger_url: str, tmp_path: Path
) -> None:
    chance, seen = random.Random(7), {"all": 0, "nothing": 0}
    for attempt in range(6):
        document = tmp_path / f"{attempt}.txt"
        document.write_bytes(TABLE + b"\n" * attempt)
        before = counts(engine)
        acknowledged = _killed_after(ledger_url, document, chance.uniform(0.0, 0.9))
        after = counts(engine)
        came = after["source_document"] - before["source_document"]
        assert came or not acknowledged
        expected = (238 if not before["event_log"] else 2) if came else 0
        assert after["event_log"] - before["event_log"] == expected
        assert (after["known_fact"] > before["known_fact"]) == bool(came)
        seen["all" if came else "nothing"] += 1
    take(engine)
    assert len(facts(engine)) == 236


def _killed_after(url: str, document: Path, seconds: float) -> bool:
    """Whether the worker had acknowledged the document when it was killed."""
    command = [sys.executable, "-c", WORKER, url, str(document)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout
        assert worker.stdout.readline() == "ready\n"
        time.sleep(seconds)
        worker.kill()
        return "recorded" in worker.stdout.read()
