"""The Merkle tree in tiles, the checkpoints signed over it, the keys that sign."""

import sqlalchemy as sa
from alembic import op

from events.tables import Instant

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "tree_tile",
        sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("hashes", sa.LargeBinary, nullable=False),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE tree_tile ALTER COLUMN hashes SET STORAGE EXTERNAL")  # hashes cannot be compressed
    op.create_table(
        "tree_checkpoint",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.Column("note", sa.LargeBinary, nullable=False),
        sa.Column("signed_at", Instant, nullable=False),
    )
    op.create_index("tree_checkpoint_size", "tree_checkpoint", ["size", "number"])
    op.create_table(
        "tree_key",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("key", sa.Text, nullable=False, unique=True),
    )


def downgrade() -> None:
    for name in ("tree_key", "tree_checkpoint", "tree_tile"):
        op.drop_table(name)
