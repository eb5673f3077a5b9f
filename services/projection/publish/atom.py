"""A page of a feed, and its form as Atom (RFC 4287, pages linked as RFC 5005 says)."""

from typing import NamedTuple
from xml.etree import ElementTree

from services.projection.publish.entries import Entry
from services.projection.publish.wordings import clean

ATOM = "application/atom+xml; charset=utf-8"
AUTHOR = "inforce"
NOTHING_YET = "1970-01-01T00:00:00Z"


class Feed(NamedTuple):
    """A page of a feed: its URLs are this page's, the first one's, and the next one's where there is more."""

    title: str
    home_url: str
    url: str
    first_url: str
    next_url: str | None
    entries: list[Entry]


def atom(feed: Feed) -> bytes:
    """The feed as Atom."""
    root = ElementTree.Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": "en-GB"})
    _add(root, "id", feed.first_url)
    _add(root, "title", clean(feed.title))
    _add(root, "updated", feed.entries[0].recorded_at if feed.entries else NOTHING_YET)
    _add(_add(root, "author"), "name", AUTHOR)
    _add(root, "link", rel="self", type="application/atom+xml", href=feed.url)
    _add(root, "link", rel="alternate", type="text/html", href=feed.home_url)
    _add(root, "link", rel="first", href=feed.first_url)
    if feed.next_url:
        _add(root, "link", rel="next", href=feed.next_url)
    for entry in feed.entries:
        _add_entry(_add(root, "entry"), entry)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _add_entry(element: ElementTree.Element, entry: Entry) -> None:
    _add(element, "id", f"urn:uuid:{entry.id}")
    _add(element, "title", entry.title)
    _add(element, "published", entry.recorded_at)
    _add(element, "updated", entry.recorded_at)
    _add(element, "category", term=entry.type)
    _add(element, "link", rel="alternate", type="application/json", href=entry.event_url)
    if entry.provision_url:
        _add(element, "link", rel="related", type="application/json", href=entry.provision_url)
    _add(element, "content", entry.html, type="html")


def _add(parent: ElementTree.Element, name: str, text: str | None = None, **attributes: str) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, name, attributes)
    element.text = text
    return element
