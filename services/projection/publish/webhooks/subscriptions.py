"""Subscriptions as they are kept: made, shown, changed, ended; never commits."""

from datetime import UTC, datetime
from typing import Any

import orjson
import sqlalchemy as sa

from events.errors import Conflict, NotFound
from events.identifiers import new_id
from services.projection.known_rows import Body
from services.projection.publish.webhooks import sealing, signing
from services.projection.publish.webhooks.asking import Asked
from services.projection.publish.webhooks.tables import delivery, subscription

c = subscription.c

Row = Any
"""A row of subscription."""

_NOTHING_TRIED = {"attempts": 0, "refusals": 0, "failing_since": None, "next_at": None, "error": None}


class UnknownSubscription(NotFound):
    """No subscription has that id."""

    problem = "unknown-subscription"


class Ended(Conflict):
    """The receiver said that it is gone: such a subscription takes no changes."""


def create(connection: sa.Connection, asked: Asked, key: bytes, actor: str, now: datetime) -> tuple[Row, str]:
    """Makes a subscription whose URL was checked; its row, and the secret that nothing can show again."""
    _try_key(connection, key)
    own, secret = new_id(), signing.new_secret()
    filters = {name: orjson.dumps(getattr(asked, name)).decode() for name in ("types", "codes", "affected")}
    row = {
        "id": own,
        "url": asked.url,
        "status": "active",
        "position": asked.position,
        "secrets": sealing.seal(key, own, [sealing.Secret(secret, None)]),
        "created_at": now,
        "created_by": actor,
        "revision": 1,
        "replays": 0,
    }
    connection.execute(sa.insert(subscription).values(row | filters | _NOTHING_TRIED))
    return find(connection, own), secret


def any_made(connection: sa.Connection) -> bool:
    """Whether there is a subscription, and with it something encrypted."""
    return connection.execute(sa.select(c.id).limit(1)).first() is not None


def find(connection: sa.Connection, own: str) -> Row:
    """The row of a subscription; UnknownSubscription where there is none."""
    return _there(connection.execute(sa.select(subscription).where(c.id == own)).first(), own)


def listed(connection: sa.Connection, after: str, limit: int) -> list[Row]:
    """The first rows after an id, in the order in which they were made."""
    found = sa.select(subscription).where(c.id > after).order_by(c.id).limit(limit)
    return list(connection.execute(found))


def set_status(connection: sa.Connection, own: str, status: str) -> Row:
    """Pauses it, or lets it go on where it stopped, at once."""
    _claimed(connection, own)
    return _set(connection, own, status=status, **({"next_at": None} if status == "active" else {}))


def rotate(connection: sa.Connection, own: str, key: bytes, now: datetime) -> tuple[Row, str]:
    """Gives it a new secret, shown this once; the one before signs beside it for a day."""
    held = sealing.unseal(key, own, _claimed(connection, own).secrets)
    fresh = signing.new_secret()
    return _set(connection, own, secrets=sealing.seal(key, own, sealing.replaced(held, fresh, now))), fresh


def replay(connection: sa.Connection, own: str, position: int) -> Row:
    """Delivers everything after a position, again where it was delivered before."""
    row = _claimed(connection, own)
    skipped = (delivery.c.subscription == own, delivery.c.status == "retrying", delivery.c.position <= position)
    connection.execute(
        sa.update(delivery).where(*skipped).values(status="dead", next_at=None, error="left out by a replay")
    )
    return _set(connection, own, position=position, replays=row.replays + 1, **_NOTHING_TRIED)


def delete(connection: sa.Connection, own: str) -> None:
    """Forgets it and its deliveries."""
    row = connection.execute(sa.delete(subscription).where(c.id == own).returning(c.id)).first()
    _there(row, own)
    connection.execute(sa.delete(delivery).where(delivery.c.subscription == own))


def shown(row: Row) -> Body:
    """A subscription as REST gives it: never its secrets."""
    failing = {
        "since": text(row.failing_since),
        "attempts": row.attempts,
        "next_at": text(row.next_at),
    }
    return {
        "id": row.id,
        "url": row.url,
        **{name: orjson.loads(getattr(row, name)) for name in ("types", "codes", "affected")},
        "status": row.status,
        "position": row.position,
        "created_at": text(row.created_at),
        "created_by": row.created_by,
        "failing": failing if row.failing_since else None,
        "error": row.error,
    }


def text(moment: datetime | None) -> str | None:
    """A moment as REST gives it, null where there is none."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None


def _claimed(connection: sa.Connection, own: str) -> Row:
    """The row, changed by nobody else until the transaction ends; whoever delivers starts anew from it."""
    told = sa.update(subscription).where(c.id == own).values(revision=c.revision + 1).returning(*subscription.columns)
    row = _there(connection.execute(told).first(), own)
    if row.status == "gone":
        raise Ended(f"subscription {own} has ended: its receiver answered 410; make a new one")
    return row


def _set(connection: sa.Connection, own: str, **values: object) -> Row:
    connection.execute(sa.update(subscription).where(c.id == own).values(**values))
    return find(connection, own)


def _there(row: Row, own: str) -> Row:
    if row is None:
        raise UnknownSubscription(f"no subscription has the id {own[:80]!r}")
    return row


def _try_key(connection: sa.Connection, key: bytes) -> None:
    """Two processes with keys of their own would each make what the other cannot use: the second one is refused."""
    other = connection.execute(sa.select(c.id, c.secrets).order_by(c.id.desc()).limit(1)).first()
    if other is not None:
        sealing.unseal(key, other.id, other.secrets)
