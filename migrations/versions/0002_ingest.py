"""What ingest keeps: the sources' bytes, its index of recorded facts, changes and titles."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _sources()
    op.create_table(
        "known_fact",
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("event_id", sa.Text, nullable=False),
        sa.Column("told_by", sa.Text, nullable=False),
        sa.Column("said", sa.LargeBinary, nullable=False),
        sa.Column("whole", sa.LargeBinary, nullable=False),
        sa.Column("stream", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("since", sa.Date),
    )
    op.create_index("known_fact_version", "known_fact", ["code", "version"])
    op.create_index("known_fact_source", "known_fact", ["code", "sha256"])
    op.create_index("known_fact_event", "known_fact", ["code", "event_id"])
    op.create_index("known_fact_since", "known_fact", ["code", "since"])
    op.create_table(
        "known_change",
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column("event_id", sa.Text, primary_key=True),
        sa.Column("told_by", sa.Text, nullable=False),
        sa.Column("stream", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("root", sa.Text, nullable=False),
        sa.Column("effective", sa.Date),
        sa.Column("cancelled", sa.Boolean, nullable=False),
        sa.Column("awaited", sa.Boolean, nullable=False),
    )
    op.create_index("known_change_family", "known_change", ["code", "kind", "root"])
    op.create_index("known_change_awaited", "known_change", ["awaited", "effective"])
    op.create_table(
        "known_title",
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column("event_id", sa.Text, primary_key=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("ref", sa.Text, nullable=False),
        sa.Column("since", sa.Date),
    )
    op.create_table(
        "known_code",
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "command_answer",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("version", sa.BigInteger),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("answer", sa.LargeBinary, nullable=False),
    )


def _sources() -> None:
    op.create_table(
        "source_document",
        sa.Column("sha256", sa.Text, primary_key=True),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
    )


def downgrade() -> None:
    for name in ("command_answer", "known_code", "known_title", "known_change", "known_fact", "source_document"):
        op.drop_table(name)
