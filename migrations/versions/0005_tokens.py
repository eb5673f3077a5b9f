"""Who may write: tokens, stored hashed."""

import sqlalchemy as sa
from alembic import op

from events.tables import Instant

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "token",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("revoked_at", Instant),
    )


def downgrade() -> None:
    op.drop_table("token")
