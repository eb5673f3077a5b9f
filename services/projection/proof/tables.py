"""The transparency log's tables: the tree in tiles, the checkpoints signed over it, the keys that ever signed."""

import sqlalchemy as sa

from events.tables import Instant

metadata = sa.MetaData()

tree_tile = sa.Table(
    "tree_tile",
    metadata,
    sa.Column("level", sa.Integer, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("hashes", sa.LargeBinary, nullable=False),
)
"""The hashes of each tile so far, one after the other; the last of a level grows until it is full."""

tree_checkpoint = sa.Table(
    "tree_checkpoint",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("root", sa.LargeBinary, nullable=False),
    sa.Column("note", sa.LargeBinary, nullable=False),
    sa.Column("signed_at", Instant, nullable=False),
)
"""Every checkpoint given out, in the order signed; one size may be signed again, with other keys."""

tree_key = sa.Table(
    "tree_key",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),
)
"""The verifier key of everyone who ever signed, in the order they came; never a private one."""
