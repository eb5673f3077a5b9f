"""What came of deliveries, kept in memory for a moment and written many at a time; lost with the process, it is delivered again."""

import asyncio
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from services.projection.publish.webhooks.deliveries import prune
from services.projection.publish.webhooks.letters import Post
from services.projection.publish.webhooks.retrying import Standing, Verdict
from services.projection.publish.webhooks.sending import Answer
from services.projection.publish.webhooks.tables import delivery, subscription

MOST = 5_000
"""Outcomes that wait to be written at most: then delivering waits too."""

AT_ONCE = 500
PRUNE_EVERY = 500

Values = dict[str, Any]


class Outcomes:
    """What has come about since the last writing: one row an event tried, one a subscription that moved."""

    def __init__(self) -> None:
        self._tried: dict[tuple[str, int], Values] = {}
        self._moved: dict[str, Values] = {}
        self._delivered: dict[str, int] = {}
        self._written = asyncio.Event()

    def tried(self, own: str, post: Post, verdict: Verdict, standing: Standing, answer: Answer, now: datetime) -> None:
        """An event was tried at a subscription."""
        self._tried[own, post.position] = {
            "subscription": own,
            "position": post.position,
            "event_id": post.id,
            "status": "dead" if verdict is Verdict.gone else verdict.value,
            "attempts": standing.attempts,
            "answer": answer.status,
            "error": answer.error,
            "latency_ms": answer.latency_ms,
            "first_at": standing.since,
            "last_at": now,
            "next_at": standing.next_at,
        }
        if verdict is Verdict.delivered:
            self._delivered[own] = self._delivered.get(own, PRUNE_EVERY - 1) + 1

    def moved(
        self,
        own: str,
        replays: int,
        position: int,
        standing: Standing,
        error: str | None = None,
        verdict: Verdict = Verdict.delivered,
    ) -> None:
        """A subscription came further, or stands where it stood."""
        self._moved[own] = {
            "own": own,
            "known_replays": replays,
            "position": position,
            "attempts": standing.attempts,
            "refusals": standing.refusals,
            "failing_since": standing.since,
            "next_at": standing.next_at,
            "error": error,
            "gone": verdict is Verdict.gone,
        }

    def trouble(self, own: str, replays: int, why: str) -> None:
        """A subscription cannot go on, for a reason of our own."""
        last = self._moved.get(own)
        if last is None:
            self._moved[own] = {"own": own, "known_replays": replays, "error": why[:1_000]}
        else:
            last["error"] = why[:1_000]

    async def room(self) -> None:
        """Returns when there is room for one more."""
        while len(self._tried) >= MOST:
            await self._written.wait()

    def taken(self) -> "Batch":
        """All that is to be written, which the caller writes."""
        due = [own for own, count in self._delivered.items() if count >= PRUNE_EVERY]
        batch = Batch(self._tried, self._moved, due)
        self._tried, self._moved = {}, {}
        for own in due:
            self._delivered[own] = 0
        self._written.set()
        self._written = asyncio.Event()
        return batch


class Batch:
    """Outcomes on their way into the database; written twice they are the same."""

    def __init__(self, tried: dict[tuple[str, int], Values], moved: dict[str, Values], prune: list[str]) -> None:
        self._tried, self._moved, self._prune = list(tried.values()), list(moved.values()), prune

    def __bool__(self) -> bool:
        return bool(self._tried or self._moved)

    def write(self, connection: sa.Connection) -> None:
        """Writes it all and commits; what people changed meanwhile stands."""
        for start in range(0, len(self._tried), AT_ONCE):
            rows = self._tried[start : start + AT_ONCE]
            connection.execute(_kept(connection, rows[0]), rows)
        for names, rows in _by_columns(self._moved).items():
            _move(connection, names, rows)
        for own in self._prune:
            prune(connection, own)
        connection.commit()


def _kept(connection: sa.Connection, names: Iterable[str]) -> sa.Insert:
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(delivery)
    keys = ("subscription", "position")
    renewed = {name: statement.excluded[name] for name in names if name not in (*keys, "first_at")}
    return statement.on_conflict_do_update(index_elements=keys, set_=renewed)


def _by_columns(moved: list[Values]) -> dict[tuple[str, ...], list[Values]]:
    found: dict[tuple[str, ...], list[Values]] = {}
    for values in moved:
        gone = values.pop("gone", False)
        found.setdefault(tuple(values), []).append(values)
        if gone:
            found.setdefault(("own", "known_replays", "status"), []).append(
                {"own": values["own"], "known_replays": values["known_replays"], "status": "gone"}
            )
    return found


def _move(connection: sa.Connection, names: tuple[str, ...], rows: list[Values]) -> None:
    c = subscription.c
    same = (c.id == sa.bindparam("own"), c.replays == sa.bindparam("known_replays"))
    changed: Values = {name: sa.bindparam(f"to_{name}") for name in names[2:]}
    bound = [
        {
            "own": row["own"],
            "known_replays": row["known_replays"],
            **{f"to_{name}": row[name] for name in names[2:]},
        }
        for row in rows
    ]
    connection.execute(sa.update(subscription).where(*same).values(**changed), bound)
