"""Replays: the read models rebuilt beside the live ones and compared with them."""

import sqlalchemy as sa
from alembic import op

from events.tables import Instant

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "replay",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("asked_at", Instant, nullable=False),
        sa.Column("until", sa.BigInteger),
        sa.Column("switch", sa.Boolean, nullable=False),
        sa.Column("unless_unlike", sa.Boolean, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("generation", sa.BigInteger),
        sa.Column("done", sa.BigInteger, nullable=False),
        sa.Column("total", sa.BigInteger, nullable=False),
        sa.Column("position", sa.BigInteger),
        sa.Column("differences", sa.BigInteger),
        sa.Column("switched", sa.Boolean, nullable=False),
        sa.Column("told", sa.LargeBinary),
        sa.Column("error", sa.Text),
        sa.Column("finished_at", Instant),
        # Null once it has ended: so there is at most one that has not.
        sa.Column("unfinished", sa.Integer, unique=True),
    )


def downgrade() -> None:
    op.drop_table("replay")
