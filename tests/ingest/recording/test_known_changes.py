"""Ingest's index of changes follows the log: what stands, and what is still to come."""

import sqlalchemy as sa

from events.changes import ProvisionChange
from events.facts import CodeDesignated
from events.store import stream
from services.ingest.tables import known_change
from tests.ingest.recording.table import TABLE, take


def index(engine: sa.Engine) -> dict[str, sa.Row[tuple[object, ...]]]:
    with engine.connect() as connection:
        return {row.event_id: row for row in connection.execute(sa.select(known_change))}


def test_every_recorded_change_is_in_the_index_with_its_family_and_day(engine: sa.Engine) -> None:
    take(engine)
    with engine.connect() as connection:
        told = {each.id: each for each in stream(connection)}
    changes = {id_: e for id_, e in told.items() if isinstance(e.event, (ProvisionChange, CodeDesignated))}
    rows = index(engine)
    assert rows.keys() == changes.keys()
    assert all(rows[id_].effective == each.event.effective for id_, each in changes.items())
    assert all(rows[id_].stream == each.stream for id_, each in changes.items())
    assert {(row.kind, row.root) for row in rows.values()} >= {("section", "H"), ("schedule", "9"), ("code", "SEC")}
    assert not any(row.awaited or row.cancelled for row in rows.values())


def test_a_change_whose_day_is_still_to_come_is_awaited(engine: sa.Engine) -> None:
    take(engine, TABLE.replace(b"5.16 31st May 2018", b"5.16 31st May 2098"))
    awaited = [row for row in index(engine).values() if row.awaited]
    assert len(awaited) == 10
    assert {row.effective.year for row in awaited} == {2098}
