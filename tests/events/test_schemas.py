"""A published schema only ever gains optional fields. After such a change: `python -m tests.events.test_schemas` writes it."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from events.catalogue import EVENT_CLASSES

PUBLISHED = Path(__file__).parent / "schemas"


def today(name: str) -> dict[str, Any]:
    """An event's JSON Schema, without the words that describe it."""
    return _bare(EVENT_CLASSES[name].model_json_schema())


def _bare(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_bare(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {k: _bare(v) for k, v in schema.items() if not (k in ("description", "title") and isinstance(v, str))}


def path_of(name: str) -> Path:
    """Where the published schema of an event lies."""
    return PUBLISHED / f"{name}.v{EVENT_CLASSES[name].schema_version}.json"


def losses(before: Any, after: Any, where: str = "") -> list[str]:
    """What a schema lost or came to demand, compared with the one published."""
    if isinstance(before, list) and isinstance(after, list) and where.endswith("/required"):
        return [f"{where}: {name} is demanded now" for name in sorted(set(after) - set(before))]
    if not (isinstance(before, dict) and isinstance(after, dict)):
        return [] if before == after else [f"{where}: {before!r} became {after!r}"]
    gone = [f"{where}/{name} is gone" for name in before if name not in after and name != "required"]
    kept = [found for name in before if name in after for found in losses(before[name], after[name], f"{where}/{name}")]
    new = [f"{where}/{name} is a new demand" for name in after if name not in before and not _may_come(where)]
    demanded = (
        losses([], after["required"], f"{where}/required") if "required" in after and "required" not in before else []
    )
    return gone + kept + [n for n in new if not n.endswith("/required is a new demand")] + demanded


def _may_come(where: str) -> bool:
    return where.endswith(("/properties", "/$defs", "/mapping"))


@pytest.mark.parametrize("name", EVENT_CLASSES)
def test_a_published_schema_only_gains_optional_fields(name: str) -> None:
    published = orjson.loads(path_of(name).read_bytes())

    assert losses(published, today(name)) == []


@pytest.mark.parametrize("name", EVENT_CLASSES)
def test_what_is_published_is_what_is_there(name: str) -> None:
    assert orjson.loads(path_of(name).read_bytes()) == today(name), "python -m tests.events.test_schemas"


def test_no_published_schema_is_withdrawn() -> None:
    assert {path.name.split(".")[0] for path in PUBLISHED.glob("*.json")} <= set(EVENT_CLASSES)


@pytest.mark.parametrize(
    ("change", "lost"),
    [
        (lambda s: s["properties"].pop("code"), "/properties/code is gone"),
        (lambda s: s["required"].append("title"), "/required: title is demanded now"),
        (lambda s: s["properties"]["code"].update(maxLength=3), "/properties/code/maxLength is a new demand"),
        (lambda s: s["properties"]["code"].update(type="integer"), "/properties/code/type: 'string' became 'integer'"),
        (lambda s: s["properties"].update(colour={"type": "string"}), None),
    ],
)
def test_the_comparison_sees_what_breaks_a_reader(change: Any, lost: str | None) -> None:
    after = today("SectionAmended")
    change(after)

    assert losses(today("SectionAmended"), after) == ([lost] if lost else [])


if __name__ == "__main__":
    PUBLISHED.mkdir(exist_ok=True)
    for event_name in EVENT_CLASSES:
        schema = orjson.dumps(today(event_name), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
        path_of(event_name).write_bytes(schema + b"\n")
