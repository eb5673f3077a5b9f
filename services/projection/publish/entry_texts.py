"""The text of a feed's entry: who acted, from which day, in which words of the source."""

from collections.abc import Iterator
from html import escape

from events.catalogue import Event
from events.facts import Instrument
from events.knowing_better import ConflictNoted
from services.projection.publish.wordings import clean, in_words


def paragraphs(event: Event, act: Event | None) -> Iterator[str]:
    """Who acted on what basis, the legal date, and what else a person wants to know of an event."""
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


def quotes(event: Event, about: Event | None) -> Iterator[str]:
    """The words of the sources: of both where they disagree."""
    if isinstance(event, ConflictNoted):
        yield from (claim.source.quote for claim in event.claims if claim.source)
        return
    source = event.source or (about.source if about else None)
    if source:
        yield source.quote


def html(paragraphs: Iterator[str], quotes: Iterator[str], links: dict[str, str | None]) -> str:
    """All of it as HTML: the texts escaped and without what XML forbids, then the links that there are."""
    said = "".join(f"<p>{escape(clean(text))}</p>" for text in paragraphs)
    quoted = "".join(f"<blockquote>{escape(clean(text))}</blockquote>" for text in quotes)
    linked = " · ".join(f'<a href="{escape(url)}">{words}</a>' for words, url in links.items() if url)
    return f"{said}{quoted}<p>{linked}</p>"
