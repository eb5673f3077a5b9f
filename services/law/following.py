"""When a version or an instrument turns out to be of another day, what took its day from it is of that day too. Pure."""

from collections.abc import Collection
from datetime import date
from typing import NamedTuple


class Moved(NamedTuple):
    """A legal day that is another: of a version, or of one of its instruments, where one is named."""

    was: date | None
    now: date | None
    instrument: str | None = None


def follows(moved: Moved, effective: date | None, instrument: str | None, own_day: Collection[str]) -> bool:
    """Whether a fact of the version, of that day and that instrument, follows; `own_day`: instruments with a day of their own."""
    if effective != moved.was:
        return False
    if moved.instrument is not None:
        return instrument == moved.instrument
    return instrument not in own_day


def moved(version_day: date | None, was: date | None, now: date | None, instrument: str | None) -> Moved | None:
    """What moves where a version, or a named instrument, is of another day; an instrument without one has its version's."""
    if instrument is not None:
        was, now = was or version_day, now or version_day
    return Moved(was, now, instrument) if was != now else None
