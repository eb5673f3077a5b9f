"""Answers of the ledger, for people; what REST gives as JSON, here as tables."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from services.terminal.rows import Item, grid, interval, named, note, specifications, state
from services.terminal.screen import safe


def in_force(answer: Item) -> Iterator[RenderableType]:
    """The version in force and how many provisions stand in which state."""
    version = answer["version"]
    since = f"version {version['label']}, in force since {version['effective']}" if version else "no version in force"
    yield Text(f"{answer['code']} {since}", style="bold")
    yield grid("", ["provisions", "state"], ([count, state(name)] for name, count in answer["counts"].items()))
    yield note(answer["meta"])


def provision(answer: Item) -> Iterator[RenderableType]:
    """The state of one provision, why it is so, and what comes next."""
    heading = f"{answer['kind']}/{answer['ref']} {answer.get('title') or ''}".strip()
    yield Text.assemble((safe(heading), "bold"), "  ", state(answer["state"]))
    yield grid("", ["", ""], _facts(answer))
    if answer.get("because"):
        yield _changes("because", answer["because"])
    if answer.get("next"):
        yield _changes("next", answer["next"])
    yield note(answer["meta"])


def history(answer: Item) -> Iterator[RenderableType]:
    """Every change to one provision, oldest first."""
    yield _changes("history", answer["items"])
    yield note(answer["meta"])


def diff(answer: Item) -> Iterator[RenderableType]:
    """What changed between two days: each provision before and after, and the changes that did it."""
    ends = [answer["from"], answer["to"]]
    labels = [f"{end['as_of']} (version {_label(end['version'])})" for end in ends]
    yield grid(
        f"from {labels[0]} to {labels[1]}",
        ["provision", "before", "after", "version", "specifications"],
        (_step(each) for each in answer["provisions"]),
    )
    yield _changes("changes", answer["changes"])
    yield note(answer["meta"])


def status(answer: Item) -> Iterator[RenderableType]:
    """Every figure of the ledger's state, one a line."""
    yield grid("", ["", ""], _leaves("", {name: told for name, told in answer.items() if name != "meta"}))


def _facts(answer: Item) -> list[tuple[str, object]]:
    facts = [
        ("version", answer.get("version")),
        ("holds", interval(answer.get("valid"))),
        ("except", ", ".join(answer.get("exclusions") or ())),
        ("specifications", specifications(answer.get("spec_versions"))),
        ("also known as", ", ".join(_alias(each) for each in answer.get("also_known_as") or ())),
    ]
    return [(name, value) for name, value in facts if value]


def _alias(other: object) -> str:
    if not isinstance(other, dict):
        return str(other)
    days = [str(other[key]) for key in ("from", "to") if other.get(key)]
    return f"{other.get('kind')}/{other.get('ref')}" + (f" ({' to '.join(days)})" if days else "")


def _changes(title: str, changes: list[Item]) -> RenderableType:
    columns = ["effective", "version", "what", "via", "authority", "proposal", "status", "words of the source"]
    return grid(title, columns, (_change(each) for each in changes), lines=True)


def _change(change: Item) -> list[object]:
    quote = (change.get("source") or {}).get("quote")
    return [
        change.get("effective"),
        change.get("version"),
        f"{change.get('action')} {named(change)}",
        change.get("via"),
        change.get("authority"),
        change.get("proposal"),
        state(change.get("status")),
        quote,
    ]


def _step(step: Item) -> list[object]:
    before, after = step["before"] or {}, step["after"] or {}
    return [
        f"{step['kind']}/{step['ref']}",
        state(before.get("state")),
        state(after.get("state")),
        f"{before.get('version') or '—'} → {after.get('version') or '—'}",
        specifications(after.get("spec_versions")),
    ]


def _label(version: object) -> object:
    return version.get("label") if isinstance(version, dict) else version


def _leaves(prefix: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(f"{prefix} {key}".strip().replace("_", " "), inner)
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            name = inner.get("code", inner.get("channel", at)) if isinstance(inner, dict) else at
            yield from _leaves(f"{prefix} {name}", inner)
    else:
        yield prefix, value
