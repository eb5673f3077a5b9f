"""Generations of the read models: which one answers, which are filled beside it, which nobody needs any longer."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from events.driver_errors import translated
from services.projection.tables import READ_MODELS, checkpoint, live_generation, replaced_generation

LIVE = sa.select(live_generation.c.generation).scalar_subquery()
"""The generation that answers, as part of a statement."""

READ_ON = timedelta(hours=1)
"""How long a generation that was replaced stays for those who began to read it before."""

PART = 20_000
"""Rows removed in one transaction."""

g = checkpoint.c.generation


def live(connection: sa.Connection) -> int:
    """The generation that answers."""
    return int(connection.execute(sa.select(live_generation.c.generation)).scalar_one())


def begin(connection: sa.Connection) -> int:
    """A new generation, of which nothing is filled yet; its number was never that of one that answered."""
    newest = max(connection.scalar(sa.select(sa.func.max(g))) or 0, live(connection))
    connection.execute(sa.insert(checkpoint).values(generation=newest + 1, code="", position=0))
    return newest + 1


def put_in_place(connection: sa.Connection, generation: int) -> None:
    """From the commit on this generation answers; the one before stays for a while."""
    before = {"generation": live(connection), "replaced_at": datetime.now(UTC)}
    connection.execute(sa.insert(replaced_generation).values(before))
    connection.execute(sa.update(live_generation).values(generation=generation))


def needless(connection: sa.Connection, now: datetime, kept: int | None = None) -> list[int]:
    """The generations that neither answer nor may still be read, but for one to be kept."""
    replaced = {row.generation: row.replaced_at for row in connection.execute(sa.select(replaced_generation))}
    every = set(connection.scalars(sa.select(g).distinct())) | replaced.keys()
    still = {each for each, at in replaced.items() if now - at < READ_ON}
    return sorted(every - still - {live(connection), kept})


def drop(engine: sa.Engine, generation: int) -> None:
    """Removes all that a generation has, part by part; killed between two parts, it is still known as needless."""
    place: sa.ColumnElement[object] = sa.literal_column("rowid" if engine.dialect.name == "sqlite" else "ctid")
    for table in READ_MODELS:
        part = sa.select(place).select_from(table).where(table.c.generation == generation).limit(PART)
        removed = PART
        while removed == PART:
            with translated(), engine.begin() as connection:
                removed = connection.execute(sa.delete(table).where(place.in_(part))).rowcount
    with translated(), engine.begin() as connection:
        for table in (checkpoint, replaced_generation):
            connection.execute(sa.delete(table).where(table.c.generation == generation))
