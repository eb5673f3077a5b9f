"""Which events a follower of the log wants: of some types, of one code, about one provision and its parts."""

from fnmatch import fnmatchcase
from typing import NamedTuple

from events.catalogue import EVENT_CLASSES, dotted
from events.envelope import Recorded
from services.doors.parameters import BadParameter
from services.projection.log_answers import About, about, touches


class Wanted(NamedTuple):
    """The classes of event, the code and the provision (`section/H`) asked for; null: all."""

    types: frozenset[str] | None = None
    code: str | None = None
    affected: str | None = None


ALL = Wanted()


def of_type(glob: str | None) -> frozenset[str] | None:
    """The classes of event whose name on the wire fits (`section.*`); a glob that fits none is refused."""
    if glob is None:
        return None
    names = frozenset(name for name in EVENT_CLASSES if fnmatchcase(dotted(name), glob))
    if not names:
        raise BadParameter(
            f"type: {glob[:80]!r} fits no type of event; expected one like section.activated or section.*"
        )
    return names


def fits(wanted: Wanted, event_type: str, code: str, named: About) -> bool:
    """Whether an event of that class, of that code, about those provisions is wanted."""
    return (
        (wanted.types is None or event_type in wanted.types)
        and (wanted.code is None or code == wanted.code)
        and (wanted.affected is None or touches(code, named, wanted.affected))
    )


def wants(wanted: Wanted, recorded: Recorded) -> bool:
    """Whether an event of the log is wanted."""
    return wanted == ALL or fits(wanted, recorded.type, recorded.code, about(recorded))
