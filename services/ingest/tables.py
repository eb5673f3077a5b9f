"""What ingest keeps beside the log: the sources' bytes, and its own small index of what is recorded."""

import sqlalchemy as sa

metadata = sa.MetaData()

source_document = sa.Table(
    "source_document",
    metadata,
    sa.Column("sha256", sa.Text, primary_key=True),
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("kind", sa.Text, nullable=False, default="instrument"),
)
"""A source as received, content-addressed, and its kind: what a command quotes is the act itself unless something else is said."""

known_fact = sa.Table(
    "known_fact",
    metadata,
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
    sa.Index("known_fact_version", "code", "version"),
    sa.Index("known_fact_source", "code", "sha256"),
    sa.Index("known_fact_event", "code", "event_id"),
    sa.Index("known_fact_since", "code", "since"),
)
"""A fact that is recorded: its event, the event that tells it as it stands, digests of what it says, its source."""

known_change = sa.Table(
    "known_change",
    metadata,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("event_id", sa.Text, primary_key=True),
    sa.Column("told_by", sa.Text, nullable=False),
    sa.Column("stream", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("root", sa.Text, nullable=False),
    sa.Column("effective", sa.Date),
    sa.Column("cancelled", sa.Boolean, nullable=False),
    sa.Column("awaited", sa.Boolean, nullable=False),
    sa.Index("known_change_family", "code", "kind", "root"),
    sa.Index("known_change_awaited", "awaited", "effective"),
    sa.Index("known_change_day", "code", "cancelled", "effective"),
)
"""A change that is recorded, as it stands: the family of its provision, its legal day, and whether that day is still to come."""

known_title = sa.Table(
    "known_title",
    metadata,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("event_id", sa.Text, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("ref", sa.Text, nullable=False),
    sa.Column("since", sa.Date),
)
"""A provision that has borne a title, and the event that said so first."""

known_touch = sa.Table(
    "known_touch",
    metadata,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("instrument", sa.Text, primary_key=True),
    sa.Column("event_id", sa.Text, primary_key=True),
)
"""An event that told more of what an instrument did in another stream than the instrument's own."""

known_code = sa.Table(
    "known_code",
    metadata,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("revision", sa.BigInteger, nullable=False),
)
"""How often something was recorded of a code: who decides looks at it first and moves it on."""

command_answer = sa.Table(
    "command_answer",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("version", sa.BigInteger),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("answer", sa.LargeBinary, nullable=False),
)
"""What a command was answered, by its idempotency key: the same again is answered so again."""
