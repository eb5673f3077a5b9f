"""Entries of a feed: each event about a change as a title, a text with its authority and the source's words, and links."""

from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa

from events import store
from events.catalogue import Event, dotted
from events.envelope import Recorded
from events.facts import Fact
from services.projection.apply import instant
from services.projection.publish.entry_links import provision_url
from services.projection.publish.entry_texts import html, paragraphs, quotes
from services.projection.publish.titles import title
from services.projection.publish.wordings import clean


class Entry(NamedTuple):
    """An event as a feed tells it; nothing in it is forbidden in XML 1.0, `html` is escaped."""

    id: str
    position: int
    type: str
    code: str
    subject: str
    effective: str | None
    title: str
    html: str
    event_url: str
    provision_url: str | None
    recorded_at: str


def entries(connection: sa.Connection, found: Sequence[Recorded], public_url: str) -> list[Entry]:
    """The events as entries, in the order given."""
    names = [name for each in found if (name := _spoken_of(each))]
    facts = store.events_by_ids(connection, names)
    acts = {_act_stream(each.code, fact) for each in found for fact in (each.event, _about(each, facts))}
    acts_found = store.stream_openings(connection, [name for name in acts if name])
    return [_entry(each, _about(each, facts), acts_found, public_url) for each in found]


def _spoken_of(recorded: Recorded) -> str | None:
    """The id of the fact that a later event is about."""
    event = recorded.event
    return next((getattr(event, name) for name in ("supersedes", "change", "recorded") if getattr(event, name, "")), "")


def _about(recorded: Recorded, facts: dict[str, Recorded]) -> Event | None:
    fact = facts.get(_spoken_of(recorded) or "")
    return fact.event if fact else None


def _act_stream(code: str, fact: Fact | None) -> str | None:
    name = getattr(fact, "instrument", None)
    return f"{code}/instrument/{name}" if name else None


def _entry(recorded: Recorded, about: Event | None, acts: dict[str, Recorded], public_url: str) -> Entry:
    event = recorded.event
    event_url = f"{public_url}/v1/events/{recorded.id}"
    about_url = provision_url(recorded.code, event, about, public_url)
    links = {"the event": event_url, "the provision": about_url}
    act = acts.get(_act_stream(recorded.code, event) or _act_stream(recorded.code, about) or "")
    return Entry(
        recorded.id,
        recorded.position,
        dotted(recorded.type),
        recorded.code,
        clean(recorded.stream.removeprefix(f"{recorded.code}/")),
        event.effective.isoformat() if event.effective else None,
        title(event, about),
        html(paragraphs(event, act.event if act else None), quotes(event, about), links),
        event_url,
        about_url,
        instant(recorded),
    )
