"""Several projectors of one ledger: each event is projected once, whoever comes first."""

from threading import Barrier, Thread

import sqlalchemy as sa

from services.projection import runner
from services.projection.tables import change_row, checkpoint
from tests.ingest.recording.table import take


def test_projectors_that_begin_at_once_project_each_event_once(engine: sa.Engine) -> None:
    take(engine)
    together, reached = Barrier(4), list[int]()

    def project() -> None:
        together.wait()
        reached.append(runner.catch_up(engine))

    threads = [Thread(target=project) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with engine.connect() as connection:
        rows = connection.execute(sa.select(change_row.c.id)).scalars().all()
    assert (reached, len(rows)) == ([238] * 4, len(set(rows)) + _rehomed(engine))


def test_a_batch_of_long_events_ends_sooner_and_the_next_goes_on_where_it_ended(engine: sa.Engine) -> None:
    take(engine)

    with engine.begin() as connection:
        reached = [runner.project_batch(connection, 1, seen, until=4, most=1) for seen in range(5)]

    assert reached == [1, 2, 3, 4, 4]
    with engine.connect() as connection:
        written = connection.scalars(
            sa.select(checkpoint.c.position).where(checkpoint.c.code == runner.WHOLE_LOG)
        ).all()
    assert written == [4]


def _rehomed(engine: sa.Engine) -> int:
    """How many rows say again, under its letter, what was said of a document."""
    with engine.connect() as connection:
        again = sa.select(sa.func.count()).where(change_row.c.known_from != change_row.c.position)
        return connection.scalar(again) or 0
