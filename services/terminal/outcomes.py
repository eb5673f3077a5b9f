"""What a command did or would do, for people."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from services.terminal.rows import Item, grid, specifications, state


def recorded(did: Item) -> Iterator[RenderableType]:
    """The events that were appended, and what was doubtful."""
    yield grid("", ["position", "event", "stream", "id"], map(_event, did["events"]))
    yield from _doubts(did)
    by = f" of instrument {did['instrument']}" if did["instrument"] else ""
    yield Text(f"{len(did['events'])} events{by} recorded at {did['recorded_at']}", style="bold")


def foreseen(would: Item) -> Iterator[RenderableType]:
    """The events that would be appended and the answers that would change."""
    yield grid("would be appended", ["event", "stream"], ([each["type"], each["stream"]] for each in would["events"]))
    if would["answers"]:
        columns = ["provision", "from", "before", "after", "version", "specifications"]
        yield grid("would be answered otherwise", columns, map(_answer, would["answers"]))
    yield from _doubts(would)
    yield Text("nothing is written", style="bold")


def _event(event: Item) -> list[object]:
    return [event["position"], event["type"], event["stream"], event["id"]]


def _answer(answer: Item) -> list[object]:
    before, after = answer["before"], answer["after"]
    return [
        f"{answer['kind']}/{answer['ref']}",
        answer["as_of"],
        state(before["state"]),
        state(after["state"]),
        f"{before['version'] or '—'} → {after['version'] or '—'}",
        specifications(after["spec_versions"]),
    ]


def _doubts(said: Item) -> Iterator[RenderableType]:
    if said["warnings"]:
        yield grid("warnings", ["code", "what"], ([each["code"], each["message"]] for each in said["warnings"]))
