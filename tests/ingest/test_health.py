"""A process that only takes documents says whether it is well."""

from pathlib import Path

from sqlalchemy import Engine, text

from services.settings import Settings
from tests.serving import serving


def test_a_process_that_takes_documents_alone_says_whether_it_can(
    ledger_url: str, engine: Engine, tmp_path: Path
) -> None:
    with serving(Settings(database_url=ledger_url, data_dir=tmp_path), {"ingest"}) as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        assert client.get("/readyz").json() == {"status": "ready", "position": 0}
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        assert (client.get("/healthz").is_success, client.get("/readyz").is_success) == (True, False)
