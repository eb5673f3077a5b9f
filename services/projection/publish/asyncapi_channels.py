"""The channels and operations of the AsyncAPI document."""

from typing import Any

from events.catalogue import EVENT_CLASSES
from services.projection.publish.asyncapi_messages import PROVISION_MESSAGES, STRUCTURED
from services.projection.publish.topics import CHECKPOINTS

Part = dict[str, Any]


def channels() -> Part:
    """Where messages are to be had: three topics, a stream, the receivers of webhooks."""
    whole = [f"{name}{STRUCTURED}" for name in EVENT_CLASSES]
    return {
        "events": {
            **_channel("inforce.events.v1", "kafka", list(EVENT_CLASSES), "All events, kept for ever; key: the code."),
            "bindings": _topic("inforce.events.v1", {"cleanup.policy": ["delete"], "retention.ms": -1}),
        },
        "provisions": {
            **_channel(
                "inforce.provisions.v1",
                "kafka",
                list(PROVISION_MESSAGES),
                "The current state of each provision, compacted; key: code/kind/ref; deleted: a tombstone.",
            ),
            "bindings": _topic("inforce.provisions.v1", {"cleanup.policy": ["compact"]}),
        },
        "checkpoints": {
            **_channel(
                CHECKPOINTS.name,
                "kafka",
                ["Checkpoint"],
                "Every signed checkpoint, kept for ever; key: the log's origin.",
            ),
            "bindings": _topic(CHECKPOINTS.name, {"cleanup.policy": ["delete"], "retention.ms": -1}),
        },
        "stream": _channel(
            "/v1/events/stream",
            "http",
            whole,
            "Server-sent events: `id` is the position, `event` the name, `data` the CloudEvent; Last-Event-ID resumes.",
        ),
        "webhook": _channel(
            None,
            "http",
            [*whole, "CheckpointCloudEvent"],
            "Standard Webhooks: a POST of the CloudEvent to the URL of a subscription (POST /v1/subscriptions);"
            " checkpoints come where its types name `log.checkpoint`.",
        ),
    }


def _channel(address: str | None, server: str, names: list[str], description: str) -> Part:
    return {
        "address": address,
        "description": description,
        "servers": [{"$ref": f"#/servers/{server}"}],
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
    }


def _topic(topic: str, configuration: Part) -> Part:
    return {"kafka": {"topic": topic, "topicConfiguration": configuration, "bindingVersion": "0.5.0"}}


def operations() -> Part:
    """What the service does on each channel."""
    query = {
        "type": "object",
        "properties": {name: {"type": "string"} for name in ("after", "type", "code", "affected")},
    }
    http = {"bindingVersion": "0.3.0"}
    return {
        "publishEvents": _sends("events", "Every event, after it is recorded."),
        "publishProvisions": _sends("provisions", "The state of a provision when it changes or takes effect."),
        "publishCheckpoints": _sends("checkpoints", "Every checkpoint, after it is signed."),
        "streamEvents": _sends("stream", "Every event to whoever listens.", method="GET", query=query, **http),
        "deliverEvents": _sends(
            "webhook", "Every event, and the newest checkpoint, that the subscription wants.", method="POST", **http
        ),
    }


def _sends(channel: str, summary: str, **http: Any) -> Part:  # noqa: ANN401 - parts of the HTTP binding
    told = {"action": "send", "channel": {"$ref": f"#/channels/{channel}"}, "summary": summary}
    return told | ({"bindings": {"http": http}} if http else {})
