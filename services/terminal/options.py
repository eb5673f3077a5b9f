"""The options and arguments that several commands share."""

from datetime import date
from typing import Annotated

import typer

from services.terminal import arguments
from services.terminal.screen import Format

Code = Annotated[str, typer.Option("--code", help="The industry code.", metavar="CODE")]
Printed = Annotated[Format, typer.Option("--format", help="A table for people, or the JSON that REST gives.")]
AsOf = Annotated[
    date | None,
    typer.Option(
        "--as-of", help="The legal day asked about; today if not given.", metavar="DATE", parser=arguments.day
    ),
]
KnownAt = Annotated[
    arguments.KnownTime | None,
    typer.Option(
        "--known-at",
        help="As known then: an instant like 2026-01-31T12:00:00Z, or pos:181; now if not given.",
        metavar="T",
        parser=arguments.known,
    ),
]
Host = Annotated[
    str | None, typer.Option("--host", help="The address to listen on.  [default: 127.0.0.1]", metavar="HOST")
]
Port = Annotated[
    int | None,
    typer.Option("--port", help="The port to listen on; 0 takes a free one.  [default: 8000]", min=0, max=65_535),
]
Open = Annotated[
    bool, typer.Option("--open", help="Let others than this machine write although no token has been made.")
]
Reference = Annotated[
    str, typer.Argument(help="A provision: section/H15, or H15 where only one kind fits.", metavar="REF")
]
