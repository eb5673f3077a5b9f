"""What goes wrong while 10,000 events are published: nothing is missing afterwards, nothing overtakes, what comes twice is the same."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import orjson
import psutil
import pytest
import sqlalchemy as sa

from services.settings import Settings
from tests.kafka.broker import Broker
from tests.kafka.conftest import LEFT_TO_THE_COLLECTOR
from tests.kafka.ledgers import fill, fill_and_project, ids
from tests.kafka.publishing import EVENTS, PROVISIONS, cursor, position, publisher, publishing
from tests.kafka.reading import Reader, first_times, header
from tests.waiting import wait_for

MANY = 10_000
TOPIC = EVENTS.topic.name
pytestmark = LEFT_TO_THE_COLLECTOR
on_postgresql = pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)


@on_postgresql
def test_a_publisher_killed_again_and_again(engine: sa.Engine, settings: Settings, broker: Broker) -> None:
    fill(engine, MANY)
    reached = []
    for least in (1, 2_500, 5_000):
        with publisher(settings) as process:
            wait_for(lambda least=least: position(engine, "kafka.events") >= least)
            process.kill()
            process.wait()
        reached.append(position(engine, "kafka.events"))
    assert reached[-1] < MANY
    with publisher(settings):
        _arrived(engine, broker)


def test_a_second_publisher_takes_over_from_a_killed_one_within_ten_seconds(
    engine: sa.Engine, settings: Settings, broker: Broker
) -> None:
    fill(engine, 1)
    with publisher(settings) as first:
        wait_for(lambda: position(engine, "kafka.events") == 1)
        with publisher(settings) as second, Reader(broker.bootstrap, TOPIC) as reader:
            assert second.stderr
            assert "publishes to" in second.stderr.readline()
            fill(engine, 1, begin=1)
            reader.read_until(2)
            first.kill()
            first.wait()
            fill(engine, 1, begin=2)
            wait_for(lambda: reader.read() and first_times(reader.ids()) == ids(engine), 10)


@on_postgresql
def test_a_broker_killed_in_the_middle(engine: sa.Engine, settings: Settings, broker: Broker) -> None:
    fill(engine, MANY)
    with publishing(engine, settings, EVENTS) as said:
        wait_for(lambda: position(engine, "kafka.events") > 0)
        broker.kill()
        try:
            assert position(engine, "kafka.events") < MANY
            wait_for(lambda: cursor(engine, "kafka.events")["error"])
            assert "does not answer" in cursor(engine, "kafka.events")["error"]["why"]
            fill(engine, 1, begin=MANY)  # the ledger goes on
        finally:
            broker.start()
        _arrived(engine, broker)
        wait_for(lambda: cursor(engine, "kafka.events")["error"] is None)
    assert said


@on_postgresql
def test_a_broker_frozen_for_a_while_costs_no_memory_and_no_event(
    engine: sa.Engine, settings: Settings, broker: Broker
) -> None:
    fill(engine, MANY // 2)
    with publisher(settings) as process:
        wait_for(lambda: position(engine, "kafka.events") > 0)
        with _frozen(broker):
            publishes = psutil.Process(process.pid)
            wait_for(lambda: cursor(engine, "kafka.events").get("error"))
            before, threads = publishes.memory_info().rss, publishes.num_threads()
            noted = cursor(engine, "kafka.events")["error"]["at"]
            fill(engine, MANY // 2, begin=MANY // 2)
            wait_for(lambda: cursor(engine, "kafka.events")["error"]["at"] != noted)
            assert publishes.memory_info().rss - before < 20_000_000
            assert publishes.num_threads() <= threads + 1  # one that asks the broker what is wrong
        _arrived(engine, broker)


@on_postgresql
def test_a_connection_cut_in_the_middle_of_a_frame(engine: sa.Engine, settings: Settings, broker: Broker) -> None:
    fill(engine, MANY)
    cuts = broker.proxy.cuts
    through = settings.model_copy(update={"kafka_bootstrap": broker.behind_proxy})
    broker.proxy.cut_after(500_000)
    with publishing(engine, through, EVENTS):
        for number in (1, 2, 3):
            wait_for(lambda number=number: broker.proxy.cuts == cuts + number)
            broker.proxy.cut_after(1_200_000)
        _arrived(engine, broker)


@on_postgresql
def test_a_broker_whose_disk_is_full(engine: sa.Engine, settings: Settings, broker: Broker) -> None:
    fill(engine, 1_000)
    with publishing(engine, settings, EVENTS):
        wait_for(lambda: position(engine, "kafka.events") == 1_000)
        broker.fill_up(TOPIC, 100_000)
        fill(engine, MANY - 1_000, begin=1_000)
        try:
            broker.wait_until_gone()
            wait_for(lambda: cursor(engine, "kafka.events")["error"])
            assert position(engine, "kafka.events") < MANY
        finally:
            broker.start()
        _arrived(engine, broker)


@on_postgresql
def test_the_state_is_whole_after_a_killed_publisher(engine: sa.Engine, settings: Settings, broker: Broker) -> None:
    fill_and_project(engine, 500)
    with publisher(settings) as process, Reader(broker.bootstrap, PROVISIONS.topic.name) as reader:
        wait_for(reader.read)
        process.kill()
        process.wait()
        with publishing(engine, settings, PROVISIONS):
            wait_for(lambda: position(engine, "kafka.provisions") == 500)
            wait_for(lambda: reader.read() and len(reader.view()) == 500)
    states = {name: orjson.loads(value) for name, value in reader.view().items()}
    assert {name: state["meta"]["position"] for name, state in states.items()} == {
        f"sec/section/Z{at}": at + 1 for at in range(500)
    }


@contextmanager
def _frozen(broker: Broker) -> Iterator[None]:
    broker.freeze()
    try:
        yield
    finally:
        broker.thaw()


def _arrived(engine: sa.Engine, broker: Broker) -> None:
    """Every event of the log comes, first times in its order, and nothing comes before what is before it."""
    expected = ids(engine)
    with Reader(broker.bootstrap, TOPIC) as reader:
        wait_for(lambda: reader.read() and header(reader.messages[-1], "ce_id") == expected[-1], 90)
    assert first_times(reader.ids()) == expected
    positions = [int(header(each, "ce_sequence")) for each in reader.messages]
    assert [expected[at - 1] for at in positions] == reader.ids()
    assert all(later <= before + 1 for before, later in pairwise(positions))
