"""A subscription from what was asked for to its row: filters, URL and addresses checked, the key there when it is needed first."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from events.driver_errors import translated
from services.projection.publish.webhooks import asking, keys, subscriptions, targets
from services.projection.publish.webhooks.asking import Asked
from services.settings import Settings


def asked(
    engine: sa.Engine, settings: Settings, told: Mapping[str, Any], resolve: targets.Resolve = targets.system
) -> Asked:
    """The subscription that the fields ask for, all of it checked; no transaction stays open while names are resolved."""
    with translated(), engine.connect() as connection:
        read = asking.new(connection, told)
    url = targets.accepted(read.url, resolve, allow_private=settings.webhook_allow_private)
    return read._replace(url=url)


def made(
    connection: sa.Connection, settings: Settings, asked: Asked, actor: str, now: datetime
) -> tuple[subscriptions.Row, str]:
    """The row of the new subscription, and its secret; the key is made only where nothing was encrypted with another."""
    key = keys.key(settings, make=not subscriptions.any_made(connection))
    return subscriptions.create(connection, asked, key, actor, now)
