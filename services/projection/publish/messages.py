"""What goes to Kafka, without Kafka: CloudEvents 1.0 in binary mode, attributes as headers and data as value."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from events.envelope import Recorded, attributes

MOST_BYTES = 900_000
"""How much is sent at once: below the million bytes that a broker takes unless told otherwise."""

_FRAMING = 64
"""More than what Kafka adds to a message, and to each header a quarter of it."""


class Message(NamedTuple):
    """One message: its key, its headers and its value, which is null for what is no longer there."""

    key: bytes
    headers: list[tuple[str, bytes]]
    value: bytes | None
    position: int
    type: str


def of_event(recorded: Recorded, public_url: str) -> Message:
    """The message of an event, under the key of its code."""
    told = attributes(recorded, public_url)
    value = recorded.event.model_dump_json().encode()
    return Message(recorded.code.encode(), headers(told), value, recorded.position, told["type"])


def of_state(recorded: Recorded, public_url: str, name: str, state: bytes | None) -> Message:
    """The message of a provision's state under its name, caused by an event; null where there is no such provision."""
    told = attributes(recorded, public_url)
    # The value is a provision and not the event's data: the schema of that would be a false claim.
    del told["dataschema"]
    return Message(name.encode(), headers(told), state, recorded.position, told["type"])


def headers(told: dict[str, str]) -> list[tuple[str, bytes]]:
    """The attributes of a CloudEvent as the Kafka binding's headers."""
    return [
        ("content-type" if name == "datacontenttype" else f"ce_{name}", value.encode()) for name, value in told.items()
    ]


def chunks(messages: Iterable[Message], most: int = MOST_BYTES) -> Iterator[list[Message]]:
    """The messages in order, as many at once as fit; one that is larger goes alone."""
    chunk: list[Message] = []
    size = 0
    for message in messages:
        own = _size(message)
        if chunk and size + own > most:
            yield chunk
            chunk, size = [], 0
        chunk.append(message)
        size += own
    if chunk:
        yield chunk


def _size(message: Message) -> int:
    framed = sum(len(name) + len(value) + _FRAMING // 4 for name, value in message.headers)
    return len(message.key) + len(message.value or b"") + framed + _FRAMING
