"""`make bench`: runs every bench there is, prints one table, writes bench-results.json."""

import json
import os
import platform
import re
import sqlite3
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from services.collecting import collect_seldom

BENCHES = ("log", "reading", "answers", "rebuild", "commands", "proof", "audit", "kafka", "webhooks", "sse")
RESULTS = Path("bench-results.json")
WIDTH_IN_A_PIPE = 140

Row = Mapping[str, Any]


def main(wanted: list[str]) -> int:
    unknown = set(wanted) - set(BENCHES)
    if unknown:
        print(f"no such bench: {', '.join(sorted(unknown))}; expected {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    collect_seldom()  # as the command does
    found = []
    for name in wanted or BENCHES:
        print(f"bench.{name}", file=sys.stderr, flush=True)
        found += list(_told(import_module(f"bench.{name}").rows()))
    RESULTS.write_text(json.dumps({"machine": _machine(), "rows": found}, indent=2, default=str) + "\n")
    Console(width=None if sys.stdout.isatty() else WIDTH_IN_A_PIPE).print(_table(found))
    print(f"written to {RESULTS}")
    return 0


def met(row: Row) -> bool | None:
    """Whether the row's figure reaches its target: `>= 0.9`, `<= 1.3` or a bare number, which is a floor; null without one."""
    parts = re.match(r"\s*(>=|<=)?\s*([0-9.]+)", str(row["target"] or ""))
    figure = row["ratio"] if row["ratio"] is not None else row["ours"]
    if not parts or not isinstance(figure, (int, float)):
        return None
    return figure <= float(parts[2]) if parts[1] == "<=" else figure >= float(parts[2])


def _told(rows: Iterable[Row]) -> Iterable[dict[str, Any]]:
    for row in rows:
        print(f"  {row['database']} {row['name']}: {_figure(row['ours'])}", file=sys.stderr, flush=True)
        yield {**row, "met": met(row)}


def _machine() -> dict[str, Any]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "system": f"{platform.system()} {platform.machine()}",
    }


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table(title="ratios within this run", title_justify="left")
    for column in ("what", "database", "ours", "raw", "ratio", "target", ""):
        table.add_column(column, justify="right" if column in {"ours", "raw", "ratio"} else "left", overflow="fold")
    for row in rows:
        figures = [_figure(row[name]) for name in ("ours", "raw", "ratio")]
        verdict = {True: "[green]met[/]", False: "[red]short[/]", None: ""}[row["met"]]
        table.add_row(str(row["name"]), str(row["database"]), *figures, str(row["target"] or ""), verdict)
    return table


def _figure(value: object) -> str:
    if isinstance(value, float) and abs(value) < 100:
        return f"{value:.2f}"
    return f"{value:,.0f}" if isinstance(value, (int, float)) else str(value or "")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
