"""The messages of the AsyncAPI document: each event in CloudEvents' binary form and as a whole, and the states of provisions."""

from typing import Any

from events.catalogue import EVENT_CLASSES, dotted

Part = dict[str, Any]

TEXT: Part = {"type": "string"}
MOMENT: Part = {"type": "string", "format": "date-time"}
UUID: Part = {"type": "string", "format": "uuid"}


def messages() -> Part:
    """Every message by name: an event's own name for Kafka, with `CloudEvent` at its end for the other channels."""
    binary = {name: _binary(name) for name in EVENT_CLASSES}
    whole = {f"{name}CloudEvent": _whole(name) for name in EVENT_CLASSES}
    return binary | whole | PROVISION_MESSAGES


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
    return {"name": dotted(name), "title": name, "summary": (EVENT_CLASSES[name].__doc__ or "").strip()}


def _object(properties: Part) -> Part:
    return {"type": "object", "required": list(properties), "properties": properties}


_ATTRIBUTES: Part = {
    "specversion": {"const": "1.0"},
    "id": UUID,
    "source": {"type": "string", "format": "uri-reference", "description": "The code: `/codes/sec`."},
    "type": TEXT,
    "subject": {"type": "string", "description": "What it is about: `section/H15`."},
    "time": MOMENT | {"description": "When it was recorded; the legal date is `effective` in the data."},
    "dataschema": {"type": "string", "format": "uri"},
    "sequence": {"type": "string", "pattern": "^[1-9][0-9]*$", "description": "The position, as text."},
    "partitionkey": {"type": "string", "description": "The code."},
}
_HEADERS = {f"ce_{name}": schema for name, schema in _ATTRIBUTES.items()}
_WEBHOOK = {
    "webhook-id": UUID | {"description": "The event's id."},
    "webhook-timestamp": {"type": "string", "pattern": "^[0-9]+$", "description": "Seconds since 1970, as text."},
    "webhook-signature": {"type": "string", "description": "`v1,` and the signature; two while a secret is rotated."},
}

CLOUD_EVENT_SCHEMAS: Part = {
    "CloudEvent": _object(_ATTRIBUTES | {"datacontenttype": {"const": "application/json"}, "data": {"type": "object"}}),
    "CloudEventHeaders": _object(_HEADERS | {"content-type": {"const": "application/json"}}),
    "WebhookHeaders": {
        "type": "object",
        "description": "What a webhook's delivery carries (Standard Webhooks); an event of the stream has none.",
        "properties": _WEBHOOK,
    },
}
"""What the messages share: a CloudEvent as a whole, its headers in binary form, the headers of a delivery."""

_KEY = {"type": "string", "description": "The provision: `sec/section/H15`."}
_STATE = {
    "contentType": "application/json",
    "headers": {
        "type": "object",
        "description": "Of the event that caused the state.",
        "required": [name for name in _HEADERS if name != "ce_dataschema"],
        "properties": {name: schema for name, schema in _HEADERS.items() if name != "ce_dataschema"},
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
