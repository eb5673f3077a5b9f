"""Pieces of answers as text that fits a cell of a table."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from services.terminal.screen import safe

Item = Mapping[str, Any]

_STYLES = (
    dict.fromkeys(("active", "in_force"), "green")
    | dict.fromkeys(("designated", "scheduled"), "cyan")
    | dict.fromkeys(("partly_active", "undated"), "yellow")
    | dict.fromkeys(("deleted", "cancelled"), "red")
)


def cell(value: object) -> Text:
    """A value as it stands in a table; nothing is an empty cell."""
    return Text("" if value is None else safe(value), overflow="fold")


def state(value: object) -> Text:
    """A state or status in its colour."""
    return Text(str(value or "").replace("_", " "), style=_STYLES.get(str(value), "dim"))


def grid(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, lines: bool = False) -> Table:
    """A table with one row each, columns with nothing in them left out; a document's words are never taken as markup."""
    table = Table(
        title=Text(title) if title else None,
        title_justify="left",
        title_style="bold",
        show_lines=lines,
        show_header=any(columns),
        header_style="bold",
    )
    cells = [[value if isinstance(value, Text) else cell(value) for value in row] for row in rows]
    filled = [at for at in range(len(columns)) if any(row[at].plain for row in cells) or not cells]
    for at in filled:
        table.add_column(columns[at], overflow="fold")
    for row in cells:
        table.add_row(*(row[at] for at in filled))
    return table


def named(change: Item) -> str:
    """The provision of a change, with its title, specification and exclusions."""
    words = [f"{change['kind']}/{change['ref']}"]
    if change.get("title"):
        words.append(f"“{change['title']}”")
    spec = " ".join(str(change[key]) for key in ("spec", "spec_version") if change.get(key))
    if spec:
        words.append(spec)
    if change.get("exclusions"):
        words.append(f"except {', '.join(change['exclusions'])}")
    return " ".join(words)


def specifications(specs: Iterable[Item] | None) -> str:
    """Specification versions as one text: `GBCS 2.0, GBCS 3.0`."""
    return ", ".join(" ".join(str(one[key]) for key in ("spec", "version") if one.get(key)) for one in specs or ())


def interval(valid: Item | None) -> str:
    """An interval of days, open at the end where nothing ends it."""
    return f"{(valid or {}).get('from') or '…'} to {(valid or {}).get('to') or '…'}"


def note(meta: Item) -> Text:
    """The line under an answer: for which day, as known when, and how far the sources speak."""
    words = [f"on {meta['as_of']}, as known at {meta['known_at']}"]
    if meta.get("up_to_date_as_of"):
        words.append(f"the sources speak of days up to {meta['up_to_date_as_of']}")
    return Text("; ".join(words), style="dim")
