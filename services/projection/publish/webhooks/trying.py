"""The event that tries a subscription out: sent once, now, outside the log, and never again."""

from datetime import datetime
from typing import Any

import orjson

from events.identifiers import new_id
from services.projection.publish.webhooks import keys, sealing, signing, targets
from services.projection.publish.webhooks.sending import Sender
from services.projection.publish.webhooks.subscriptions import Row, text
from services.settings import Settings

TYPE = "uk.inforce.test.v1"


async def tried(row: Row, settings: Settings, resolve: targets.Resolve, now: datetime) -> dict[str, Any]:
    """What came of a delivery of the test event to the subscription's receiver."""
    secrets = sealing.unseal(keys.key(settings), row.id, row.secrets)
    event = _event(row.id, now)
    content = orjson.dumps(event)
    signed_with = [each.value for each in secrets if sealing.valid(each, now)]
    sender = Sender(allow_private=settings.webhook_allow_private, resolve=resolve)
    try:
        answer = await sender.post(row.url, signing.headers(event["id"], content, signed_with, now), content)
    finally:
        await sender.close()
    return {
        "delivered": answer.delivered,
        "event_id": event["id"],
        "answer": answer.status,
        "error": answer.error,
        "latency_ms": answer.latency_ms,
    }


def _event(own: str, now: datetime) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": new_id(),
        "source": f"/v1/subscriptions/{own}",
        "type": TYPE,
        "subject": own,
        "time": text(now),
        "datacontenttype": "application/json",
        "data": {"message": "a test of this subscription; nothing happened"},
    }
