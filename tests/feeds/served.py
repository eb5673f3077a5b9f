"""A service whose ledger holds what a test records, and nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import sqlalchemy as sa

from services.settings import Settings
from tests.serving import serving

PUBLIC = "https://changes.example"


@contextmanager
def published(engine: sa.Engine, directory: Path) -> Iterator[httpx.Client]:
    """A client of a service on the engine's database; its links begin with `PUBLIC`."""
    url = engine.url.render_as_string(hide_password=False)
    with serving(Settings(database_url=url, data_dir=directory, public_url=PUBLIC)) as client:
        yield client
