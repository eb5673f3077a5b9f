"""What a consumer relies on is never dropped or changed. What is added: `python -m tests.asyncapi.test_compatible` keeps it."""

import copy
from pathlib import Path
from typing import Any

import orjson
import pytest

from events.catalogue import EVENT_CLASSES
from services.projection.publish.asyncapi import document

PUBLISHED = Path(__file__).with_name("published.json")
WORDS = {"description", "summary", "title", "license"}
GROWS = ("/channels", "/messages", "/operations", "/schemas", "/properties", "/components")


def today() -> dict[str, Any]:
    """What a consumer relies on: all but words, servers, and the events' data, whose schemas tests/events/schemas holds."""
    told = document("http://127.0.0.1:8000", None, "PLAINTEXT")
    whole = {name: told[name] for name in ("channels", "operations", "components")}
    kept = ("CloudEvent", "CloudEventHeaders", "WebhookHeaders", "Provision", "Change")
    schemas = {name: told["components"]["schemas"][name] for name in kept}
    whole["components"] = {"messages": told["components"]["messages"], "schemas": schemas}
    bare: dict[str, Any] = _bare(whole)
    return bare


def _bare(part: Any) -> Any:
    if isinstance(part, list):
        return [_bare(each) for each in part]
    if not isinstance(part, dict):
        return part
    return {name: _bare(value) for name, value in part.items() if not (name in WORDS and isinstance(value, str))}


def losses(before: Any, after: Any, where: str = "") -> list[str]:
    """What a consumer of the document published before would miss, or would not expect, in the one of today."""
    if where.endswith("/required"):
        return [f"{where}: {name} may be absent now" for name in sorted(set(before) - set(after))]
    if not (isinstance(before, dict) and isinstance(after, dict)):
        return [] if before == after else [f"{where}: {before!r} became {after!r}"]
    gone = [f"{where}/{name} is gone" for name in before if name not in after]
    new = [f"{where}/{name} is new" for name in after if name not in before and not where.endswith(GROWS)]
    kept = [found for name in before if name in after for found in losses(before[name], after[name], f"{where}/{name}")]
    return gone + kept + [each for each in new if not each.endswith("/required is new")]


def test_what_was_published_still_holds() -> None:
    assert losses(orjson.loads(PUBLISHED.read_bytes()), today()) == []


def test_what_is_there_is_published() -> None:
    assert orjson.loads(PUBLISHED.read_bytes()) == today(), "python -m tests.asyncapi.test_compatible"


@pytest.mark.parametrize(
    ("change", "lost"),
    [
        (lambda d: d["channels"].pop("stream"), ["/channels/stream is gone"]),
        (lambda d: d["channels"]["events"].update(address="x"), ["/channels/events/address"]),
        (lambda d: d["channels"]["events"]["messages"].pop("TookEffect"), ["/messages/TookEffect is gone"]),
        (lambda d: d["components"]["messages"]["TookEffect"].update(payload={}), ["/TookEffect/payload/$ref is gone"]),
        (lambda d: d["components"]["schemas"]["CloudEvent"]["required"].remove("id"), ["id may be absent now"]),
        (lambda d: d["components"]["schemas"]["CloudEvent"]["properties"].pop("time"), ["/time is gone"]),
        (lambda d: d["components"]["schemas"]["CloudEvent"]["properties"].update(colour={}), []),
        (lambda d: d["channels"].update(mail={}), []),
    ],
)
def test_the_comparison_sees_what_breaks_a_consumer(change: Any, lost: list[str]) -> None:
    after = copy.deepcopy(today())
    change(after)
    found = losses(today(), after)
    assert len(found) == len(lost)
    assert all(expected in each for expected, each in zip(lost, found, strict=True))


def test_the_data_of_events_has_the_fields_that_the_catalogue_says() -> None:
    told = document("http://127.0.0.1:8000", None, "PLAINTEXT")["components"]["schemas"]
    for name, cls in EVENT_CLASSES.items():
        assert set(told[name]["properties"]) == set(cls.model_fields)


if __name__ == "__main__":
    broken = losses(orjson.loads(PUBLISHED.read_bytes()), today()) if PUBLISHED.exists() else []
    if broken:
        raise SystemExit("\n".join(["not written; a consumer would miss:", *broken]))
    PUBLISHED.write_bytes(orjson.dumps(today(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
