"""Nothing is missing and nothing out of order: many readers, many writers, a window too small, a service that is killed."""

import random
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from events.errors import Unavailable
from services.projection.publish.stream_limits import Limits
from tests.factories import amended, implemented
from tests.journeys.test_killed_service import service as process
from tests.streaming.crowd import crowd
from tests.streaming.service import STREAM, Service, dispatched, first, record, streaming
from tests.waiting import wait_for

SMALL = Limits(events=20, size=64 * 1024)


@contextmanager
def working(*works: Callable[[], None]) -> Iterator[None]:
    """Each piece of work in a thread of its own, done at the end."""
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    yield
    for thread in threads:
        thread.join()


def writer(engine: sa.Engine, name: str, appends: int, size: int) -> Callable[[], None]:
    """Appends so many times so many events, tried again while the log is busy."""

    def work() -> None:
        for _ in range(appends):
            events = [amended(name) for _ in range(size)]
            while True:
                try:
                    record(engine, *events)
                    break
                except Unavailable:
                    continue

    return work


def at(service: Service) -> tuple[str, int]:
    return place(service.url)


def place(url: str) -> tuple[str, int]:
    parsed = httpx.URL(url)
    return parsed.host, parsed.port or 80


def test_two_hundred_readers_are_told_every_event(engine: sa.Engine) -> None:
    record(engine, *(amended("H1") for _ in range(50)))
    with streaming(engine) as service, working(writer(engine, "H2", 50, 3)):
        told = crowd(lambda: at(service), [0] * 200, 200)
    assert [len(each) for each in told] == [200] * 200
    assert all(each == list(range(1, 201)) for each in told)


@pytest.mark.parametrize("limits", [Limits(), SMALL], ids=["window", "small window"])
def test_readers_that_come_at_any_moment_while_others_write_miss_nothing(engine: sa.Engine, limits: Limits) -> None:
    chance = random.Random(7)
    record(engine, *(amended("H1") for _ in range(300)))
    starts = [chance.randint(0, 300) for _ in range(40)]
    writers = [writer(engine, f"D{number}", 25, chance.randint(1, 9)) for number in range(4)]
    end = 300 + 25 * 4
    with streaming(engine, limits) as service, working(*writers):
        told = crowd(lambda: at(service), starts, end, seconds=1)
    for start, each in zip(starts, told, strict=True):
        assert each == list(range(start + 1, each[-1] + 1))
        assert each[-1] >= end


def test_a_reader_that_was_slower_than_the_window_goes_on_without_a_gap(engine: sa.Engine) -> None:
    words = "x" * 20_000
    with streaming(engine, SMALL) as service, service.client.stream("GET", STREAM) as answer:
        lines = answer.iter_lines()
        assert next(lines) == ":"
        for _ in range(40):
            record(engine, *(amended("H15", title=words) for _ in range(20)))
        found = [each.position for each in first(lines, 800)]
    assert found == list(range(1, 801))


def test_two_services_on_one_ledger_tell_the_same(engine: sa.Engine) -> None:
    with streaming(engine) as one, streaming(engine) as other, working(writer(engine, "H2", 20, 5)):
        services = [one, other]
        told = crowd(lambda: at(random.choice(services)), [0] * 20, 100)
    assert all(each == list(range(1, 101)) for each in told)


def test_readers_of_a_service_that_is_killed_again_and_again_miss_nothing(
    engine: sa.Engine, ledger_url: str, tmp_path: Path
) -> None:
    here, told = ["http://127.0.0.1:1"], list[list[int]]()

    def lives() -> None:
        while (before := sum(map(len, told))) < 80_000:
            with process(ledger_url, tmp_path) as (_, here[0]):
                wait_for(lambda before=before: sum(map(len, told)) >= min(before + 25_000, 80_000), 90)

    with working(lives, writer(engine, "H1", 100, 50), writer(engine, "H2", 100, 50)):
        crowd(lambda: place(here[0]), [0] * 8, 10_000, told=told)
    assert [len(each) for each in told] == [10_000] * 8
    assert all(each == list(range(1, 10_001)) for each in told)


def test_a_stream_goes_on_when_every_session_of_the_database_is_ended(engine: sa.Engine, dialect: str) -> None:
    with streaming(engine) as service, service.client.stream("GET", STREAM) as answer:
        found = dispatched(answer.iter_lines())
        for position in range(1, 4):
            record(engine, implemented(f"5.{position}"))
            assert next(found).position == position
            if dialect == "postgresql":
                with engine.connect() as connection:
                    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                    connection.execute(sa.text(f"{others} AND pid <> pg_backend_pid()"))


def test_a_service_that_is_told_to_stop_ends_its_streams(engine: sa.Engine, ledger_url: str, tmp_path: Path) -> None:
    record(engine, implemented())
    with process(ledger_url, tmp_path) as (running, url), httpx.stream("GET", f"{url}{STREAM}") as answer:
        lines = answer.iter_lines()
        assert next(dispatched(lines)).position == 1
        running.send_signal(signal.SIGINT)
        assert list(lines) == []
        assert running.wait(30) == 0
