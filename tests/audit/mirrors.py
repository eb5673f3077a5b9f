"""A service with its ledger and key, a mirror of it, and what the mirror holds."""

from pathlib import Path
from typing import NamedTuple

import httpx
import sqlalchemy as sa

from events.store import read
from services.audit.fetching import Remote
from services.audit.follow import Following, begin, turn
from services.ingest.tables import source_document


class Two(NamedTuple):
    """A service with its ledger and key, and a mirror of it."""

    client: httpx.Client
    engine: sa.Engine
    key_file: Path
    mirror: sa.Engine
    mirror_url: str
    evidence: Path
    remote: Remote

    def following(self, step: int = 100) -> Following:
        return Following(self.mirror, self.remote, self.evidence, step)

    def turn(self) -> int:
        return turn(self.following(), lambda *_: None)


def begun(two: Two, key: str | None = None) -> Two:
    begin(two.following(), key, resume=False)
    return two


def held(engine: sa.Engine) -> list[object]:
    with engine.connect() as connection:
        sources = sorted(map(tuple, connection.execute(sa.select(source_document))))
        return [read(connection, limit=10_000), sources]
