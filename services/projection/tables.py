"""The read models, bitemporal and append-only: a row says what holds of a fact as known from a position on; nothing is updated.

`known_from` is the position that taught it, `alive` false withdraws it there; ends are derived when asked. Only `checkpoint` moves.
Every row belongs to a `generation`: a whole set of read models, of which one is live; `services.projection.generations` says more.
"""

import sqlalchemy as sa

from events.tables import Instant

metadata = sa.MetaData()

_TEXT = sa.Text()
_POSITION = sa.BigInteger()


def _assertion(*columns: sa.Column[object]) -> list[sa.Column[object]]:
    """The columns that every read model of facts has, around its own."""
    return [
        sa.Column("generation", _POSITION, primary_key=True),
        sa.Column("code", _TEXT, primary_key=True),
        sa.Column("id", _TEXT, primary_key=True),
        sa.Column("known_from", _POSITION, primary_key=True),
        *columns,
        sa.Column("alive", sa.Boolean, nullable=False),
        sa.Column("position", _POSITION, nullable=False),
        sa.Column("effective", sa.Date),
        sa.Column("version", _TEXT),
        sa.Column("body", sa.LargeBinary, nullable=False),
    ]


change_row = sa.Table(
    "change_row",
    metadata,
    *_assertion(
        sa.Column("home_kind", _TEXT, primary_key=True),
        sa.Column("home_ref", _TEXT, primary_key=True),
        sa.Column("root", _TEXT, nullable=False),
        sa.Column("ranged", sa.Boolean, nullable=False),
        sa.Column("type", _TEXT, nullable=False),
        sa.Column("action", _TEXT, nullable=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("ref", _TEXT, nullable=False),
        sa.Column("spec", _TEXT),
        sa.Column("spec_version", _TEXT),
        sa.Column("alongside", sa.Boolean, nullable=False),
        sa.Column("exclusions", _TEXT, nullable=False),
        sa.Column("instrument", _TEXT),
        sa.Column("proposal", _TEXT),
        sa.Column("cancelled", sa.Boolean, nullable=False),
    ),
    sa.Index("change_row_family", "generation", "code", "home_kind", "root"),
    sa.Index("change_row_written", "generation", "code", "kind", "ref"),
    sa.Index("change_row_version", "generation", "code", "version"),
)
"""One change to one provision (`home_*`: the one it belongs to; `kind`, `ref`: as written)."""

version_row = sa.Table("version_row", metadata, *_assertion(sa.Column("cancelled", sa.Boolean, nullable=False)))
"""One version of a code."""

instrument_row = sa.Table(
    "instrument_row",
    metadata,
    *_assertion(
        sa.Column("instrument", _TEXT, nullable=False),
        sa.Column("authority", _TEXT, nullable=False),
        sa.Column("cancelled", sa.Boolean, nullable=False),
    ),
    sa.Index("instrument_row_name", "generation", "code", "instrument"),
)
"""One act that changes a code."""

topic_row = sa.Table(
    "topic_row", metadata, *_assertion(), sa.Index("topic_row_version", "generation", "code", "version")
)
"""One subject named without a provision."""

lettering_row = sa.Table(
    "lettering_row",
    metadata,
    *_assertion(
        sa.Column("document", _TEXT, nullable=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("ref", _TEXT, nullable=False),
    ),
    sa.Index("lettering_row_document", "generation", "code", "document"),
)
"""One document that got a letter or a number."""

proposal_row = sa.Table(
    "proposal_row",
    metadata,
    *_assertion(sa.Column("proposal", _TEXT, nullable=False), sa.Column("step", _TEXT, nullable=False)),
)
"""One step in the life of a proposal."""

conflict_row = sa.Table("conflict_row", metadata, *_assertion())
"""One contradiction between sources."""

reading_row = sa.Table("reading_row", metadata, *_assertion())
"""One reading of a source; `effective` is the last legal day it speaks of."""

checkpoint = sa.Table(
    "checkpoint",
    metadata,
    sa.Column("generation", _POSITION, primary_key=True),
    sa.Column("code", _TEXT, primary_key=True),
    sa.Column("position", _POSITION, nullable=False),
    sa.Column("failed_at", _POSITION),
    sa.Column("failure", _TEXT),
)
"""How far each code is projected in a generation; the code '' is how far the log is read."""

live_generation = sa.Table(
    "live_generation",
    metadata,
    sa.Column("one", sa.Integer, primary_key=True),
    sa.Column("generation", _POSITION, nullable=False),
)
"""One row: the generation that answers."""

replaced_generation = sa.Table(
    "replaced_generation",
    metadata,
    sa.Column("generation", _POSITION, primary_key=True),
    sa.Column("replaced_at", Instant, nullable=False),
)
"""One row a generation that was live: readers that began before may still read it."""

READ_MODELS = (
    change_row,
    version_row,
    instrument_row,
    topic_row,
    lettering_row,
    proposal_row,
    conflict_row,
    reading_row,
)
