"""Subscriptions by webhook, and what was delivered."""

import sqlalchemy as sa
from alembic import op

from events.tables import Instant

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "subscription",
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
    op.create_table(
        "delivery",
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
    op.create_index("delivery_by_time", "delivery", ["subscription", "last_at"])
    open_ones = sa.text("status <> 'delivered'")
    op.create_index("delivery_open", "delivery", ["status"], postgresql_where=open_ones, sqlite_where=open_ones)


def downgrade() -> None:
    op.drop_table("delivery")
    op.drop_table("subscription")
