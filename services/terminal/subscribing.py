"""The command `subscribe`: a webhook made from the terminal, its secret shown once."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from events.driver_errors import translated
from services.terminal.ledger import ledger, settings
from services.terminal.screen import tell

ACTOR = "cli"

Types = Annotated[
    list[str] | None,
    typer.Option(
        "--type",
        help="Only events of such a type: section.activated, section.*; log.checkpoint: signed checkpoints.",
        metavar="GLOB",
    ),
]
Codes = Annotated[list[str] | None, typer.Option("--code", help="Only events of this code.", metavar="CODE")]
Affected = Annotated[
    list[str] | None,
    typer.Option("--affected", help="Only what is about this provision or a part of it.", metavar="KIND/REF"),
]
From = Annotated[
    str, typer.Option("--from", help="Deliver what comes from now on, from the start, or after a position.")
]


def subscribe(
    url: Annotated[str, typer.Argument(help="The https URL to deliver to.", metavar="URL")],
    types: Types = None,
    codes: Codes = None,
    affected: Affected = None,
    start: From = "now",
) -> None:
    """Delivers events to a URL by webhook; prints the subscription's id and, this once, its secret."""
    # The cryptography takes a while to load, which other commands need not wait for.
    from services.projection.publish.webhooks import making

    own = settings()
    after = int(start) if start.isascii() and start.isdigit() and len(start) < 19 else start
    told: dict[str, Any] = {"url": url, "types": types, "codes": codes, "affected": affected, "from": after}
    with ledger(own.ledger_url()) as engine:
        asked = making.asked(engine, own, told)
        with translated(), engine.begin() as connection:
            row, secret = making.made(connection, own, asked, ACTOR, datetime.now(UTC))
    typer.echo(f"id: {row.id}\nsecret: {secret}")
    tell(f"delivers what comes after position {row.position} to {row.url}; the secret is not shown again")
