"""What a rescheduling or a cancellation means: one change, or all that an instrument or a version carries on its day."""

from datetime import date

import sqlalchemy as sa

from services.ingest.commands.around import began, c, changes, f, keys
from services.ingest.commands.bodies import CancellationAsked, ReschedulingAsked
from services.ingest.commands.moving import Meant
from services.ingest.commands.standing import NotCorrectable, Standing, named, standing
from services.ingest.knowledge import KnownChange
from services.ingest.known import begins
from services.law.shapes import Code

Carried = tuple[list[KnownChange], list[Standing], date | None, date | None]
"""The changes, what carries them, the day of these, the day of a version that stays."""


def meant(
    connection: sa.Connection, code: Code, asked: ReschedulingAsked | CancellationAsked, today: date
) -> tuple[Meant, Standing]:
    """What is meant, and the fact that names it."""
    if asked.change is not None:
        about = standing(connection, code.id, asked.change)
        own = changes(connection, code.id, c.event_id == about.known.event_id)
        if not own:
            raise NotCorrectable(f"event {asked.change} is a {about.fact.type}, no change to a provision")
        carried: Carried = own, [], own[0].effective, None
    elif asked.instrument is not None:
        about = named(connection, code.id, f"instrument/{asked.instrument}")
        carried = _of_instrument(connection, code.id, about, asked.instrument)
    else:
        about = named(connection, code.id, f"version/{asked.version}")
        carried = _of_version(connection, code.id, about, moves=isinstance(asked, ReschedulingAsked))
    held, carriers, day, version_day = carried
    chosen = held
    if isinstance(asked, ReschedulingAsked) and carriers:
        # What was cancelled by itself stays so; what fell with all of it comes back with it.
        chosen = [each for each in held if each.effective == day and (about.cancelled or not each.cancelled)]
    others = [each for each in held if each.effective != day and not each.cancelled]
    left = len(others) if carriers and isinstance(asked, ReschedulingAsked) else 0
    return Meant(chosen, carriers, day, left, version_day, began(connection, code.id), today), about


def carried_by(connection: sa.Connection, code: str, about: Standing) -> list[KnownChange]:
    """The changes that a version or an instrument carries."""
    own = [name for name in (about.key.partition("/")[2],) if about.key.startswith(("version/", "instrument/"))]
    if not own:
        return []
    held = _held(connection, code, about.version or own[0])
    if about.key.startswith("version/"):
        return held
    return [each for each in held if _instrument_of(connection, code, each) == own[0]]


def _of_version(connection: sa.Connection, code: str, version: Standing, *, moves: bool) -> Carried:
    own = [named(connection, code, key) for key in sorted(_instruments(connection, code, version.version))]
    # What has a day of its own stays on a move, and falls with its version.
    along = [each for each in own if not moves or each.day in (None, version.day)]
    return carried_by(connection, code, version), [version, *along], version.day, None


def _of_instrument(connection: sa.Connection, code: str, own: Standing, name: str) -> Carried:
    held = carried_by(connection, code, own)
    versions = keys(connection, code, f.key == f"version/{own.version}") if own.version else ()
    version = named(connection, code, f"version/{own.version}") if versions else None
    day = own.day or (version.day if version else None)
    if version is None:
        return held, [own], day, None
    alone = _instruments(connection, code, own.version) == {f"instrument/{name}"}
    return held, [version, own] if alone else [own], day, version.day


def _held(connection: sa.Connection, code: str, scope: str) -> list[KnownChange]:
    prefix = sa.and_(f.code == code, begins(f.key, f"change/{scope}/"))
    founding = sa.and_(f.code == code, f.version == scope, f.key.startswith("instrument/"))
    ids = sa.select(f.event_id).where(sa.or_(prefix, founding))
    return changes(connection, code, c.event_id.in_(ids))


def _instrument_of(connection: sa.Connection, code: str, change: KnownChange) -> str | None:
    return getattr(standing(connection, code, change.event_id).fact, "instrument", None)


def _instruments(connection: sa.Connection, code: str, label: str | None) -> frozenset[str]:
    return keys(connection, code, f.version == label, f.key.startswith("instrument/")) if label else frozenset()
