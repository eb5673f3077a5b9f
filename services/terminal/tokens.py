"""The commands of `inforce token`: who may write over HTTP."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer
from rich.console import RenderableType

from services.database import translated
from services.doors import tokens
from services.doors.tokens import Scope
from services.terminal.ledger import ledger, settings
from services.terminal.options import Printed
from services.terminal.rows import grid
from services.terminal.screen import Format, show, tell

app = typer.Typer(help="Who may write over HTTP: makes, lists and revokes tokens.")

Name = Annotated[
    str, typer.Argument(help="Whose it is: what is recorded with it names this as the actor.", metavar="NAME")
]
Scopes = Annotated[list[Scope], typer.Option("--scope", help="What it is for; may be given several times.")]


@app.command("create")
def create(name: Name, scope: Scopes, format: Printed = Format.table) -> None:  # noqa: A002
    """Makes a token and prints it, once: only its digest is kept. From the first one on, writing needs one."""
    with ledger(settings().ledger_url()) as engine:
        with translated(), engine.begin() as connection:
            secret = tokens.create(connection, name, scope)
        tell("keep it now: it is not shown again, and whoever has it can write in that name")
        if format is Format.table:
            typer.echo(secret)
        else:
            show(format, {"name": name, "scopes": [each for each in Scope if each in scope], "token": secret}, _listed)


@app.command("list")
def every(format: Printed = Format.table) -> None:  # noqa: A002
    """Every token ever made: its name, what it is for, when it was made and revoked; never the token itself."""
    with ledger(settings().ledger_url()) as engine:
        with translated(), engine.connect() as connection:
            items = tokens.listed(connection)
        show(format, {"items": items}, _listed)


@app.command("revoke")
def revoke(name: Name) -> None:
    """From now on nobody enters with that token; its name is not given again."""
    with ledger(settings().ledger_url()) as engine:
        with translated(), engine.begin() as connection:
            moment = tokens.revoke(connection, name)
        tell(f"{name} is revoked since {moment:%Y-%m-%dT%H:%M:%SZ}")


def _listed(answer: Mapping[str, Any]) -> Iterator[RenderableType]:
    rows = ((one["name"], ", ".join(one["scopes"]), one["created_at"], one["revoked_at"]) for one in answer["items"])
    yield grid("", ["name", "scopes", "created", "revoked"], rows)
