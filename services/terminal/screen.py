"""Where words go: answers to standard output, everything else to standard error; decoration only on a terminal."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from io import TextIOWrapper
from typing import Any

import orjson
from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

WIDTH_IN_A_PIPE = 140

Moved = Callable[[int, int], None]
"""Told how much is done, and of how much."""


Shown = Callable[[Mapping[str, Any]], Iterable[RenderableType]]
"""How an answer is laid out for people."""


class Format(StrEnum):
    """How an answer is printed."""

    table = "table"
    json = "json"


def safe(text: object) -> str:
    """The text with every character that could steer a terminal made visible."""
    return "".join(each if each.isprintable() or each == "\n" else f"\\x{ord(each):02x}" for each in str(text))


def show(printed: Format, answer: Mapping[str, Any], shown: Shown) -> None:
    """Prints an answer: as one JSON document, or laid out for people, as wide as the terminal and never cut off."""
    if printed is Format.json:
        sys.stdout.buffer.write(orjson.dumps(answer, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        sys.stdout.buffer.flush()
        return
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # not every terminal has the characters that documents are written in
    console = Console(width=None if sys.stdout.isatty() else WIDTH_IN_A_PIPE, highlight=False)
    for part in shown(answer):
        console.print(part, markup=False)


def tell(text: str) -> None:
    """One line on standard error."""
    print(safe(" ".join(text.split())), file=sys.stderr, flush=True)  # noqa: T201 - a command's own voice


@contextmanager
def moving(what: str) -> Iterator[Moved]:
    """A progress bar on a terminal, nothing in a pipe."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    ) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
