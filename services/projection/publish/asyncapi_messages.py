"""The messages of the AsyncAPI document: each event in CloudEvents' binary form and as a whole, and the states of provisions."""

from inspect import cleandoc
from typing import Any

from events.catalogue import EVENT_CLASSES, dotted
from services.projection.publish.asyncapi_checkpoints import CHECKPOINT_MESSAGES
from services.projection.publish.asyncapi_shared import HEADERS

Part = dict[str, Any]

STRUCTURED = "CloudEvent"
"""What the name of a message ends with that holds its event as a whole CloudEvent."""


def messages() -> Part:
    """Every message by name: an event's own name for Kafka, with `CloudEvent` at its end for the other channels."""
    binary = {name: _binary(name) for name in EVENT_CLASSES}
    whole = {f"{name}{STRUCTURED}": _whole(name) for name in EVENT_CLASSES}
    return binary | whole | PROVISION_MESSAGES | CHECKPOINT_MESSAGES


def _binary(name: str) -> Part:
    own = {"properties": {"ce_type": {"const": _wire_type(name)}}}
    return {
        **_named(name),
        "contentType": "application/json",
        "headers": {"allOf": [{"$ref": "#/components/schemas/CloudEventHeaders"}, own]},
        "payload": {"$ref": f"#/components/schemas/{name}"},
        "bindings": {"kafka": {"key": {"type": "string", "description": "The code."}, "bindingVersion": "0.5.0"}},
    }


def _whole(name: str) -> Part:
    own = {"type": {"const": _wire_type(name)}, "data": {"$ref": f"#/components/schemas/{name}"}}
    return {
        **_named(name),
        "contentType": "application/cloudevents+json",
        "headers": {"$ref": "#/components/schemas/WebhookHeaders"},
        "payload": {"allOf": [{"$ref": "#/components/schemas/CloudEvent"}, {"properties": own}]},
    }


def _wire_type(name: str) -> str:
    return f"uk.inforce.{dotted(name)}.v{EVENT_CLASSES[name].schema_version}"


def _named(name: str) -> Part:
    summary, _, more = cleandoc(EVENT_CLASSES[name].__doc__ or "").partition("\n\n")
    return {"name": dotted(name), "title": name, "summary": summary} | ({"description": more} if more else {})


_KEY = {"type": "string", "description": "The provision: `sec/section/H15`."}
_STATE = {
    "contentType": "application/json",
    "headers": {
        "type": "object",
        "description": "Of the event that caused the state.",
        "required": [name for name in HEADERS if name != "ce_dataschema"],
        "properties": {name: schema for name, schema in HEADERS.items() if name != "ce_dataschema"},
    },
    "bindings": {"kafka": {"key": _KEY, "bindingVersion": "0.5.0"}},
}

PROVISION_MESSAGES: Part = {
    "ProvisionState": {
        "name": "provision",
        "title": "ProvisionState",
        "summary": "A provision as REST answers for it now.",
        "payload": {"$ref": "#/components/schemas/Provision"},
        **_STATE,
    },
    "ProvisionTombstone": {
        "name": "provision.gone",
        "title": "ProvisionTombstone",
        "summary": "A provision that was deleted: the key with no value.",
        "payload": {"type": "null"},
        **_STATE,
    },
}
"""The messages of the topic of current states."""
