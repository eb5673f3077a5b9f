"""A fact that a command speaks of, as it stands: found by its event or by its name; why there is none, where there is none."""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa

from events.changes import ProvisionChange
from events.envelope import Recorded
from events.errors import Conflict, NotFound
from events.knowing_better import (
    ChangeCancelled,
    ChangeRescheduled,
    Correctable,
    FactCorrected,
    FactRetracted,
    LaterKnowledge,
)
from events.store import event_by_id, events_of
from services.ingest.knowledge import KnownChange, KnownFact, as_it_stands
from services.ingest.tables import known_fact
from services.law.fold import Act

f = known_fact.c


class UnknownEvent(NotFound):
    """The code has no such event, instrument or version."""

    problem = "unknown-event"


class NotCorrectable(Conflict):
    """The event tells no fact that stands and can turn out otherwise; the message says which event to name instead."""


class Standing(NamedTuple):
    """A fact as it stands: its key, what is known of it, the fact itself, whether it was cancelled."""

    key: str
    known: KnownFact
    fact: Correctable
    cancelled: bool

    @property
    def day(self) -> date | None:
        """Its legal day."""
        return self.fact.effective

    @property
    def version(self) -> str | None:
        """The version that it belongs to, or is."""
        return getattr(self.fact, "version", None)

    @property
    def instruments(self) -> list[str]:
        """The instruments that it comes from, or that it carries."""
        own = getattr(self.fact, "instrument", None)
        return [own] if own else list(getattr(self.fact, "instruments", ()))


def act(known: KnownChange, fact: Any, position: int) -> Act:  # noqa: ANN401 - a change, or the code's designation
    """A recorded change as an act of law."""
    change = fact if isinstance(fact, ProvisionChange) else None
    placed = change.provision.partition("/")[2] if change and change.provision else fact.ref
    return Act(
        id=known.event_id,
        position=position,
        effective=known.effective,
        action=fact.action,
        ref=placed,
        version=fact.version,
        spec=change.spec if change else None,
        spec_version=change.spec_version if change else None,
        alongside=change.alongside if change else False,
        exclusions=change.exclusions if change else (),
        cancelled=known.cancelled,
    )


def standing(connection: sa.Connection, code: str, event_id: str) -> Standing:
    """The fact of that event as it stands; NotCorrectable where it is later knowledge, was withdrawn, or is no fact."""
    recorded = event_by_id(connection, event_id)
    event_id = recorded.id  # however the caller writes it
    row = connection.execute(sa.select(known_fact).where(f.code == code, f.event_id == event_id)).first()
    if recorded.code != code:
        raise UnknownEvent(f"event {event_id} is one of {recorded.code}, not of {code}")
    told = events_of(connection, recorded.stream)
    fact = as_it_stands(told, event_id) if row and not row.key.startswith(("conflict/", "source/")) else None
    if row is None or fact is None:
        raise NotCorrectable(_why_not(told, recorded))
    known = KnownFact._make(getattr(row, name) for name in KnownFact._fields)
    return Standing(row.key, known, fact, _cancelled(told, event_id))


def named(connection: sa.Connection, code: str, key: str) -> Standing:
    """The fact that is known under a key; UnknownEvent where there is none."""
    event_id = connection.scalar(sa.select(f.event_id).where(f.code == code, f.key == key))
    if event_id is None:
        kind, _, name = key.partition("/")
        raise UnknownEvent(f"{code} has no {kind} {name[:80]!r}")
    return standing(connection, code, event_id)


def _cancelled(told: Iterable[Recorded], event_id: str) -> bool:
    cancelled = False
    for each in told:
        match each.event:
            case ChangeCancelled(change=first) if first == event_id:
                cancelled = True
            case ChangeRescheduled(change=first) if first == event_id:
                cancelled = False
    return cancelled


def _why_not(told: Iterable[Recorded], recorded: Recorded) -> str:
    event = recorded.event
    if isinstance(event, LaterKnowledge):
        about = getattr(event, "supersedes", None) or getattr(event, "change", None)
        instead = f": name the fact it is about, event {about}" if about else ""
        return f"event {recorded.id} is a {event.type}, no fact of its own{instead}"
    for later in told:
        if isinstance(later.event, FactRetracted) and later.event.supersedes == recorded.id:
            return f"the fact of event {recorded.id} was withdrawn by event {later.id}, at position {later.position}"
    return f"event {recorded.id} is a {event.type}, which cannot turn out otherwise"


def fact_in(recorded: Recorded) -> Correctable:
    """The fact that an event tells: its own, or the one it corrects another to."""
    event = recorded.event
    return event.fact if isinstance(event, FactCorrected) else event  # type: ignore[return-value]
