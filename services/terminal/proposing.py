"""The commands that look from a proposal or a version: `proposal` and `impact`."""

from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from services.projection import queries
from services.terminal import questions
from services.terminal.asking import answer
from services.terminal.options import AsOf, Code, KnownAt, Printed
from services.terminal.rows import Item, grid, named, note, state
from services.terminal.screen import Format, safe


def proposal(
    name: Annotated[str, typer.Argument(help="A proposal, as SECMP0017 or MP099.", metavar="ID")],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    code: Code = "sec",
    format: Printed = Format.table,  # noqa: A002
) -> None:
    """The life of a proposal, its other names, and what it touched."""
    answer(
        format,
        _life,
        lambda open_: questions.asked(open_, code, lambda c, p: queries.proposal(c, p, name), as_of, known_at),
    )


def impact(
    of: Annotated[str, typer.Argument(help="A version label, a proposal, or days as 2016-01-01..2016-12-31.")],
    as_of: AsOf = None,
    known_at: KnownAt = None,
    code: Code = "sec",
    format: Printed = Format.table,  # noqa: A002
) -> None:
    """The provisions that a version, a proposal or some days touch, and what refers to them as legal basis."""
    answer(
        format,
        _touched,
        lambda open_: questions.asked(open_, code, lambda c, p: queries.impact(c, p, of), as_of, known_at),
    )


def _life(told: Item) -> Iterator[RenderableType]:
    also = f"  also {', '.join(told['also'])}" if told["also"] else ""
    yield Text.assemble((safe(told["id"]), "bold"), "  ", str(told["stage"] or "nothing decided yet"), safe(also))
    steps = ([name, step and step["date"], step and _words(step)] for name, step in told["life"].items())
    yield grid("life", ["step", "date", "words of the source"], steps)
    rows = (
        [each["effective"], each["version"], f"{each['action']} {named(each)}", state(each["status"])]
        for each in told["changes"]
    )
    yield grid("touched", ["effective", "version", "what", "status"], rows)
    yield note(told["meta"])


def _words(step: Item) -> object:
    return (step["source"] or {}).get("quote")


def _touched(told: Item) -> Iterator[RenderableType]:
    counts = told["counts"]
    rows = (
        [f"{each['kind']}/{each['ref']}", ", ".join(each["actions"]), ", ".join(each["referred_by"])]
        for each in told["provisions"]
    )
    yield grid("touched", ["provision", "how", "legal basis of"], rows)
    yield Text(
        f"{counts['changes']} changes to {counts['provisions']} provisions; {counts['referring']} instruments rest on them"
    )
    yield note(told["meta"])
