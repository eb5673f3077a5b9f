"""A ledger with subscriptions and one dispatcher, as the tests of webhooks need them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from events.catalogue import Event
from events.store import append, stream_versions
from services.projection.publish.webhooks import asking, deliveries, dispatcher, keys, subscriptions
from services.projection.publish.webhooks.retrying import Policy
from services.settings import Settings
from tests.factories import amended, pending

QUICK = Policy(first=0.01, longest=0.05, give_up=timedelta(days=3))
"""Retries at once, gives up as ever."""


def settings_for(engine: sa.Engine, directory: Path, **more: Any) -> Settings:
    url = engine.url.render_as_string(hide_password=False)
    return Settings(**{"database_url": url, "data_dir": directory, "webhook_allow_private": True} | more)


def record(engine: sa.Engine, *events: Event) -> None:
    """Each of the events in the log, in order."""
    taken = [pending(event) for event in events]
    with engine.begin() as connection:
        append(connection, taken, stream_versions(connection, {each.stream for each in taken}))


def amend(engine: sa.Engine, count: int, ref: str = "H15") -> None:
    """So many more events."""
    record(engine, *[amended(ref) for _ in range(count)])


def subscribe(engine: sa.Engine, settings: Settings, url: str, **fields: Any) -> tuple[str, str]:
    """The id and the secret of a subscription from the log's start, unless said otherwise."""
    told = {"url": url, "from": "start"} | fields
    with engine.begin() as connection:
        asked = asking.new(connection, told)
        key = keys.key(settings, make=True)
        row, secret = subscriptions.create(connection, asked, key, "tests", datetime.now(UTC))
    return row.id, secret


def shown(engine: sa.Engine, own: str) -> dict[str, Any]:
    with engine.connect() as connection:
        return subscriptions.shown(subscriptions.find(connection, own))


def listed(engine: sa.Engine, own: str, status: str | None = None) -> list[dict[str, Any]]:
    """Its deliveries, the first position first."""
    with engine.connect() as connection:
        return deliveries.listed(connection, own, None, status, 10_000)[::-1]


@contextmanager
def delivering(
    engine: sa.Engine, settings: Settings, world: dispatcher.World | None = None, **policy: Any
) -> Iterator[threading.Event]:
    """A dispatcher that runs, until the end or until the event is set."""
    stop = threading.Event()
    world = world or dispatcher.World(QUICK._replace(**policy))
    thread = threading.Thread(target=dispatcher.run, args=(engine, settings, stop, world), daemon=True)
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive()
