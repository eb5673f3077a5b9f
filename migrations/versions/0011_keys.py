"""Keys of facts that begin alike, and a code's first day, are found by an index, however much is known of the code."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    _ordered_by("C")
    op.create_index("known_change_day", "known_change", ["code", "cancelled", "effective"])


def downgrade() -> None:
    op.drop_index("known_change_day", "known_change")
    _ordered_by("default")


def _ordered_by(collation: str) -> None:
    """Under a language's order what begins alike does not lie side by side; SQLite orders by bytes as it is."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("known_fact", "key", type_=sa.Text(collation=collation))
