"""One server of a bench, as a process: `python -m bench.answers_served ours|ingest|plain DATABASE_URL PORT`."""

import sys
import tempfile
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import uvicorn
from fastapi import FastAPI, Request

from events.tables import event_log
from services.app import ALL, build
from services.collecting import collect_seldom
from services.database import open_engine
from services.settings import Settings


def plain(url: str) -> FastAPI:
    """FastAPI endpoints that do nothing but read what is posted, and one that makes one primary-key SELECT."""
    app, engine = FastAPI(), open_engine(url)

    @app.get("/nothing")
    async def nothing() -> dict[str, Any]:
        return {}

    @app.post("/nothing")
    async def read(request: Request) -> dict[str, Any]:
        await request.body()
        return {}

    @app.get("/row/{position}")
    def row(position: int) -> dict[str, Any]:
        with engine.connect() as connection:
            found = connection.execute(sa.select(event_log).where(event_log.c.position == position)).one()
        return {"position": found.position, "code": found.code, "type": found.type, "stream": found.stream}

    return app


def main(which: str, url: str, port: int) -> None:
    with tempfile.TemporaryDirectory() as directory:
        settings = Settings(database_url=url, data_dir=Path(directory))
        parts = {"ingest"} if which == "ingest" else ALL
        app = plain(url) if which == "plain" else build(settings, parts)
        collect_seldom()  # as the command does
        uvicorn.run(app, host="127.0.0.1", port=port, log_level="error", access_log=False)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
