"""A small ledger for tests: records facts as events, projects them, asks."""

from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from events.catalogue import Event, change
from events.envelope import Pending, own_stream
from events.facts import ModificationDirected, VersionImplemented
from events.identifiers import new_id
from events.store import append, stream_versions
from services.projection.point import Known, Point, point_at
from services.projection.runner import catch_up


class Ledger:
    """Records in its own transactions and projects at once."""

    def __init__(self, engine: sa.Engine, code: str = "sec") -> None:
        self.engine, self.code = engine, code

    def record(self, *events: Event, streams: dict[int, str] | None = None) -> list[Pending]:
        pending = [
            Pending(new_id(), (streams or {}).get(index) or own_stream(event), event)
            for index, event in enumerate(events)
        ]
        with self.engine.begin() as connection:
            append(connection, pending, stream_versions(connection, {each.stream for each in pending}))
        catch_up(self.engine)
        return pending

    def version(self, label: str, effective: str | None, **more: Any) -> Event:
        day = date.fromisoformat(effective) if effective else None
        return VersionImplemented(code=self.code, actor="t", version=label, effective=day, **more)

    def directed(self, name: str, effective: str | None = None, **more: Any) -> Event:
        day = date.fromisoformat(effective) if effective else None
        version = name.rpartition("-")[0]
        given = {
            "authority": "Secretary of State",
            "legal_basis": ("Energy Act 2008 s88(1)",),
            "version": version,
        } | more
        return ModificationDirected(code=self.code, actor="t", instrument=name, effective=day, **given)

    def changed(self, action: str, provision: str, version: str, effective: str | None, **more: Any) -> Event:
        kind, _, ref = provision.partition("/")
        day = date.fromisoformat(effective) if effective else None
        given = {"instrument": f"{version}-1", "version": version, "effective": day} | more
        return change(action, kind, code=self.code, actor="t", ref=ref, **given)

    def point(self, connection: sa.Connection, as_of: str = "2026-11-24", known: Known = None) -> Point:
        return point_at(connection, self.code, date.fromisoformat(as_of), known, datetime.now(UTC))
