"""Both databases, empty and migrated, for as long as a bench needs one."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from services.database import migrate, open_engine
from tests.conftest import database_url, private_cluster


@contextmanager
def _sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as directory:
        yield _migrated(f"sqlite:///{Path(directory) / 'bench.sqlite3'}")


@contextmanager
def _postgresql() -> Iterator[str]:
    with private_cluster() as server:
        yield _migrated(database_url(server.get_uri().replace(":@", "@"), "postgres"))


DATABASES: Mapping[str, Callable[[], AbstractContextManager[str]]] = {"sqlite": _sqlite, "postgresql": _postgresql}
"""A new database of each kind, as the URL under which it is open until the context ends."""


def _migrated(url: str) -> str:
    engine = open_engine(url)
    migrate(engine)
    engine.dispose()
    return url
