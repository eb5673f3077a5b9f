"""A service that is followed."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.audit.fetching import Remote
from services.database import open_engine
from services.projection.proof import upkeep
from services.settings import Settings
from tests.audit.ledgers import recorded
from tests.audit.mirrors import Two
from tests.serving import serving


@pytest.fixture
def two(
    engine: sa.Engine,
    ledger_url: str,
    make_database: Callable[[], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Two]:
    """The service's own keeper stands still: a test says what is signed, and when."""
    monkeypatch.setattr(upkeep, "run", lambda *_: None)
    key_file = recorded(engine, tmp_path)
    mirror_url = make_database()
    mirror = open_engine(mirror_url)
    with (
        serving(Settings(database_url=ledger_url, data_dir=tmp_path)) as client,
        Remote(str(client.base_url)) as remote,
    ):
        yield Two(client, engine, key_file, mirror, mirror_url, tmp_path / "evidence", remote)
    mirror.dispose()
