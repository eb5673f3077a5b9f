"""The commands of `inforce key`, and `inforce checkpoint`: who signs the log, and what was signed last."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import sqlalchemy as sa
import typer

from services.database import translated
from services.projection.proof import checkpoints, keys, rotation
from services.settings import Settings
from services.terminal.ledger import ledger, settings
from services.terminal.screen import tell

app = typer.Typer(help="The key that signs the log's checkpoints: makes it, shows who verifies it, rotates it.")

Origin = Annotated[
    str | None,
    typer.Option(
        "--origin",
        help="The log's name for ever: its URL without scheme.  [default: from INFORCE_PUBLIC_URL, else made up]",
        metavar="NAME",
    ),
]


@app.command("new")
def new(origin: Origin = None) -> None:
    """Makes the log's signing key, once, and prints its verifier key; a log that has checkpoints keeps the key it has."""
    ready = settings()
    with _transaction(ready) as connection:
        signer = rotation.begin(connection, ready.key_file(), origin or _default(connection, ready))
    tell(
        f"the key is at {ready.key_file()}: keep a copy of it, and of {ready.key_file()}.last as it comes, somewhere else"
    )
    typer.echo(signer.verifier.text())


@app.command("show")
def show() -> None:
    """Prints the verifier keys of those who sign, the newest first; never a private key."""
    for signer in keys.load(settings().key_file()):
        typer.echo(signer.verifier.text())


@app.command("rotate")
def rotate() -> None:
    """Adds a new key, which signs beside the old one from now on; prints its verifier key, to be given to all who verify."""
    ready = settings()
    with _transaction(ready) as connection:
        added = rotation.rotate(connection, ready.key_file())
    tell("both keys sign now; `inforce key retire` ends the old one when all who verify have the new one")
    typer.echo(added.verifier.text())


@app.command("retire")
def retire() -> None:
    """Ends every key but the newest; their verifier keys stay published, what they signed stays valid."""
    for ended in rotation.retire(settings().key_file()):
        tell(f"{ended.text()} signs no more")


def checkpoint() -> None:
    """Prints the latest signed checkpoint, to be kept where nobody who keeps the ledger can change it."""
    with _transaction(settings()) as connection:
        note = checkpoints.current(connection).note
    sys.stdout.buffer.write(note)
    sys.stdout.buffer.flush()


def own_key(engine: sa.Engine, ready: Settings) -> None:
    """Makes the signing key of a ledger that has none and never had; a damaged or missing one is refused."""
    with translated(), engine.begin() as connection:
        rotation.ensure(connection, ready.key_file(), _default(connection, ready))


def _default(connection: sa.Connection, ready: Settings) -> str | None:
    """The log's URL, never host and port of this process; null where it is not set, or the log has its name already."""
    if ready.public_url is None or checkpoints.latest(connection):
        return None
    return f"{ready.links_url().partition('://')[2]}/v1/log"


@contextmanager
def _transaction(ready: Settings) -> Iterator[sa.Connection]:
    with ledger(ready.ledger_url()) as engine, translated(), engine.begin() as connection:
        yield connection
