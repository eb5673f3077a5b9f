"""The commands that take a whole ledger out and put it in again: `export` and `import`."""

import os
from pathlib import Path
from tempfile import mkstemp
from typing import Annotated

import typer

from services.audit.export import export as exported
from services.audit.importing import bring
from services.database import translated
from services.terminal import screen
from services.terminal.ledger import catch_up, ledger, settings


def export(
    file: Annotated[Path, typer.Argument(help="Where to write the ledger to.", metavar="FILE.ndjson")],
) -> None:
    """Writes the whole ledger to a file: every entry exactly as it is stored, the documents, the idempotency keys."""
    handle, name = mkstemp(prefix=f".{file.name}.", dir=file.parent)
    try:
        with open(handle, "wb") as written, ledger(settings().ledger_url()) as engine:
            with screen.moving("exporting") as moved:
                count = exported(engine, written, moved)
            written.flush()
            os.fsync(written.fileno())
        os.replace(name, file)
    finally:
        Path(name).unlink(missing_ok=True)
    screen.tell(f"{count} events written to {file}; the signing key is not among them")


def import_(
    file: Annotated[Path, typer.Argument(help="A file that `inforce export` wrote.", metavar="FILE.ndjson")],
) -> None:
    """Puts an exported ledger into an empty one: the same positions, times, hashes and root; whole or not at all."""
    with file.open("rb") as lines, ledger(settings().ledger_url()) as engine:
        with screen.moving("importing") as moved, translated(), engine.begin() as connection:
            count, signed = bring(connection, lines, moved)
        screen.tell(f"{count} events put in")
        if signed is not None:
            screen.tell(
                f"the log is {signed.origin}: its signing.key and signing.key.last belong here, to go on as that log"
            )
        if engine.dialect.name == "sqlite":  # an embedded ledger has no worker beside it
            catch_up(engine)
