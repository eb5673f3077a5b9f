"""The commands that take documents: `read` and `ingest`."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import Engine

from events.errors import Rejected
from services.doors.tokens import LOCAL
from services.ingest.codes import grammars
from services.ingest.reading import plain
from services.ingest.recorder import record
from services.ingest.sources.text import decode
from services.settings import Settings
from services.terminal import readings
from services.terminal.files import document, media_type, name
from services.terminal.ledger import catch_up, ledger, settings
from services.terminal.options import Code, Printed
from services.terminal.screen import Format, show


def read(
    file: Annotated[
        Path, typer.Argument(help="A source document; `-`: standard input.", metavar="FILE", readable=False)
    ],
    code: Code = "sec",
    format: Printed = Format.table,  # noqa: A002 - the option's name
) -> None:
    """Reads a source document and prints what it says; writes nothing."""
    data = document(file, settings().max_source_bytes)
    with _naming(file):
        text = decode(data, settings().max_source_bytes)
        said = plain(grammars.read(text, code))
    source = {
        "name": name(file),
        "sha256": hashlib.sha256(data).hexdigest(),
        "media_type": media_type(file),
        "chars": len(text),
    }
    show(format, {"source": source, **said}, readings.reading)


def ingest(
    documents: Annotated[
        list[Path],
        typer.Argument(
            help="Source documents, recorded in this order; `-`: standard input.", metavar="FILE...", readable=False
        ),
    ],
    code: Code = "sec",
    reread: Annotated[
        bool,
        typer.Option("--reread", help="Read bytes already recorded with this release's reader; record what differs."),
    ] = False,
    kind: Annotated[
        str, typer.Option("--kind", help="The kind of source, which says how far it is believed.", metavar="KIND")
    ] = "table",
    format: Printed = Format.table,  # noqa: A002
) -> None:
    """Reads documents and records what is new in them, each whole or not at all; a second time nothing is new."""
    own = settings()
    with ledger(own.ledger_url()) as engine:
        for file in documents:
            data = document(file, own.max_source_bytes)
            with _naming(file):
                done = record_one(engine, own, data, name(file), code, media_type(file), reread=reread, kind=kind)
            show(format, done, partial(readings.recording, name(file)))
            if engine.dialect.name == "sqlite":  # an embedded ledger has no worker beside it
                catch_up(engine)


def record_one(
    engine: Engine,
    settings: Settings,
    data: bytes,
    name: str,
    code: str,
    media_type: str,
    *,
    reread: bool,
    kind: str = "table",
) -> dict[str, Any]:
    """What recording one document did, as REST gives it."""
    limit = settings.max_source_bytes
    done = record(
        engine, data, name, code, media_type=media_type, actor=LOCAL, max_bytes=limit, reread=reread, kind=kind
    )
    return done.plain()


@contextmanager
def _naming(file: Path) -> Iterator[None]:
    """A refusal of what the file holds names the file."""
    try:
        yield
    except Rejected as refusal:
        raise Rejected(f"{file}: {refusal}") from refusal
