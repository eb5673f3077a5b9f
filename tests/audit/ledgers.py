"""Ledgers to audit: recorded and signed as a service does; and to be tampered with, as their owner could."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from events.notes import Verifier
from services.audit.findings import Findings
from services.audit.signed import Held
from services.audit.verify import verify
from services.projection import runner
from services.projection.proof import keys
from services.projection.proof.keys import last_file
from tests.ingest.recording.table import TABLE, take
from tests.proof.logs import made_key, signing

CHANGED_LATER = b"Designation of Section P - Production Proving"


def recorded(engine: sa.Engine, directory: Path) -> Path:
    """The shipped table recorded, under an idempotency key, projected and signed; the key's file."""
    key_file = made_key(directory)
    take(engine, TABLE, key="first")
    runner.catch_up(engine)
    signing(engine, key_file)
    return key_file


def verifiers(key_file: Path) -> list[Verifier]:
    return [each.verifier for each in keys.load(key_file)]


def told(engine: sa.Engine, key_file: Path, *held: Held) -> list[str]:
    """What `verify` finds, as it tells it; with the checkpoint beside the key."""
    beside = Held("beside the key", last_file(key_file).read_bytes())
    return shown(verify(engine, [beside, *held], verifiers(key_file)).findings)


def shown(findings: Findings) -> list[str]:
    assert findings.count >= len(findings.kept)
    return [str(each) for each in findings.kept]


@contextmanager
def owning(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction in which the log's own protections are off, as only the owner of the database can have it."""
    tables = ("event_log", "event_key")
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            for table in tables:
                connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            yield connection
            for table in tables:
                connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            return
        triggers = connection.execute(sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
        for trigger in triggers:
            connection.exec_driver_sql(f"DROP TRIGGER {trigger.name}")
        yield connection
        for trigger in triggers:
            connection.exec_driver_sql(trigger.sql)
