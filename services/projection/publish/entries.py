"""Entries of a feed: each event about a change as a title, a text with its authority and the source's words, and links."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple, cast
from urllib.parse import quote

import sqlalchemy as sa

from events import store
from events.catalogue import Event, dotted
from events.envelope import Recorded
from events.facts import Fact, Instrument
from events.knowing_better import ConflictNoted
from services.projection.apply import instant
from services.projection.publish.titles import clean, in_words, subject_of, title


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
    provision_url = _provision_url(recorded.code, event, about, public_url)
    links = {"the event": event_url, "the provision": provision_url}
    act = acts.get(_act_stream(recorded.code, event) or _act_stream(recorded.code, about) or "")
    return Entry(
        recorded.id,
        recorded.position,
        dotted(recorded.type),
        recorded.code,
        clean(recorded.stream.removeprefix(f"{recorded.code}/")),
        event.effective.isoformat() if event.effective else None,
        title(event, about),
        _html(_paragraphs(event, act.event if act else None), _quotes(event, about), links),
        event_url,
        provision_url,
        instant(recorded),
    )


def _provision_url(code: str, event: Event, about: Event | None, public_url: str) -> str | None:
    fact = getattr(event, "fact", None) or about or event
    named = subject_of(cast(Event, fact))
    if named is None:
        return None
    day = event.effective or fact.effective
    path = "/".join(quote(clean(part), safe="") for part in ("codes", code, "provisions", *named))
    return f"{public_url}/v1/{path}{f'?as_of={day}' if day else ''}"


def _paragraphs(event: Event, act: Event | None) -> Iterator[str]:
    by = event if isinstance(event, Instrument) else act
    if isinstance(by, Instrument):
        basis = f" ({', '.join(by.legal_basis)})" if by.legal_basis else ""
        yield f"By the {by.authority}{basis}."
    yield f"Legal date: {in_words(event.effective)}."
    if getattr(event, "title", None):
        yield f"Title: {getattr(event, 'title', '')}."
    if getattr(event, "reason", None):
        yield f"Reason: {getattr(event, 'reason', '')}."
    if isinstance(event, ConflictNoted):
        yield f"Both claims are kept; the {('first', 'second')[event.used]} is used, by the rule {event.rule}."


def _quotes(event: Event, about: Event | None) -> Iterator[str]:
    if isinstance(event, ConflictNoted):
        yield from (claim.source.quote for claim in event.claims if claim.source)
        return
    source = event.source or (about.source if about else None)
    if source:
        yield source.quote


def _html(paragraphs: Iterator[str], quotes: Iterator[str], links: dict[str, str | None]) -> str:
    said = "".join(f"<p>{escape(clean(text))}</p>" for text in paragraphs)
    quoted = "".join(f"<blockquote>{escape(clean(text))}</blockquote>" for text in quotes)
    linked = " · ".join(f'<a href="{escape(url)}">{words}</a>' for words, url in links.items() if url)
    return f"{said}{quoted}<p>{linked}</p>"
