"""The log that a mirror follows, and what it knows of it."""

import sqlalchemy as sa
from alembic import op

from events.tables import Instant

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "followed_log",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("note", sa.LargeBinary),
        sa.Column("checked_at", Instant),
        sa.Column("alarm", sa.Text),
        sa.Column("alarm_at", Instant),
    )


def downgrade() -> None:
    op.drop_table("followed_log")
