"""The documents as received, one at a time: their bytes against their SHA-256, and against the events that tell of them."""

from hashlib import sha256

import sqlalchemy as sa

from events.envelope import Recorded
from events.facts import SourceReceived
from events.store import stream, stream_openings
from services.audit.findings import Findings
from services.ingest.tables import source_document

s = source_document.c


def sources(connection: sa.Connection, until: int, findings: Findings) -> None:
    """Notes every document whose bytes are others than were received, that is missing, or that no event tells of."""
    after = ""
    while row := connection.execute(
        sa.select(source_document).where(s.sha256 > after).order_by(s.sha256).limit(1)
    ).first():
        after = row.sha256
        found = sha256(row.content).hexdigest()
        if found != row.sha256:
            findings.add(None, f"source {row.sha256}: its {len(row.content)} bytes have the SHA-256 {found}")
        name = f"source/{row.sha256}"
        if name not in stream_openings(connection, [name]):
            findings.add(None, f"source {row.sha256}: no event tells that it was received")
    for recorded in stream(connection, types=(SourceReceived.__name__,), until=until):
        _received(connection, recorded, findings)


def _received(connection: sa.Connection, recorded: Recorded, findings: Findings) -> None:
    try:
        event = recorded.event
    except (LookupError, ValueError):
        return  # the pass over the entries says what is wrong with it
    if not isinstance(event, SourceReceived):
        return
    size = connection.scalar(sa.select(sa.func.length(s.content)).where(s.sha256 == event.sha256))
    if size is None:
        findings.add(recorded.position, f"source {event.sha256} was received, its bytes are not there")
    elif size != event.size:
        findings.add(recorded.position, f"source {event.sha256} was received with {event.size} bytes, {size} are there")
