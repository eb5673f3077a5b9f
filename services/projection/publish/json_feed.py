"""A page of a feed in its form as JSON Feed 1.1."""

from typing import Any

import orjson

from services.projection.publish.atom import AUTHOR, Feed
from services.projection.publish.entries import Entry
from services.projection.publish.wordings import clean

JSON_FEED = "application/feed+json"


def json_feed(feed: Feed) -> bytes:
    """The feed as JSON Feed; the extension `_inforce` holds what a program wants of an entry."""
    body: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": clean(feed.title),
        "home_page_url": feed.home_url,
        "feed_url": feed.first_url,
        "language": "en-GB",
        "authors": [{"name": AUTHOR}],
    }
    following = {"next_url": feed.next_url} if feed.next_url else {}
    return orjson.dumps(body | following | {"items": [_item(entry) for entry in feed.entries]})


def _item(entry: Entry) -> dict[str, Any]:
    own = {name: getattr(entry, name) for name in ("position", "type", "code", "subject", "effective")}
    item = {
        "id": f"urn:uuid:{entry.id}",
        "url": entry.event_url,
        "title": entry.title,
        "content_html": entry.html,
        "date_published": entry.recorded_at,
        "date_modified": entry.recorded_at,
        "tags": [entry.type],
    }
    return item | ({"external_url": entry.provision_url} if entry.provision_url else {}) | {"_inforce": own}
