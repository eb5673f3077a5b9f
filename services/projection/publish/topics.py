"""The topics, the settings that their readers rely on, and what can be wrong with them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from events.errors import Rejected, Unavailable


class Topic(NamedTuple):
    """A topic, the settings that its readers rely on, and those that it is made with besides."""

    name: str
    settings: Mapping[str, str]
    besides: Mapping[str, str] = MappingProxyType({})


MOST_OF_A_STATE = 8 * 1024 * 1024
"""Bytes of a message about a provision at most: what changed it is part of the answer, and can be much."""

EVENTS = Topic("inforce.events.v1", {"cleanup.policy": "delete", "retention.ms": "-1"})
CHECKPOINTS = Topic("inforce.checkpoints.v1", {"cleanup.policy": "delete", "retention.ms": "-1"})
PROVISIONS = Topic("inforce.provisions.v1", {"cleanup.policy": "compact"}, {"max.message.bytes": str(MOST_OF_A_STATE)})


class BrokerAway(Unavailable):
    """Kafka does not answer, or refuses; the message says what it said."""


class TopicReplaced(Unavailable):
    """The topic is no longer the one that was sent to: what was sent before is lost to its readers."""


class WrongTopic(Rejected):
    """A topic has other settings than its readers rely on; the message names topic, setting, found and expected."""
