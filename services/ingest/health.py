"""Whether a process that only takes documents is well: it answers, and its ledger is there as this release needs it."""

import sqlalchemy as sa
from fastapi import APIRouter

from events.driver_errors import translated
from events.store import last_position
from services.database import check_revision


def router(engine: sa.Engine) -> APIRouter:
    """The endpoints that ask, for a process that answers no other questions."""
    routes = APIRouter(tags=["health"])

    @routes.get("/healthz")
    async def healthz() -> dict[str, str]:
        """The process answers."""
        return {"status": "ok"}

    @routes.get("/readyz")
    def readyz() -> dict[str, str | int]:
        """The database answers, and its schema is this release's."""
        check_revision(engine)
        with translated(), engine.connect() as connection:
            return {"status": "ready", "position": last_position(connection)}

    return routes
