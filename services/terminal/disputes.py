"""Contradictions between sources, for people."""

from collections.abc import Iterator
from textwrap import shorten

from rich.console import RenderableType

from services.terminal.rows import Item, grid, named, note

_COLUMNS = ["id", "about", "status", "claim 0", "claim 1", "used", "rule"]


def several(answer: Item) -> Iterator[RenderableType]:
    """Every contradiction with both claims and the one used."""
    yield grid("conflicts", _COLUMNS, map(_row, answer["items"]), lines=True)
    yield note(answer["meta"])


def one(answer: Item) -> Iterator[RenderableType]:
    """One contradiction, how it was decided, and what the other claim would change."""
    yield grid("conflict", _COLUMNS, [_row(answer)])
    steps = [answer["noted"], *answer["resolutions"]]
    yield grid("decided", ["recorded", "used", "rule", "reason"], map(_step, steps))
    would = answer["would_change"]
    fields = ([each["field"], str(each["used"]), str(each["other"])] for each in would["fields"])
    yield grid("they disagree on", ["field", "used", "the other"], fields)
    if would["provisions"] or would["versions"]:
        rows = [[f"{each['kind']}/{each['ref']}", each["as_of"], *_sides(each)] for each in would["provisions"]]
        rows += [["version in force", each["as_of"], each["before"], each["after"]] for each in would["versions"]]
        yield grid("the other claim would change", ["what", "on", "from", "to"], rows)
    yield note(answer["meta"])


def _row(item: Item) -> list[object]:
    return [item["id"], item["about"], item["status"], *map(_claim, item["claims"]), item["used"], item["rule"]]


def _claim(claim: Item) -> str:
    fact = claim["fact"]
    if fact is None:
        return f"{claim['kind'] or 'the other'}: nothing"
    words = shorten(claim["quote"] or (named(fact) if "ref" in fact else ""), 120, placeholder=" …")
    return f"{claim['kind'] or 'recorded'}: {words}"


def _step(step: Item) -> list[object]:
    return [step["since"]["recorded_at"], step["used"], step["rule"], step["reason"]]


def _sides(each: Item) -> list[str]:
    return [f"{each[side]['state']} ({each[side]['version'] or '—'})" for side in ("before", "after")]
