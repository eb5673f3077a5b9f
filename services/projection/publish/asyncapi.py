"""The AsyncAPI 3 document of all that is published: Kafka, server-sent events and webhooks, from the catalogue."""

from typing import Any
from urllib.parse import urlsplit

import orjson
from fastapi import APIRouter, Request, Response

from events.catalogue import EVENT_CLASSES
from services.projection.answers import validated
from services.projection.asked import check_names
from services.projection.documented import SCHEMAS, described
from services.projection.publish.asyncapi_messages import CLOUD_EVENT_SCHEMAS, PROVISION_MESSAGES, messages
from services.projection.publish.schemas import data_schemas

MEDIA_TYPE = "application/json"
Part = dict[str, Any]

STRUCTURED = "CloudEvent"
"""What the name of a message ends with that holds its event as a whole CloudEvent."""

_STATES = {name: SCHEMAS[name] for name in ("Provision", "Change")}


def router(public_url: str, brokers: str | None, protocol: str) -> APIRouter:
    """The document's endpoint; its servers are the public URL and the Kafka brokers `host:port,...`."""
    routes = APIRouter(tags=["subscribers"])
    content = orjson.dumps(document(public_url, brokers, protocol))

    @routes.get("/asyncapi.json", **described((), media_type=MEDIA_TYPE))
    def told(request: Request) -> Response:
        """What is published on Kafka, as server-sent events and to webhooks: AsyncAPI 3."""
        check_names(request, ())
        return validated(request, content, {"Content-Type": MEDIA_TYPE, "Cache-Control": "no-cache"})

    return routes


def document(public_url: str, brokers: str | None, protocol: str) -> Part:
    """The whole document."""
    return {
        "asyncapi": "3.0.0",
        "id": "urn:inforce:subscribers",
        "info": {
            "title": "inforce",
            "version": "1.0.0",
            "description": "Every recorded event, once per position and in that order, on each channel; at least once: "
            "the id tells a repeat. One event has the same id and position everywhere.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {"http": _http(public_url), "kafka": _kafka(brokers, protocol)},
        "channels": _channels(),
        "operations": _operations(),
        "components": {
            "messages": messages(),
            "schemas": data_schemas("#/components/schemas/{model}") | CLOUD_EVENT_SCHEMAS | _STATES,
        },
    }


def _http(public_url: str) -> Part:
    parts = urlsplit(public_url)
    path = {"pathname": parts.path} if parts.path else {}
    return {"host": parts.netloc, "protocol": parts.scheme, **path, "description": "The API and its pages."}


def _kafka(brokers: str | None, protocol: str) -> Part:
    named = brokers.split(",") if brokers else []
    variable: Part = {"description": "A broker to begin with.", "default": named[0] if named else "localhost:9092"}
    return {
        "host": "{broker}",
        "protocol": "kafka-secure" if protocol.endswith("SSL") else "kafka",
        "description": f"Apache Kafka, {protocol}." if named else "Apache Kafka, where the operator has named brokers.",
        "variables": {"broker": variable | ({"enum": named} if named else {})},
    }


def _channels() -> Part:
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
        "stream": _channel(
            "/v1/events/stream",
            "http",
            whole,
            "Server-sent events: `id` is the position, `event` the name, `data` the CloudEvent; Last-Event-ID resumes.",
        ),
        "webhook": _channel(
            None,
            "http",
            whole,
            "Standard Webhooks: a POST of the CloudEvent to the URL of a subscription (POST /v1/subscriptions).",
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


def _operations() -> Part:
    query = {
        "type": "object",
        "properties": {name: {"type": "string"} for name in ("after", "type", "code", "affected")},
    }
    http = {"bindingVersion": "0.3.0"}
    return {
        "publishEvents": _sends("events", "Every event, after it is recorded."),
        "publishProvisions": _sends("provisions", "The state of a provision when it changes or takes effect."),
        "streamEvents": _sends("stream", "Every event to whoever listens.", method="GET", query=query, **http),
        "deliverEvents": _sends("webhook", "Every event that the subscription wants.", method="POST", **http),
    }


def _sends(channel: str, summary: str, **http: Any) -> Part:  # noqa: ANN401 - parts of the HTTP binding
    told = {"action": "send", "channel": {"$ref": f"#/channels/{channel}"}, "summary": summary}
    return told | ({"bindings": {"http": http}} if http else {})
