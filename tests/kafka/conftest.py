"""One broker a process; each test begins without topics."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka import KafkaAdminClient
from kafka.errors import UnknownTopicOrPartitionError

from services.projection.publish.topics import CHECKPOINTS, EVENTS, PROVISIONS
from services.settings import Settings
from tests.kafka.broker import Broker, broker_of_our_own
from tests.waiting import wait_for

LEFT_TO_THE_COLLECTOR = pytest.mark.filterwarnings("ignore:unclosed .*socket:ResourceWarning")
"""kafka-python forgets to close the socket of an attempt to connect that fails."""


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """The broker, whatever is in it."""
    running = broker_of_our_own(tmp_path_factory.mktemp("kafka"))
    yield running
    running.close()


@pytest.fixture
def broker(server: Broker) -> Iterator[Broker]:
    """The broker, with none of our topics."""
    delete(server, EVENTS.name, PROVISIONS.name, CHECKPOINTS.name)
    yield server
    gc.collect()  # while the warning above is not looked at


@pytest.fixture
def settings(broker: Broker, ledger_url: str, tmp_path: Path) -> Settings:
    """What a process that publishes the test's ledger to the broker is told."""
    return Settings(kafka_bootstrap=broker.bootstrap, database_url=ledger_url, data_dir=tmp_path)


def delete(server: Broker, *topics: str) -> None:
    """Deletes the topics and returns when they are gone."""
    with KafkaAdminClient(bootstrap_servers=server.bootstrap) as admin:
        for topic in topics:
            try:
                admin.delete_topics([topic])
            except UnknownTopicOrPartitionError:
                continue
            wait_for(lambda gone=topic: gone not in admin.list_topics())
