"""The read models of the projection."""

import sqlalchemy as sa
from alembic import op

from events.tables import Instant

revision = "0003"
down_revision = "0002"


def _assertions() -> dict[str, list[sa.Column[object]]]:
    """Fresh columns at each call: a column belongs to one table."""
    return {
        "change_row": [
            sa.Column("home_kind", sa.Text, primary_key=True),
            sa.Column("home_ref", sa.Text, primary_key=True),
            sa.Column("root", sa.Text, nullable=False),
            sa.Column("ranged", sa.Boolean, nullable=False),
            sa.Column("type", sa.Text, nullable=False),
            sa.Column("action", sa.Text, nullable=False),
            sa.Column("kind", sa.Text, nullable=False),
            sa.Column("ref", sa.Text, nullable=False),
            sa.Column("spec", sa.Text),
            sa.Column("spec_version", sa.Text),
            sa.Column("alongside", sa.Boolean, nullable=False),
            sa.Column("exclusions", sa.Text, nullable=False),
            sa.Column("instrument", sa.Text),
            sa.Column("proposal", sa.Text),
            sa.Column("cancelled", sa.Boolean, nullable=False),
        ],
        "version_row": [sa.Column("cancelled", sa.Boolean, nullable=False)],
        "instrument_row": [
            sa.Column("instrument", sa.Text, nullable=False),
            sa.Column("authority", sa.Text, nullable=False),
            sa.Column("cancelled", sa.Boolean, nullable=False),
        ],
        "topic_row": [],
        "lettering_row": [
            sa.Column("document", sa.Text, nullable=False),
            sa.Column("kind", sa.Text, nullable=False),
            sa.Column("ref", sa.Text, nullable=False),
        ],
        "conflict_row": [],
        "reading_row": [],
    }


INDEXES = {
    "change_row_family": ("change_row", ["code", "home_kind", "root"]),
    "change_row_written": ("change_row", ["code", "kind", "ref"]),
    "change_row_version": ("change_row", ["code", "version"]),
    "instrument_row_name": ("instrument_row", ["code", "instrument"]),
    "topic_row_version": ("topic_row", ["code", "version"]),
    "lettering_row_document": ("lettering_row", ["code", "document"]),
}


def upgrade() -> None:
    for name, columns in _assertions().items():
        op.create_table(
            name,
            sa.Column("generation", sa.BigInteger, primary_key=True, autoincrement=False),
            sa.Column("code", sa.Text, primary_key=True),
            sa.Column("id", sa.Text, primary_key=True),
            sa.Column("known_from", sa.BigInteger, primary_key=True, autoincrement=False),
            *columns,
            sa.Column("alive", sa.Boolean, nullable=False),
            sa.Column("position", sa.BigInteger, nullable=False),
            sa.Column("effective", sa.Date),
            sa.Column("version", sa.Text),
            sa.Column("body", sa.LargeBinary, nullable=False),
        )
    for name, (table, keys) in INDEXES.items():
        op.create_index(name, table, ["generation", *keys])
    op.create_table(
        "checkpoint",
        sa.Column("generation", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("failed_at", sa.BigInteger),
        sa.Column("failure", sa.Text),
    )
    live = op.create_table(
        "live_generation",
        sa.Column("one", sa.Integer, sa.CheckConstraint("one = 1"), primary_key=True, autoincrement=False),
        sa.Column("generation", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(live, [{"one": 1, "generation": 1}])
    op.create_table(
        "replaced_generation",
        sa.Column("generation", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("replaced_at", Instant, nullable=False),
    )


def downgrade() -> None:
    for name in ("replaced_generation", "live_generation", "checkpoint", *reversed(_assertions())):
        op.drop_table(name)
