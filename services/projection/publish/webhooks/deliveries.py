"""What became of deliveries: listed, counted, and the old ones that went well forgotten."""

from typing import Any

import sqlalchemy as sa

from services.projection.known_rows import Body
from services.projection.publish.webhooks.subscriptions import text
from services.projection.publish.webhooks.tables import delivery, subscription

KEPT = 1_000
"""Deliveries that went well, the last of each subscription; the others stay until it ends."""

STATUSES = ("delivered", "retrying", "dead")
TOLD = 20

c = delivery.c


def listed(connection: sa.Connection, own: str, before: int | None, status: str | None, limit: int) -> list[Body]:
    """The deliveries of a subscription, the last position first, before one where that is named."""
    found = sa.select(delivery).where(c.subscription == own).order_by(c.position.desc()).limit(limit)
    if before is not None:
        found = found.where(c.position < before)
    if status is not None:
        found = found.where(c.status == status)
    return [_shown(row) for row in connection.execute(found)]


def prune(connection: sa.Connection, own: str) -> None:
    """Forgets what was delivered to a subscription but for the last ones."""
    went_well = (c.subscription == own, c.status == "delivered")
    last = sa.select(c.last_at).where(*went_well).order_by(c.last_at.desc()).offset(KEPT).limit(1)
    connection.execute(sa.delete(delivery).where(*went_well, c.last_at <= last.scalar_subquery()))


def told(connection: sa.Connection) -> Body:
    """Webhooks as `/v1/status` shows them: how many are in which state, and which have trouble; no URL and no secret."""
    s = subscription.c
    counted = connection.execute(sa.select(s.status, sa.func.count()).group_by(s.status)).all()
    by_status = {row[0]: row[1] for row in counted}
    dead = connection.scalar(sa.select(sa.func.count()).select_from(delivery).where(c.status == "dead"))
    failing = sa.and_(s.status == "active", s.failing_since.is_not(None))
    retrying = connection.scalar(sa.select(sa.func.count()).select_from(subscription).where(failing))
    worst = connection.execute(sa.select(subscription).where(failing).order_by(s.failing_since).limit(TOLD))
    return {
        **{status: by_status.get(status, 0) for status in ("active", "paused", "gone")},
        "retrying": retrying or 0,
        "dead_letters": dead or 0,
        "trouble": [
            {"id": row.id, "since": text(row.failing_since), "attempts": row.attempts, "position": row.position}
            for row in worst
        ],
    }


def _shown(row: Any) -> Body:  # noqa: ANN401 - a row of delivery
    plain = {name: getattr(row, name) for name in ("position", "event_id", "status", "attempts", "answer", "error")}
    moments = {name: text(getattr(row, name)) for name in ("first_at", "last_at", "next_at")}
    return {**plain, "latency_ms": row.latency_ms, **moments}
