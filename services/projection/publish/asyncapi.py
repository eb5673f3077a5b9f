"""The AsyncAPI 3 document of all that is published: Kafka, server-sent events and webhooks, from the catalogue."""

from typing import Any
from urllib.parse import urlsplit

import orjson
from fastapi import APIRouter, Request, Response

from services.doors.parameters import check_names
from services.projection.answers import validated
from services.projection.documented import SCHEMAS, described
from services.projection.publish.asyncapi_channels import channels, operations
from services.projection.publish.asyncapi_messages import messages
from services.projection.publish.asyncapi_shared import CLOUD_EVENT_SCHEMAS
from services.projection.publish.schemas import data_schemas

MEDIA_TYPE = "application/json"
Part = dict[str, Any]

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
        "channels": channels(),
        "operations": operations(),
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
