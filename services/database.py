"""Opens the ledger's database, migrates it, checks that it is as this release needs it."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError

from events.driver_errors import translated
from events.errors import Rejected
from events.postgresql import is_dead
from migrations.running import configuration, grant_rights, lock_migrations, upgrade

__all__ = [
    "check_revision",
    "glancing",
    "migrate",
    "open_engine",
    "open_ledger",
    "reading",
    "revision_of",
    "translated",
]


class OtherRevision(Rejected):
    """The database's schema is not this release's; the message names both revisions and what to do."""

    problem = "not-ready"
    status = 503


_SESSION = (
    "SELECT set_config('TimeZone', 'UTC', false), set_config('lock_timeout', '3s', false),"
    " set_config('statement_timeout', '30s', false), set_config('synchronous_commit', 'on', false)"
)


def open_engine(url: str) -> Engine:
    """An engine for a SQLite file or a PostgreSQL server; nothing is asked of the database yet."""
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(parsed)
    return _open_postgresql(parsed)


def open_ledger(url: str) -> Engine:
    """An engine on a ledger that this release can use: an embedded file is made and migrated, a server only checked."""
    engine = open_engine(url)
    if engine.dialect.name == "sqlite":
        migrate(engine)
    else:
        check_revision(engine)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection whose every statement sees the same moment of the database; appends are refused in it."""
    with translated(), engine.connect() as connection:
        if engine.dialect.name != "sqlite":
            yield connection.execution_options(isolation_level="REPEATABLE READ")
            return
        connection.exec_driver_sql("PRAGMA query_only = ON")
        connection.exec_driver_sql("BEGIN")
        try:
            yield connection
        finally:
            connection.exec_driver_sql("PRAGMA query_only = OFF")


@contextmanager
def glancing(engine: Engine) -> Iterator[Connection]:
    """A connection for statements that read, each by itself: a server is not told where a transaction begins and ends."""
    with translated(), engine.connect() as connection:
        if engine.dialect.name != "sqlite":
            connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        yield connection


def migrate(engine: Engine) -> tuple[str, ...]:
    """Brings the schema to this release's revision, all or nothing; the SQL that is left for an administrator to run."""
    with translated(), engine.begin() as connection:
        lock_migrations(connection)
        _refuse_newer(connection)
        upgrade(connection)
        return grant_rights(connection)


def check_revision(engine: Engine) -> None:
    """Rejected where the database is behind this release, or ahead of it: then both revisions are named."""
    with translated(), engine.connect() as connection:
        _refuse_newer(connection)
        found, head = revision_of(connection), _scripts().get_current_head()
        if found != head:
            raise OtherRevision(
                f"the database is at revision {found or 'none'}, this release needs {head}: run `inforce migrate`"
            )


def revision_of(connection: Connection) -> str | None:
    """The revision the database is at; None where nothing has been migrated."""
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_newer(connection: Connection) -> None:
    found, scripts = revision_of(connection), _scripts()
    if found is not None and found not in {script.revision for script in scripts.walk_revisions()}:
        head = scripts.get_current_head()
        raise OtherRevision(
            f"the database is at revision {found}, which this release does not know (its newest is {head}):"
            " it was migrated by a newer release, use that one"
        )


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(configuration())


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, ValueError):
        backend = ""  # never repeat it: it may hold a password
    drivers = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
    if backend not in drivers:
        raise Rejected(
            "INFORCE_DATABASE_URL is no database inforce knows: expected `sqlite:///file` or"
            " `postgresql://user:password@host:port/database`"
        ) from None
    return parsed.set(drivername=drivers[backend])


def _open_postgresql(url: URL) -> Engine:
    engine = create_engine(url, pool_timeout=3, pool_size=8, max_overflow=24, connect_args={"connect_timeout": 3})
    event.listen(engine, "connect", _begin_postgresql)
    event.listen(engine, "checkout", _refuse_dead)
    return engine


def _begin_postgresql(driver: Any, _: object) -> None:  # noqa: ANN401 - psycopg's connection as the pool knows it
    driver.autocommit = True
    driver.execute(_SESSION)
    driver.autocommit = False


def _refuse_dead(driver: Any, *_: object) -> None:  # noqa: ANN401 - psycopg's connection as the pool knows it
    # Cheaper than asking the server each time; the pool connects anew.
    if is_dead(driver):
        raise DisconnectionError


def _open_sqlite(url: URL) -> Engine:
    if url.database and not url.query:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    # IMMEDIATE: the driver takes the writer's lock at the first statement that writes; readers never do.
    engine = create_engine(url, pool_timeout=3, connect_args={"timeout": 3, "isolation_level": "IMMEDIATE"})
    event.listen(engine, "connect", _begin_sqlite)
    return engine


def _begin_sqlite(driver: sqlite3.Connection, _: object) -> None:
    driver.execute("PRAGMA foreign_keys = ON")
    driver.execute("PRAGMA synchronous = FULL")
    for attempt in range(30):
        try:
            driver.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            # Two that open a new file at once: SQLite does not wait for this lock by itself.
            if attempt == 29:
                raise
            time.sleep(0.1)
