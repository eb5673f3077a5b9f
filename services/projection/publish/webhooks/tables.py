"""The tables of webhooks: who is to be told of what, and what became of each delivery."""

import sqlalchemy as sa

from events.tables import Instant

_METADATA = sa.MetaData()

subscription = sa.Table(
    "subscription",
    _METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("types", sa.Text, nullable=False),
    sa.Column("codes", sa.Text, nullable=False),
    sa.Column("affected", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("secrets", sa.LargeBinary, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("replays", sa.Integer, nullable=False),
    sa.Column("failing_since", Instant),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("refusals", sa.Integer, nullable=False),
    sa.Column("next_at", Instant),
    sa.Column("error", sa.Text),
)
"""One row a subscription: `position` the last event that is done with, one way or the other; the failing ones are about the
event that is tried now; `revision` counts what people change, `replays` how often they moved the position."""

delivery = sa.Table(
    "delivery",
    _METADATA,
    sa.Column("subscription", sa.Text, primary_key=True),
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("event_id", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("answer", sa.Integer),
    sa.Column("error", sa.Text),
    sa.Column("latency_ms", sa.Integer),
    sa.Column("first_at", Instant, nullable=False),
    sa.Column("last_at", Instant, nullable=False),
    sa.Column("next_at", Instant),
)
"""One row an event tried at a subscription: `status` delivered, retrying or dead; `answer` the last HTTP status."""
