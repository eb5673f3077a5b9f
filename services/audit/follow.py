"""Following a log: a mirror on another machine, which believes nothing that it has not checked, and raises the alarm."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa

from events import notes
from events.driver_errors import translated
from events.envelope import leaf_hash
from events.errors import Conflict, NotFound, Unavailable
from events.merkle import Peaks
from events.notes import BadNote, Checkpoint
from events.store import last_position
from services.audit import alarm, mirror, remote_log
from services.audit.alarm import Alarm
from services.audit.fetching import Remote
from services.audit.signed import trusted
from services.audit.walking import Moved
from services.projection.followed import followed_log, row

STEP = 1_024
"""Entries that are fetched, verified and appended at once."""

LONGEST_PAUSE = 60.0


class NoMirror(Conflict):
    """The ledger has a history of its own, or mirrors another log."""


class Following(NamedTuple):
    """Who is followed with whose signature, and where evidence goes."""

    engine: sa.Engine
    remote: Remote
    evidence: Path
    step: int = STEP


def begin(following: Following, keys: str | None, *, resume: bool) -> bool:
    """Makes the ledger a mirror, or goes on with it; whether the key was taken from the very service that it shall check."""
    engine, remote, *_ = following
    with translated(), engine.begin() as connection:
        held = row(connection)
        if held is None and last_position(connection):
            raise NoMirror("the ledger has a history of its own; a mirror begins with an empty one")
        if held is not None and held.url != remote.url:
            raise NoMirror(f"the ledger mirrors {held.url}; expected that, found {remote.url}")
        if resume:
            alarm.ended(connection)
        elif held is not None and held.alarm:
            raise Alarm(f"an alarm stands since {held.alarm_at}, --resume ends it: {held.alarm}")
    if held is None or keys is not None:
        given = keys or remote.get("/v1/log/keys").decode(errors="replace")
        _believe(engine, remote.url, "\n".join(each.text() for each in trusted(given)), new=held is None)
    return held is None and keys is None


def _believe(engine: sa.Engine, url: str, keys: str, *, new: bool) -> None:
    with translated(), engine.begin() as connection:
        if new:
            connection.execute(sa.insert(followed_log).values(number=1, url=url, key=keys, size=0))
        else:
            connection.execute(sa.update(followed_log).values(key=keys))


def run(
    following: Following,
    stop: threading.Event,
    pause: float,
    moved: Moved,
    tell: Callable[[str], None] = lambda _: None,
) -> None:
    """Follows until told to stop, or until the alarm; a service that is away is waited for, and told of."""
    wait, said = pause, ""
    while not stop.is_set():
        try:
            turn(following, moved)
            wait, said = pause, ""
        except (Unavailable, NotFound) as away:
            wait = min(wait * 2, LONGEST_PAUSE)
            if str(away) != said:
                tell(said := str(away))
        stop.wait(wait)


def turn(following: Following, moved: Moved) -> int:
    """Goes on to the log's latest checkpoint; the size reached. Alarm, kept and with its evidence, where it contradicts itself."""
    try:
        return _turn(following, moved)
    except Alarm as why:
        raise alarm.raised(following.engine, why, following.evidence) from None


def _turn(following: Following, moved: Moved) -> int:
    engine, remote = following.engine, following.remote
    with translated(), engine.connect() as connection:
        held = row(connection)
    note = remote_log.checkpoint_note(remote)
    told = _opened(note, held.key)
    try:
        _check_last(remote, _last(held.note), told)
        own = mirror.tree(engine)
        if own.size > told.size:
            raise Alarm(f"the log shows {remote_log.shown(told)}, fewer than the {own.size} that were verified before")
        if not remote_log.extends(remote, own.size, own.root(), told):
            raise Alarm(f"a fork: {remote_log.shown(told)} do not extend the {own.size} entries of this mirror")
        # Kept before anything is done upon it: nothing smaller is ever believed again.
        _keep(engine, note, held.size)
        _take(following, own, told, moved)
    except Alarm as why:
        raise Alarm(str(why), note) from None
    mirror.show(engine, told, note, held.key, datetime.now(UTC))
    _keep(engine, note, told.size)
    return told.size


def _opened(note: bytes, keys: str) -> Checkpoint:
    try:
        return notes.checkpoint_in(note, trusted(keys))
    except BadNote as why:
        raise Alarm(f"the log's checkpoint is not to be believed: {why}", note) from None


def _last(note: bytes | None) -> Checkpoint | None:
    """The checkpoint that held last; its signature was checked when it came."""
    return notes.checkpoint(bytes(note).decode().rpartition("\n\n")[0] + "\n") if note else None


def _check_last(remote: Remote, last: Checkpoint | None, told: Checkpoint) -> None:
    if last is None:
        return
    both = f"it showed {remote_log.shown(last)}, it shows {remote_log.shown(told)}"
    if told.origin != last.origin:
        raise Alarm(f"the log is {told.origin}, followed was {last.origin}")
    if told.size < last.size:
        raise Alarm(f"the log was rewound: {both}")
    if not remote_log.extends(remote, last.size, last.root, told):
        raise Alarm(f"the log was forked: {both}, which does not extend the former")


def _take(following: Following, own: Peaks, told: Checkpoint, moved: Moved) -> None:
    """The entries that are new, a step at a time: each step is proved to be in the checkpoint's tree before it is appended."""
    engine, remote = following.engine, following.remote
    while own.size < told.size:
        after, stop = own.size, min(own.size + following.step, told.size)
        try:
            found, times = remote_log.entries(remote, after, stop, told.size), remote_log.times(remote, after, stop)
        except ValueError as why:
            raise Alarm(f"entries after position {after}: {why}") from None
        for entry in found:
            own.add(leaf_hash(entry))
        if own.size != stop or not _proved(remote, own, told):
            raise Alarm(f"the entries after position {after} up to {stop} are not those of {remote_log.shown(told)}")
        mirror.put(engine, remote, after, found, times)
        moved(own.size, told.size)


def _proved(remote: Remote, own: Peaks, told: Checkpoint) -> bool:
    return remote_log.extends(remote, own.size, own.root(), told)


def _keep(engine: sa.Engine, note: bytes, size: int) -> None:
    with translated(), engine.begin() as connection:
        values = {"note": note, "size": size, "checked_at": datetime.now(UTC)}
        connection.execute(sa.update(followed_log).values(values))
