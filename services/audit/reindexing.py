"""Ingest's index made anew from the log, whole or not at all: after a release reads the same events otherwise, or damage."""

import sqlalchemy as sa

from events.driver_errors import translated
from events.reading import last_position
from events.restoring import hold
from services import database
from services.audit import index
from services.audit.findings import Findings
from services.audit.walking import Moved
from services.ingest.tables import known_code


def differences(engine: sa.Engine, moved: Moved) -> Findings:
    """What of the index the log does not give, at one moment; nothing is changed."""
    findings = Findings()
    with database.reading(engine) as connection:
        _take_time(connection)
        index.check(connection, last_position(connection), findings, moved)
    return findings


def remake(engine: sa.Engine) -> int:
    """Makes the index anew in one transaction, while which nobody records; the position that it is of."""
    with translated(), engine.begin() as connection:
        _take_time(connection)
        # Whoever decides now on what the index said finds it moved on, and decides again.
        connection.execute(sa.update(known_code).values(revision=known_code.c.revision + 1))
        until = hold(connection)
        index.rebuild(connection)
        return until


def _take_time(connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
