"""A mirror's log has one writer, who copies another log: nothing else is recorded in it."""

import sqlalchemy as sa

from events.errors import Conflict

# The row itself is the read side's; that there is one is all that this side asks.
_FOLLOWED = sa.text("SELECT url FROM followed_log")

IS_MIRROR = sa.literal_column("EXISTS (SELECT 1 FROM followed_log)", sa.Boolean)
"""Whether the ledger mirrors another log, for a statement that asks for more."""


class OfAMirror(Conflict):
    """The ledger mirrors another log: what is to be recorded is recorded there."""

    problem = "mirror"


def followed(connection: sa.Connection) -> str | None:
    """The log that this ledger mirrors; null where it is no mirror."""
    url: str | None = connection.scalar(_FOLLOWED)
    return url


def refuse(connection: sa.Connection) -> None:
    """Refuses to record anything in a mirror (OfAMirror)."""
    if (url := followed(connection)) is not None:
        raise OfAMirror(f"this ledger mirrors {url}: what is recorded there comes here; nothing else may")
