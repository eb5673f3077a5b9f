"""What the messages of the AsyncAPI document share: a CloudEvent as a whole, its headers in binary form, those of a delivery."""

from typing import Any

Part = dict[str, Any]

TEXT: Part = {"type": "string"}
MOMENT: Part = {"type": "string", "format": "date-time"}
UUID: Part = {"type": "string", "format": "uuid"}


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
HEADERS = {f"ce_{name}": schema for name, schema in _ATTRIBUTES.items()}
"""The attributes of a CloudEvent as headers of a message in binary form."""

_WEBHOOK = {
    "webhook-id": UUID | {"description": "The event's id."},
    "webhook-timestamp": {"type": "string", "pattern": "^[0-9]+$", "description": "Seconds since 1970, as text."},
    "webhook-signature": {"type": "string", "description": "`v1,` and the signature; two while a secret is rotated."},
}

CLOUD_EVENT_SCHEMAS: Part = {
    "CloudEvent": _object(_ATTRIBUTES | {"datacontenttype": {"const": "application/json"}, "data": {"type": "object"}}),
    "CloudEventHeaders": _object(HEADERS | {"content-type": {"const": "application/json"}}),
    "WebhookHeaders": {
        "type": "object",
        "description": "What a webhook's delivery carries (Standard Webhooks); an event of the stream has none.",
        "properties": _WEBHOOK,
    },
}
"""What the messages share: a CloudEvent as a whole, its headers in binary form, the headers of a delivery."""
