"""What became of a document, as REST and the command line tell it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from events.facts import VersionImplemented
from events.knowing_better import ConflictNoted
from events.receipt import Key, KeyReused
from events.store import last_position, stream
from events.tables import event_key
from services.ingest.arrival import Document
from services.ingest.reading import Warned, plain


@dataclass(frozen=True, slots=True)
class Recording:
    """What became of a document: what is new in the log, what was not read, what contradicts what is known."""

    source: dict[str, Any]
    code: str
    reader: str
    new_events: int
    positions: tuple[int, int] | None
    versions: tuple[str, ...]
    unread: list[Any]
    warnings: list[Any]
    conflicts: list[dict[str, Any]]
    recorded_at: datetime | None

    def plain(self) -> dict[str, Any]:
        """As REST gives it."""
        recorded = self.recorded_at.isoformat().replace("+00:00", "Z") if self.recorded_at else None
        return {
            "source": self.source,
            "code": self.code,
            "reader": self.reader,
            "new_events": self.new_events,
            "positions": list(self.positions or ()),
            "versions": list(self.versions),
            "unread": self.unread,
            "warnings": self.warnings,
            "conflicts": self.conflicts,
            "recorded_at": recorded,
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an append did, or an earlier one of the same request: positions (empty: nothing), versions, conflicts."""

    positions: range
    versions: Sequence[str]
    conflicts: Sequence[tuple[str, ConflictNoted]]
    warnings: Sequence[Warned]
    recorded_at: datetime | None


def recording(document: Document, code: str, outcome: Outcome) -> Recording:
    """The answer about a document."""
    reading, positions = document.reading, outcome.positions
    return Recording(
        source={
            "sha256": document.source.sha256,
            "name": document.name,
            "media_type": document.media_type,
            "size": document.size,
            "chars": len(document.source.text),
        },
        code=code,
        reader=reading.reader,
        new_events=len(positions),
        positions=(positions[0], positions[-1]) if positions else None,
        versions=tuple(outcome.versions),
        unread=plain(reading.unread),
        warnings=plain((*reading.warnings, *outcome.warnings)),
        conflicts=[_conflict(*each) for each in outcome.conflicts],
        recorded_at=outcome.recorded_at,
    )


def earlier(connection: sa.Connection, key: Key, code: str) -> Outcome | None:
    """What the first request under that key did; KeyReused where it was another request, None where there was none."""
    row = connection.execute(sa.select(event_key).where(event_key.c.key == key.value)).one_or_none()
    if row is None:
        return None
    if row.digest != key.digest:
        raise KeyReused(key.value)
    positions = range(row.first_position, row.first_position + row.event_count)
    versions: list[str] = []
    conflicts: list[tuple[str, ConflictNoted]] = []
    if positions and positions[-1] <= last_position(connection):
        told = (VersionImplemented.__name__, ConflictNoted.__name__)
        for each in stream(connection, positions[0] - 1, code, told, until=positions[-1]):
            match each.event:
                case VersionImplemented(version=label):
                    versions.append(label)
                case ConflictNoted() as noted:
                    conflicts.append((each.id, noted))
    return Outcome(positions, versions, conflicts, (), row.recorded_at)


def _conflict(event_id: str, noted: ConflictNoted) -> dict[str, Any]:
    told = {"about", "version", "recorded", "claims", "used", "rule", "kinds"}
    return {"id": event_id, **noted.model_dump(mode="json", include=told)}
