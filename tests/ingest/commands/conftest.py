"""A service on a ledger that holds the shipped table: one for each test, and one for all that write nothing."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from sqlalchemy import Engine

from services.database import open_engine
from services.settings import Settings
from tests.conftest import DATABASES, copied_database
from tests.ingest.commands.asking import took
from tests.serving import serving


@pytest.fixture
def client(ledger_url: str, tmp_path: Path) -> Iterator[httpx.Client]:
    """A service on a ledger of the test's own that holds the shipped table."""
    with serving(Settings(database_url=ledger_url, data_dir=tmp_path)) as served:
        took(served)
        yield served


@pytest.fixture
def bare(ledger_url: str, tmp_path: Path) -> Iterator[httpx.Client]:
    """A service on an empty ledger of the test's own."""
    with serving(Settings(database_url=ledger_url, data_dir=tmp_path)) as served:
        yield served


class Kept(NamedTuple):
    """A service and its ledger, which no test may change."""

    client: httpx.Client
    engine: Engine


@pytest.fixture(scope="module", params=DATABASES)
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """A service on a ledger that holds the shipped table, for all the refusals of a module."""
    directory = tmp_path_factory.mktemp("commands")
    url = f"sqlite:///{directory / 'ledger.sqlite3'}"
    if request.param == "postgresql":
        server, template = request.getfixturevalue("postgresql_url"), request.getfixturevalue("migrated_postgresql")
        url = copied_database(server, template, f"inforce_{request.module.__name__.rpartition('.')[2]}_{os.getpid()}")
    engine = open_engine(url)
    with serving(Settings(database_url=url, data_dir=directory)) as served:
        took(served)
        yield Kept(served, engine)
    engine.dispose()
