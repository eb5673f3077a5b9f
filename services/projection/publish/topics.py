"""The topics, the settings that their readers rely on, and what can be wrong with them."""

from collections.abc import Mapping
from typing import NamedTuple

from events.errors import Rejected, Unavailable


class Topic(NamedTuple):
    """A topic and the settings that its readers rely on."""

    name: str
    settings: Mapping[str, str]


EVENTS = Topic("inforce.events.v1", {"cleanup.policy": "delete", "retention.ms": "-1"})
PROVISIONS = Topic("inforce.provisions.v1", {"cleanup.policy": "compact"})


class BrokerAway(Unavailable):
    """Kafka does not answer, or refuses; the message says what it said."""


class TopicReplaced(Unavailable):
    """The topic is no longer the one that was sent to: what was sent before is lost to its readers."""


class WrongTopic(Rejected):
    """A topic has other settings than its readers rely on; the message names topic, setting, found and expected."""
