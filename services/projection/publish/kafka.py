"""The way to Kafka, and the only file that knows its client: topics with their settings, acknowledged sends in order."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from kafka import KafkaAdminClient, KafkaProducer, OffsetSpec, TopicPartition  # type: ignore[import-untyped]
from kafka.admin import ConfigResource, ConfigResourceType  # type: ignore[import-untyped]
from kafka.errors import (  # type: ignore[import-untyped]
    BrokerResponseError,
    KafkaError,
    TopicAlreadyExistsError,
    UnknownTopicOrPartitionError,
)
from kafka.net.compat import KafkaNetClient  # type: ignore[import-untyped]

from services.projection.publish.kafka_options import ANSWER, options
from services.projection.publish.messages import MOST_BYTES, Message
from services.projection.publish.topics import MOST_OF_A_STATE, BrokerAway, Topic, TopicReplaced, WrongTopic
from services.settings import Settings

FOR_EVER = 7 * 24 * 3600 * 1000
"""Milliseconds in which the client gives no message up: a given-up one would let later ones overtake it."""


def prepare(settings: Settings, topic: Topic) -> bool:
    """Makes the topic, or checks the one there is (WrongTopic); whether it holds nothing yet."""
    with _translated(), _administering(settings) as admin:
        if admin.describe_topics([topic.name])[0]["error_code"] == UnknownTopicOrPartitionError.errno:
            _create(admin, topic)
        _check(admin, topic)
        found = admin.describe_topics([topic.name])[0]["partitions"]
        ends = {TopicPartition(topic.name, each["partition_index"]): OffsetSpec.LATEST for each in found}
        return not any(each.offset for each in admin.list_partition_offsets(ends).values())


def check(settings: Settings, topic: Topic) -> None:
    """Refuses a topic that has other settings (WrongTopic); one that is not there is none of this one's business."""
    with _translated(), _administering(settings) as admin:
        if admin.describe_topics([topic.name])[0]["error_code"] == 0:
            _check(admin, topic)


def exists(settings: Settings, topic: Topic) -> bool:
    """Whether the broker has the topic, and answers (BrokerAway)."""
    with _translated(), _administering(settings) as admin:
        return bool(admin.describe_topics([topic.name])[0]["error_code"] == 0)


def _create(admin: KafkaAdminClient, topic: Topic) -> None:
    # One partition: all of the log stays in one order. As many copies as the brokers are set to keep.
    configs = {**topic.settings, **topic.besides}
    with suppress(TopicAlreadyExistsError):
        admin.create_topics({topic.name: {"num_partitions": 1, "replication_factor": -1, "configs": configs}})
    admin.wait_for_topics([topic.name])


def _check(admin: KafkaAdminClient, topic: Topic) -> None:
    asked = ConfigResource(ConfigResourceType.TOPIC, topic.name, dict.fromkeys(topic.settings))
    found = admin.describe_configs([asked], config_filter="all")["topic"][topic.name]
    for name, expected in topic.settings.items():
        value = found[name]["value"] if name in found else None
        if value != expected:
            raise WrongTopic(f"the topic {topic.name} has {name}={value}, expected {name}={expected}")


class Outlet:
    """An open way to one topic: one lot of messages at a time, each lot whole and in order however often it is tried."""

    def __init__(self, settings: Settings, topic: Topic) -> None:
        self._topic, self._pending = topic, list[Any]()
        self._ends: dict[int, int] = {}
        with _translated(), _client() as client:
            self._producer = KafkaProducer(
                **options(settings),
                kafka_client=client,
                enable_idempotence=True,
                acks="all",
                # A lot is one batch: it waits until it is complete, and the next one until it is acknowledged.
                batch_size=MOST_BYTES + 100_000,
                max_request_size=MOST_OF_A_STATE,
                linger_ms=FOR_EVER // 2,
                delivery_timeout_ms=FOR_EVER,
                max_block_ms=ANSWER * 1000,
                metrics_enabled=False,
            )

    def send(self, messages: Sequence[Message]) -> None:
        """Sends the messages as one lot; the lot before is acknowledged."""
        with _translated():
            self._pending = [
                self._producer.send(self._topic.name, each.value, each.key, list(each.headers)) for each in messages
            ]

    def acknowledged(self, seconds: float) -> bool:
        """Whether every copy of the lot is kept, asked for so long; BrokerAway where a message is refused for good."""
        with _translated():
            with suppress(KafkaError):  # said better by the messages themselves
                self._producer.flush(seconds)
            if not all(each.is_done for each in self._pending):
                return False
            for each in self._pending:
                self._follow(each.get(0))
            self._pending = []
            return True

    def _follow(self, kept: Any) -> None:  # noqa: ANN401 - kafka's RecordMetadata
        # A duplicate is acknowledged without an offset.
        if kept.offset < 0:
            return
        if kept.offset <= self._ends.get(kept.partition, -1):
            raise TopicReplaced(f"the topic {self._topic.name} was deleted and made anew")
        self._ends[kept.partition] = kept.offset

    def close(self) -> None:
        """Gives the way up, and what is still on it."""
        # `close` alone waits for a broker that is away, and then leaves its thread running.
        self._producer._sender.force_close()
        with suppress(KafkaError):
            self._producer.close(ANSWER)


@contextmanager
def _administering(settings: Settings) -> Iterator[KafkaAdminClient]:
    with _client() as client:
        admin = KafkaAdminClient(**options(settings), kafka_client=client)
        try:
            yield admin
        finally:
            admin.close()


@contextmanager
def _client() -> Iterator[Any]:
    """Makes the network part of a client, and closes it where the client's constructor fails and forgets it."""
    made: list[KafkaNetClient] = []

    def make(**given: Any) -> KafkaNetClient:  # noqa: ANN401 - as kafka passes them
        made.append(KafkaNetClient(**given, socket_connection_setup_timeout_max_ms=ANSWER * 1000))
        # The producer's own option does not get there: it would make a deleted topic anew, with the broker's settings.
        made[-1].cluster.config["allow_auto_create_topics"] = False
        return made[-1]

    try:
        yield make
    except BaseException:
        for each in made:
            each.close()
        raise


@contextmanager
def _translated() -> Iterator[None]:
    """Says in our words what the client reports, whichever kind of error it does that with."""
    try:
        yield
    except BrokerResponseError as refusal:
        raise BrokerAway(f"Kafka refuses: {refusal}") from refusal
    except (KafkaError, OSError, RuntimeError, AssertionError) as error:
        raise BrokerAway(f"Kafka does not answer: {error or type(error).__name__}") from error
