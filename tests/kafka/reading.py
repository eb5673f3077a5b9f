"""Reading a topic from its beginning, as another service would."""

from typing import Any, Self

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition

from tests.waiting import wait_for


class Reader:
    """Every message of a topic in the order of its one partition; more come with `read`."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        self.messages: list[Any] = []
        # A consumer that asks for a topic which is not there makes it, whatever it is told.
        with KafkaAdminClient(bootstrap_servers=bootstrap) as admin:
            wait_for(lambda: topic in admin.list_topics())
        self._consumer = KafkaConsumer(
            bootstrap_servers=bootstrap,
            auto_offset_reset="earliest",
            metadata_max_age_ms=1_000,
            reconnect_backoff_max_ms=500,
        )
        self._consumer.assign([TopicPartition(topic, 0)])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._consumer.close()

    def read(self) -> list[Any]:
        """All messages so far."""
        for messages in self._consumer.poll(timeout_ms=100, max_records=10_000).values():
            self.messages += messages
        return self.messages

    def read_until(self, number: int, seconds: float = 60) -> list[Any]:
        """All messages, once there are so many."""
        wait_for(lambda: len(self.read()) >= number, seconds)
        return self.messages

    def ids(self) -> list[str]:
        """The ids of the events, as they came."""
        return [header(each, "ce_id") for each in self.messages]

    def view(self) -> dict[str, bytes]:
        """The last value under each key, but for what is gone."""
        last = {each.key.decode(): each.value for each in self.messages}
        return {key: value for key, value in last.items() if value is not None}


def header(message: Any, name: str) -> str:
    """One header of a message."""
    return str(dict(message.headers)[name].decode())


def first_times(ids: list[str]) -> list[str]:
    """The ids without those that came before."""
    return list(dict.fromkeys(ids))
