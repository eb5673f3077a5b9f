"""How far each channel has published."""

import sqlalchemy as sa
from alembic import op

from events.tables import Instant

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "publish_cursor",
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("day", sa.Date),
        sa.Column("moved_at", Instant),
        sa.Column("error", sa.Text),
        sa.Column("failed_at", Instant),
    )


def downgrade() -> None:
    op.drop_table("publish_cursor")
