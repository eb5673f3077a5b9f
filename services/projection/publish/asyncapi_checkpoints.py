"""Signed checkpoints in the AsyncAPI document: in CloudEvents' binary form for Kafka, and as a whole for webhooks."""

from typing import Any

from services.projection.publish.asyncapi_shared import MOMENT, UUID
from services.projection.publish.checkpoints import MEDIA_TYPE, NAME, SOURCE, TYPE

Part = dict[str, Any]

_NOTE = {
    "type": "string",
    "description": "The signed note (c2sp.org/tlog-checkpoint): origin, size and root, then a line for each signature.",
}
_ATTRIBUTES: Part = {
    "specversion": {"const": "1.0"},
    "id": UUID | {"description": "Made of the note: the same note has the same id wherever it comes from."},
    "source": {"const": SOURCE},
    "type": {"const": TYPE},
    "subject": {"type": "string", "description": "The log's origin."},
    "time": MOMENT | {"description": "When it was signed."},
    "sequence": {"type": "string", "pattern": "^[0-9]+$", "description": "Its size, as text; twice after a rotation."},
    "partitionkey": {"type": "string", "description": "The log's origin."},
}


def _object(properties: Part) -> Part:
    return {"type": "object", "required": list(properties), "properties": properties}


def _named(title: str) -> Part:
    return {"name": NAME, "title": title, "summary": "What the log was, signed: size and root of its tree."}


CHECKPOINT_MESSAGES: Part = {
    "Checkpoint": {
        **_named("Checkpoint"),
        "contentType": MEDIA_TYPE,
        "headers": _object(
            {f"ce_{name}": schema for name, schema in _ATTRIBUTES.items()} | {"content-type": {"const": MEDIA_TYPE}}
        ),
        "payload": _NOTE,
        "bindings": {
            "kafka": {"key": {"type": "string", "description": "The log's origin."}, "bindingVersion": "0.5.0"}
        },
    },
    "CheckpointCloudEvent": {
        **_named("CheckpointCloudEvent"),
        "contentType": "application/cloudevents+json",
        "headers": {"$ref": "#/components/schemas/WebhookHeaders"},
        "payload": _object(_ATTRIBUTES | {"datacontenttype": {"const": MEDIA_TYPE}, "data": _NOTE}),
    },
}
"""The messages about checkpoints."""
