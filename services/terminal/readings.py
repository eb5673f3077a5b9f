"""What a document says and what recording it did, for people."""

from collections.abc import Iterator
from textwrap import shorten

from rich.console import RenderableType
from rich.text import Text

from services.terminal.rows import Item, grid, named


def reading(said: Item) -> Iterator[RenderableType]:
    """A reading as `inforce read` prints it: a row for each version, then what was not understood."""
    source, coverage = said["source"], said["coverage"]
    yield grid(
        f"{source['name']} as read by {said['reader']}",
        ["version", "effective", "instruments", "changes"],
        ([each["label"], each["effective"], _acts(each), _changes(each)] for each in said["versions"]),
        lines=True,
    )
    yield from doubts(said)
    yield Text(
        f"{len(said['versions'])} versions, {sum(len(each['changes']) for each in said['versions'])} changes; "
        f"{coverage['accounted']} of {coverage['chars']} characters understood ({coverage['ratio']:.1%})",
        style="bold",
    )


def recording(name: str, did: Item) -> Iterator[RenderableType]:
    """What recording a document did: new events, then what was not understood and what contradicts the record."""
    yield from doubts(did)
    if did["conflicts"]:
        columns = ["version", "about", "one says", "the other says", "stands", "rule"]
        yield grid("contradictions, both kept", columns, map(_conflict, did["conflicts"]), lines=True)
    yield Text(f"{name}: {news(did)}", style="bold")


def doubts(said: Item) -> Iterator[RenderableType]:
    """Words that were not understood, and warnings, where there are any."""
    if said["unread"]:
        rows = ([each["row"], each["text"], each["why"]] for each in said["unread"])
        yield grid("not understood, and not recorded", ["row", "words", "why"], rows)
    if said["warnings"]:
        rows = ([each["row"], each["code"], each["message"]] for each in said["warnings"])
        yield grid("warnings", ["row", "code", "what"], rows)


def _acts(version: Item) -> str:
    return "\n".join(" · ".join(_words(each)) for each in version["instruments"])


def _words(act: Item) -> list[str]:
    base = [f"on {act['base_version']}"] if act["base_version"] else []
    return [act["authority"], *act["proposals"], *act["legal_basis"], *base]


def _changes(version: Item) -> str:
    lines = [f"{each['action']} {named(each)}" for each in version["changes"]]
    return "\n".join([*lines, *(f"topic: {each['text']}" for each in version["topics"])])


def _conflict(noted: Item) -> list[object]:
    claims = [_claim(each) for each in noted["claims"]]
    return [noted["version"], noted["about"], *claims, "the other" if noted["used"] else "the one", noted["rule"]]


def _claim(claim: Item) -> str:
    """The words of one source and the day it gives; nothing where that source does not hold the fact."""
    quote = shorten((claim.get("source") or {}).get("quote") or "", 120, placeholder=" …")
    words = [quote, (claim.get("fact") or {}).get("effective")]
    return "\n".join(str(each) for each in words if each) or "nothing"


def news(did: Item) -> str:
    """What recording a document added, in a few words."""
    if not did["new_events"]:
        return "nothing new"
    where = " to ".join(str(each) for each in did["positions"])
    versions = f", {len(did['versions'])} versions" if did["versions"] else ""
    return f"{did['new_events']} new events at positions {where}{versions}"
