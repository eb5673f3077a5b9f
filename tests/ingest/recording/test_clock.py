"""What was recorded ahead takes effect on its London day: once, in order, also after a time without a clock."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import sqlalchemy as sa

from events.knowing_better import TookEffect
from events.store import stream
from services.ingest import clock
from services.ingest.clock import take_effect
from services.law.days import london_day
from tests.ingest.recording.table import TABLE, take
from tests.waiting import wait_for

AHEAD = TABLE.replace(b"5.15 25th May 2018", b"5.15 25th May 2097").replace(
    b"5.16 31st May 2018", b"5.16 31st May 2098"
)


def told(engine: sa.Engine) -> list[tuple[date | None, str]]:
    """The day and the change of each TookEffect, in the log's order."""
    with engine.connect() as connection:
        events = [each.event for each in stream(connection)]
    return [(event.effective, event.change) for event in events if isinstance(event, TookEffect)]


def test_nothing_takes_effect_before_its_day_and_nothing_that_was_recorded_after_it(engine: sa.Engine) -> None:
    take(engine, AHEAD)
    assert take_effect(engine, date(2097, 5, 24)) == 0
    assert take_effect(engine, date(2097, 5, 25)) == 4
    assert take_effect(engine, date(2097, 5, 25)) == 0
    assert {day for day, _ in told(engine)} == {date(2097, 5, 25)}


def test_after_a_time_without_a_clock_everything_is_told_once_in_the_order_of_its_days(engine: sa.Engine) -> None:
    take(engine, AHEAD)
    while take_effect(engine, date(2099, 1, 1)):
        pass
    days = [day for day, _ in told(engine)]
    assert days == sorted(days, key=str)
    assert (len(days), len({change for _, change in told(engine)})) == (14, 14)


def test_what_the_log_had_not_before_its_day_does_not_take_effect_whatever_the_index_says(engine: sa.Engine) -> None:
    take(engine, AHEAD)
    take(engine, AHEAD + b"\n")
    with engine.begin() as connection:
        due = connection.scalar(sa.text("SELECT count(*) FROM known_change WHERE awaited"))
        connection.execute(sa.text("UPDATE known_change SET awaited = true"))
    assert (due, take_effect(engine, london_day(datetime.now(UTC)))) == (14, 0)
    assert take_effect(engine, date(2099, 1, 1)) == 14
    with engine.connect() as connection:
        assert not connection.scalar(sa.text("SELECT count(*) FROM known_change WHERE awaited"))


def test_of_two_clocks_each_change_is_told_by_one(engine: sa.Engine) -> None:
    take(engine, AHEAD)
    start = threading.Barrier(4)

    def tick() -> int:
        start.wait(30)
        return take_effect(engine, date(2099, 1, 1))

    with ThreadPoolExecutor(4) as pool:
        counted = [each.result() for each in [pool.submit(tick) for _ in range(4)]]
    assert sum(counted) == len(told(engine)) == 14


def test_the_day_begins_at_midnight_in_london(engine: sa.Engine) -> None:
    take(engine, AHEAD)
    at, stop = [datetime(2097, 5, 24, 22, 59, 59, tzinfo=UTC)], threading.Event()
    running = threading.Thread(target=clock.run, args=(engine, stop, lambda: at[0]))
    running.start()
    try:
        at[0] = datetime(2097, 5, 24, 23, 0, tzinfo=UTC)  # summer: an hour ahead
        wait_for(lambda: len(told(engine)) == 4)
    finally:
        stop.set()
        running.join()
