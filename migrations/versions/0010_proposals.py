"""The life of proposals as a read model; what was told of an instrument's changes in streams that are not its own."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "proposal_row",
        sa.Column("generation", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("known_from", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("proposal", sa.Text, nullable=False),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("alive", sa.Boolean, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("effective", sa.Date),
        sa.Column("version", sa.Text),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "known_touch",
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column("instrument", sa.Text, primary_key=True),
        sa.Column("event_id", sa.Text, primary_key=True),
    )


def downgrade() -> None:
    op.drop_table("known_touch")
    op.drop_table("proposal_row")
