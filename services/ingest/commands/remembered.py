"""The acts that changes are: read from the log once a process, since what an event tells never changes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import sqlalchemy as sa

from events.store import events_by_ids
from services.ingest.commands.saying import Decided
from services.ingest.commands.standing import act, fact_in
from services.ingest.knowledge import KnownChange
from services.law.fold import Act

MOST = 20_000
"""Acts that are remembered, some hundred bytes each."""

_read: dict[str, Act] = {}


def acts_of(connection: sa.Connection, known: Sequence[KnownChange]) -> list[Act]:
    """Each change as the act of law that it is as it stands."""
    found = {each.told_by: _read.get(each.told_by) for each in known}
    missing = [each for each in known if found[each.told_by] is None]
    if missing:
        found |= _reads(connection, missing)
    return [_as_known(found[each.told_by], each) for each in known]


def remember(decided: Decided, positions: Mapping[str, int]) -> None:
    """Keeps the acts of new changes, by the positions of the events that a decision appended."""
    acts = [each for family in decided.acts.values() for each in family.values() if each]
    _keep({each.id: replace(each, position=positions[each.id]) for each in acts if each.id in positions})


def _reads(connection: sa.Connection, missing: Sequence[KnownChange]) -> dict[str, Act]:
    told = events_by_ids(connection, {name for each in missing for name in (each.event_id, each.told_by)})
    read = {each.told_by: act(each, fact_in(told[each.told_by]), told[each.event_id].position) for each in missing}
    _keep(read)
    return read


def _keep(read: Mapping[str, Act]) -> None:
    if len(_read) + len(read) > MOST:
        _read.clear()
    _read.update(read)


def _as_known(act: Act | None, known: KnownChange) -> Act:
    if act is None:
        raise LookupError(f"event {known.told_by} was not read")
    if (act.effective, act.cancelled) == (known.effective, known.cancelled):
        return act
    return replace(act, effective=known.effective, cancelled=known.cancelled)
