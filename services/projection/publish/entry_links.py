"""Where an entry of a feed leads: the provision that its event is about."""

from typing import cast
from urllib.parse import quote

from events.catalogue import Event
from events.changes import DocumentLettered, ProvisionChange
from events.facts import CodeDesignated
from services.projection.publish.wordings import clean


def provision_url(code: str, event: Event, about: Event | None, public_url: str) -> str | None:
    """Where the provision that an event is about is answered for, on the event's day; null where it is about none."""
    fact = getattr(event, "fact", None) or about or event
    named = _subject_of(cast(Event, fact))
    if named is None:
        return None
    day = event.effective or fact.effective
    path = "/".join(quote(clean(part), safe="") for part in ("codes", code, "provisions", *named))
    return f"{public_url}/v1/{path}{f'?as_of={day}' if day else ''}"


def _subject_of(event: Event) -> tuple[str, str] | None:
    """The kind and reference of the provision that an event is about, as it is answered for; null where it is about none."""
    match event:
        case ProvisionChange() if event.provision:
            kind, _, ref = event.provision.partition("/")
            return kind, ref
        case ProvisionChange() | CodeDesignated() | DocumentLettered():
            return event.kind, event.ref
    return None
