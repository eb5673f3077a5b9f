"""Before others than this machine can reach the service: somebody has to have said who may write."""

import sqlalchemy as sa

from events.driver_errors import translated
from events.errors import Rejected
from services.doors.tokens import any_made
from services.settings import Settings


class Unguarded(Rejected):
    """The service would let anybody write who can reach it; the message says what to do."""


def refuse_unguarded(engine: sa.Engine, settings: Settings) -> None:
    """Unguarded where others than this machine could reach the service, no token was ever made, and nobody said `--open`."""
    if settings.on_loopback() or settings.open:
        return
    with translated(), engine.connect() as connection:
        if not any_made(connection):
            raise Unguarded(
                f"listening on {settings.host} would let others write, and no token has been made: make one with"
                " `inforce token create NAME --scope ingest`, or say --open to let anybody write"
            )
