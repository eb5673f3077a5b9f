"""The alarm of a mirror: the log that it follows contradicts itself; both notes are kept, since they are the evidence."""

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import sqlalchemy as sa

from events.driver_errors import translated
from events.errors import Conflict
from services.projection.followed import followed_log, row


class Alarm(Conflict):
    """The log that is followed shows two histories, or is not signed by whom it should be; both notes are in `evidence`."""

    def __init__(self, why: str, found: bytes = b"") -> None:
        super().__init__(why)
        self.found = found


def raised(engine: sa.Engine, alarm: Alarm, directory: Path) -> Alarm:
    """The alarm, kept in the database and, with both notes, in the directory; it stands until somebody ends it."""
    with translated(), engine.begin() as connection:
        held = row(connection)
        files = _evidence(directory, bytes(held.note or b""), alarm.found)
        why = f"{alarm}; evidence: {', '.join(map(str, files))}"
        connection.execute(sa.update(followed_log).values(alarm=why, alarm_at=datetime.now(UTC)))
    return Alarm(why, alarm.found)


def ended(connection: sa.Connection) -> None:
    """Ends an alarm: somebody has looked at it and goes on all the same."""
    connection.execute(sa.update(followed_log).values(alarm=None, alarm_at=None))


def _evidence(directory: Path, held: bytes, found: bytes) -> list[Path]:
    directory.mkdir(parents=True, exist_ok=True)
    name = sha256(held + b"\n" + found).hexdigest()[:16]
    files = [directory / f"{name}.{which}.note" for which in ("held", "found")]
    for path, note in zip(files, (held, found), strict=True):
        path.write_bytes(note)
    return files
