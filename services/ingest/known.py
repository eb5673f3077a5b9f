"""Ingest's own index of what is recorded, moved in the append's transaction: deciding never replays the log."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from events.knowing_better import Correctable, FactCorrected
from events.store import event_by_id
from services.ingest.decide import Known, KnownFact, Noted
from services.ingest.documents import Titles
from services.ingest.tables import known_fact, known_title

PART = 500


def load(connection: sa.Connection, code: str, sha256: str, labels: Collection[str]) -> Known:
    """What is known of these versions of a code, of all its titles, and whether that source was received and by whom read."""
    facts: dict[str, KnownFact] = {}
    names = ["", *dict.fromkeys(labels)]
    for start in range(0, len(names), PART):
        c = known_fact.c
        chosen = sa.select(known_fact).where(c.code == code, c.version.in_(names[start : start + PART]))
        for row in connection.execute(chosen):
            facts[row.key] = KnownFact(row.event_id, row.told_by, row.digest, row.stream, row.sha256, row.version)
    arrived = facts.pop(f"source/{sha256}", None)
    facts = {key: fact for key, fact in facts.items() if not key.startswith("source/")}
    known = Known(facts, _titles(connection, code), lambda event_id: recall(connection, event_id))
    known.received = arrived is not None
    known.reader = str(getattr(event_by_id(connection, arrived.told_by).event, "reader", None)) if arrived else None
    return known


def recall(connection: sa.Connection, event_id: str) -> Correctable:
    """The fact that an event tells: its own, or the one it corrects another to."""
    event = event_by_id(connection, event_id).event
    return event.fact if isinstance(event, FactCorrected) else event  # type: ignore[return-value]


def _titles(connection: sa.Connection, code: str) -> Titles:
    titles = Titles()
    own = sa.select(known_title).where(known_title.c.code == code).order_by(known_title.c.since, known_title.c.ref)
    for row in connection.execute(own):
        titles.note(row.title, row.kind, row.ref, row.since)
    lettering = sa.select(known_fact.c.key).where(known_fact.c.code == code, known_fact.c.key.startswith("lettering/"))
    for key in connection.scalars(lettering):
        titles.lettered[key.removeprefix("lettering/")] = ("", "")
    return titles


def save(
    connection: sa.Connection, code: str, notes: Sequence[Noted], titles: Sequence[tuple[str, str, str, date | None]]
) -> None:
    """Brings the index up to what was decided; a key that another writer took meanwhile is an IntegrityError."""
    latest = {note.key: note.fact for note in notes}
    keys = [note.key for note in notes if note.fact is None or note.fact.told_by != note.fact.event_id]
    for start in range(0, len(keys), PART):
        mine = known_fact.c.key.in_(keys[start : start + PART])
        connection.execute(sa.delete(known_fact).where(known_fact.c.code == code, mine))
    _insert(connection, known_fact, [_row(code, key, fact) for key, fact in latest.items() if fact is not None])
    _insert(
        connection,
        known_title,
        [
            {"code": code, "title": title, "kind": kind, "ref": ref, "since": since}
            for title, kind, ref, since in titles
        ],
    )


def _row(code: str, key: str, fact: KnownFact) -> dict[str, Any]:
    return {"code": code, "key": key, **fact._asdict()}


def _insert(connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), PART):
        connection.execute(sa.insert(table), rows[start : start + PART])
