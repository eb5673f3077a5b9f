"""Publishing to Kafka against the bare client: from append to a consumer, and catching up with a long log."""

import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from statistics import quantiles
from time import perf_counter
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from sqlalchemy import Engine

from bench.databases import DATABASES
from bench.figures import compared, rate
from events.catalogue import Event
from events.envelope import Pending, own_stream
from events.identifiers import new_id
from events.store import append, read
from events.vocabulary import Quotation
from services.database import open_engine
from services.projection.publish import kafka
from services.projection.publish.channels import CHANNELS
from services.projection.publish.cursors import move, place, turn
from services.projection.publish.messages import of_event
from services.projection.publish.publisher import run
from services.projection.publish.topics import EVENTS, Topic
from services.settings import Settings
from tests.factories import amended
from tests.kafka.broker import Broker, broker_of_our_own

_numbers = count()

ROUNDS = 5
SINGLE = 300
LONG = 20_000
CHANNEL = CHANNELS[0]
BARE = Topic("bare.v1", EVENTS.settings)


def rows() -> Iterator[dict[str, Any]]:
    """From append to consumer in milliseconds (p99), and messages a second of catching up, each beside the bare client."""
    with tempfile.TemporaryDirectory() as directory:
        broker = broker_of_our_own(Path(directory))
        for opened in DATABASES.values():
            with opened() as url:
                engine = open_engine(url)
                settings = Settings(kafka_bootstrap=broker.bootstrap, database_url=url)
                kafka.prepare(settings, BARE)
                yield from _latency(engine, settings, broker)
                yield from _catching_up(engine, settings, broker)
                engine.dispose()
        broker.close()


def _latency(engine: Engine, settings: Settings, broker: Broker) -> Iterator[dict[str, Any]]:
    ours: list[float] = []
    raw: list[float] = []
    with (
        _publishing(engine, settings),
        _consuming(broker, CHANNEL.topic.name) as consumed,
        _consuming(broker, BARE.name) as consumed_bare,
        KafkaProducer(bootstrap_servers=broker.bootstrap, acks="all") as producer,
    ):
        _append(engine, 1)
        consumed()
        with engine.connect() as connection:
            message = of_event(read(connection)[0], settings.links_url())

        def bare() -> None:
            producer.send(BARE.name, message.value, message.key, message.headers)
            consumed_bare()

        def through_the_log() -> None:
            _append(engine, 1)
            consumed()

        bare()
        for _ in range(ROUNDS):
            ours.append(_p99(through_the_log))
            raw.append(_p99(bare))
    yield compared("append to consumer, p99 in ms, against bare produce to consumer", _name(engine), ours, raw, "<= 3")


def _catching_up(engine: Engine, settings: Settings, broker: Broker) -> Iterator[dict[str, Any]]:
    with engine.connect() as connection:
        start = place(connection, CHANNEL.name).position
    _append(engine, LONG)
    with engine.connect() as connection:
        messages = [of_event(each, settings.links_url()) for each in read(connection, start, LONG)]

    def ours() -> int:
        with _publishing(engine, settings):
            while _position(engine) < start + LONG:
                threading.Event().wait(0.002)
        return LONG

    def bare() -> int:
        with KafkaProducer(bootstrap_servers=broker.bootstrap, acks="all") as producer:
            futures = [producer.send(BARE.name, each.value, each.key, each.headers) for each in messages]
            producer.flush()
            for each in futures:
                each.get()
        return LONG

    rates: list[float] = []
    raw_rates: list[float] = []
    for _ in range(ROUNDS):
        with turn(engine, CHANNEL.name) as held:
            assert held
            move(held, CHANNEL.name, start)
        rates.append(rate(ours))
        raw_rates.append(rate(bare))
    yield compared("catching up, messages a second, against bare produce", _name(engine), rates, raw_rates, ">= 0.8")


def _append(engine: Engine, number: int) -> None:
    for start in range(0, number, 2_000):
        told = [_event(next(_numbers)) for _ in range(min(2_000, number - start))]
        events = [Pending(new_id(), own_stream(each), each) for each in told]
        with engine.begin() as connection:
            append(connection, events, dict.fromkeys((each.stream for each in events), 0))


def _event(number: int) -> Event:
    """An amendment with the words it was read from, of a section of its own."""
    quote = f"The Authority approved SECMP{number % 9999:04} on 25th May 2018, amending Section H{number} as set out in the Annex."
    source = Quotation(sha256="ab" * 32, spans=((number, number + 60), (number + 80, number + 123)), quote=quote)
    return amended(f"H{number}", instrument="5.16-1", proposal=f"SECMP{number % 9999:04}", source=source)


def _p99(work: Callable[[], None]) -> float:
    taken = []
    for _ in range(SINGLE):
        begun = perf_counter()
        work()
        taken.append((perf_counter() - begun) * 1_000)
    return quantiles(taken, n=100)[98]


@contextmanager
def _publishing(engine: Engine, settings: Settings) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(engine, settings, CHANNEL, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@contextmanager
def _consuming(broker: Broker, topic: str) -> Iterator[Callable[[], None]]:
    """A function that waits for the next message of the topic, from its end on."""
    consumer = KafkaConsumer(bootstrap_servers=broker.bootstrap, auto_offset_reset="latest")
    partition = TopicPartition(topic, 0)
    while topic not in consumer.topics():
        threading.Event().wait(0.1)
    consumer.assign([partition])
    consumer.position(partition)

    def following() -> None:
        while not consumer.poll(timeout_ms=1_000):
            pass

    try:
        yield following
    finally:
        consumer.close()


def _position(engine: Engine) -> int:
    with engine.connect() as connection:
        return place(connection, CHANNEL.name).position


def _name(engine: Engine) -> str:
    return engine.dialect.name
