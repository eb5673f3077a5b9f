"""Whether a service is ready: its database may be another release's."""

from pathlib import Path

import sqlalchemy as sa

from services.database import open_engine
from services.settings import Settings
from tests.serving import serving


def test_a_service_on_a_database_of_another_revision_is_not_ready(ledger_url: str, tmp_path: Path) -> None:
    with serving(Settings(database_url=ledger_url, data_dir=tmp_path)) as client:
        assert client.get("/readyz").status_code == 200
        engine = open_engine(ledger_url)
        with engine.begin() as connection:
            connection.execute(sa.text("UPDATE alembic_version SET version_num = 'newer'"))
        engine.dispose()
        answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/not-ready")
    assert "newer" in answer.json()["detail"]
