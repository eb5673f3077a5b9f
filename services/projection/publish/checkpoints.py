"""Signed checkpoints as they are published: others keep them, and so can show what the log was."""

from datetime import UTC
from uuid import NAMESPACE_OID, uuid5

import orjson

from services.projection.proof.checkpoints import Signed
from services.projection.publish.messages import Message, headers

NAME = "log.checkpoint"
"""What a subscription names among its types that wants checkpoints."""

TYPE = f"uk.inforce.{NAME}.v1"
SOURCE = "/log"
MEDIA_TYPE = "text/plain; charset=utf-8"


def attributes(signed: Signed) -> dict[str, str]:
    """The CloudEvent of a checkpoint without its data; the id is made of the note: one note has one id, wherever it comes from."""
    return {
        "specversion": "1.0",
        "id": str(uuid5(NAMESPACE_OID, signed.note.decode())),
        "source": SOURCE,
        "type": TYPE,
        "subject": signed.origin,
        "time": signed.signed_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "datacontenttype": MEDIA_TYPE,
        "sequence": str(signed.size),
        "partitionkey": signed.origin,
    }


def message(signed: Signed) -> Message:
    """The message of a checkpoint for Kafka: the signed note under the log's origin."""
    return Message(signed.origin.encode(), headers(attributes(signed)), signed.note, signed.size, TYPE)


def body(signed: Signed) -> bytes:
    """The whole CloudEvent in JSON; its data is the signed note as text."""
    return orjson.dumps(attributes(signed) | {"data": signed.note.decode()})
