"""Idempotency receipts against the log: the events that each names are there, recorded together, and nobody else's."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from events.tables import event_key, event_log
from services.audit.findings import Findings

PAGE = 2_000

k = event_key.c
_first, _last = event_log.alias("first_event"), event_log.alias("last_event")
_CHOSEN = (
    sa.select(event_key, _first.c.recorded_at.label("first_at"), _last.c.recorded_at.label("last_at"))
    .outerjoin(_first, _first.c.position == k.first_position)
    .outerjoin(_last, _last.c.position == k.first_position + k.event_count - 1)
)


def receipts(connection: sa.Connection, until: int, findings: Findings) -> None:
    """Notes every receipt that says otherwise than the log."""
    end = 1
    for row in ordered(connection, _CHOSEN):
        stop = row.first_position + row.event_count
        for each in _wrong(row, stop, until):
            findings.add(row.first_position, f"the receipt of key {row.key!r} {each}")
        if row.event_count > 0:
            if row.first_position < end:
                findings.add(row.first_position, f"the receipt of key {row.key!r} names events that another names too")
            end = max(end, stop)


def _wrong(row: Any, stop: int, until: int) -> Iterator[str]:  # noqa: ANN401 - a row of event_key
    if row.event_count < 0 or row.first_position < 1 or stop - 1 > until:
        yield f"names {row.event_count} events from {row.first_position} on, the log ends at {until}"
    elif row.event_count and not row.first_at == row.last_at == row.recorded_at:
        yield f"is of {row.recorded_at}, its events were recorded {row.first_at} to {row.last_at}"


def ordered(connection: sa.Connection, chosen: sa.Select[Any]) -> Iterator[Any]:
    """The rows of a statement on receipts in the order of what they are of, read page by page."""
    paged = chosen.order_by(k.first_position, k.key).limit(PAGE)
    page = paged
    while True:
        rows = connection.execute(page).all()
        yield from rows
        if len(rows) < PAGE:
            return
        last = rows[-1]
        after = sa.or_(
            k.first_position > last.first_position, sa.and_(k.first_position == last.first_position, k.key > last.key)
        )
        page = paged.where(after)
