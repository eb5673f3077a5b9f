"""Processes that write and tail a log; and the same on a copy numbered by a sequence, where tailing loses events."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import NamedTuple

import psycopg
from sqlalchemy import Connection, Engine, make_url

from events.envelope import Pending
from events.errors import Conflict, Unavailable
from events.identifiers import new_id
from events.store import append, read, stream_versions
from services.database import open_engine, reading
from tests.factories import amended

SHARED = "sec/section/shared"

Seen = list[tuple[int, str]]
"""Positions and ids in the order in which a reader met them."""


class Written(NamedTuple):
    """What a writer knows of its appends: acknowledged ids with their positions; ids that must not be there."""

    acknowledged: Seen
    absent: list[str]


def write(url: str, name: str, number: int) -> Written:
    """Appends so many events, one to 99 at a time; takes back some appends and loses some races for a shared stream."""
    engine, chance, written = open_engine(url), random.Random(name), Written([], [])
    for turn in count():
        if len(written.acknowledged) >= number:
            engine.dispose()
            return written
        events = _batch(name, turn, chance.randint(1, 99), SHARED if chance.random() < 0.05 else f"sec/section/{name}")
        ids = [event.id for event in events]
        try:
            first = _append(engine, events, keep=chance.random() < 0.9)
        except Conflict:
            first = None
        if first is None:
            written.absent.extend(ids)
        else:
            written.acknowledged.extend(zip(count(first), ids, strict=False))
    raise AssertionError("the count of turns has no end")


def write_until_killed(url: str, name: str, acknowledgements: Path) -> None:
    """Appends for ever, twenty at a time, and notes each acknowledged append in a file."""
    engine = open_engine(url)
    with acknowledgements.open("a") as notes:
        for turn in count():
            events = _batch(name, turn, 20, f"sec/section/{name}")
            first = _append(engine, events, keep=True)
            notes.writelines(f"{position} {event.id}\n" for position, event in enumerate(events, first or 0))
            notes.flush()


def tail(url: str, page: int, pause: float, end: Path, *, one_moment: bool) -> Seen:
    """Reads on from the last position seen, until the file `end` names a position that was reached."""
    engine = open_engine(url)

    def next_page(after: int) -> Seen:
        with reading(engine) if one_moment else engine.connect() as connection:
            return [(event.position, event.id) for event in read(connection, after, page)]

    return _follow(next_page, pause, end)


def write_naively(url: str, name: str, number: int) -> Written:
    """Inserts into the copy: its sequence gives positions before the commit, as in every log without a lock."""
    written, chance = Written([], []), random.Random(name)
    with psycopg.connect(_plain(url)) as connection:
        while len(written.acknowledged) < number:
            ids = [new_id() for _ in range(chance.randint(1, 9))]
            for id_ in ids:
                row = connection.execute("INSERT INTO naive_log (id) VALUES (%s) RETURNING position", [id_]).fetchone()
                written.acknowledged.append((row[0] if row else 0, id_))
            time.sleep(chance.random() / 200)
            connection.commit()
    return written


def tail_naively(url: str, page: int, pause: float, end: Path, *, one_moment: bool) -> Seen:
    """The same reader on the copy: `position > last seen`."""
    query = "SELECT position, id::text FROM naive_log WHERE position > %s ORDER BY position LIMIT %s"
    with psycopg.connect(_plain(url), autocommit=True) as connection:
        if one_moment:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        return _follow(lambda after: connection.execute(query, [after, page]).fetchall(), pause, end)


def _follow(next_page: Callable[[int], Seen], pause: float, end: Path) -> Seen:
    seen: Seen = []
    while True:
        ends_at = int(end.read_text()) if end.exists() else None
        seen += (found := next_page(seen[-1][0] if seen else 0))
        if not found and ends_at is not None and (seen[-1][0] if seen else 0) >= ends_at:
            return seen
        time.sleep(pause)


def _batch(name: str, turn: int, size: int, stream: str) -> list[Pending]:
    """Events that say which append they belong to and how many it has."""
    event = amended(name, proposal=f"{name}-{turn}-{size}")
    return [Pending(new_id(), stream, event) for _ in range(size)]


def _append(engine: Engine, events: Sequence[Pending], *, keep: bool) -> int | None:
    """The first position; None where it was taken back; tried again while the log is busy."""
    stream = events[0].stream
    while True:
        try:
            with engine.connect() as connection:
                expected = stream_versions(connection, [stream])
                connection.rollback()
                first = append(connection, events, expected).positions.start
                return _ended(connection, first, keep=keep)
        except Unavailable:
            time.sleep(0.05)


def _ended(connection: Connection, first: int, *, keep: bool) -> int | None:
    if not keep:
        connection.rollback()
        return None
    connection.commit()
    return first


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def parts(whole: int, number: int) -> Iterator[int]:
    """A number in so many parts that make it up."""
    for i in range(number):
        yield (whole * (i + 1)) // number - (whole * i) // number
