"""The commands that run and keep the services: `demo`, `serve`, `project`, `clock`, `migrate`."""

import signal
import threading
from datetime import UTC, datetime
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from services import database
from services.doors.guarded import refuse_unguarded
from services.ingest import clock as legal_clock
from services.law.days import london_day
from services.projection import runner
from services.settings import Settings
from services.terminal import proving, readings, screen
from services.terminal.ledger import catch_up, ledger, settings
from services.terminal.options import Host, Open, Port
from services.terminal.recording import record_one

SHIPPED = "sec-version-control-v5.16.txt"


class Part(StrEnum):
    """The sides that can be served."""

    ingest = "ingest"
    projection = "projection"
    all = "all"


def demo(
    host: Host = None,
    port: Port = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="Where the ledger is kept.  [default: inforce-data]", metavar="DIR")
    ] = None,
    openly: Open = False,
) -> None:
    """Everything in one process: records the shipped SEC table, then serves answers; a second start finds nothing new."""
    # The web server takes a while to load, which other commands need not wait for.
    from services.terminal import serving

    own = {"database_url": "", "reader_database_url": None} | ({"data_dir": data} if data else {})
    ready, listening = serving.listen(_opened(openly).model_copy(update=own), host, port)
    shipped = files("services.ingest").joinpath("shipped", SHIPPED).read_bytes()
    with listening:
        with ledger(ready.ledger_url()) as engine:
            refuse_unguarded(engine, ready)
            done = record_one(engine, ready, shipped, SHIPPED, "sec", "text/plain", reread=False)
            screen.tell(f"{SHIPPED}: {readings.news(done)}; kept in {ready.data_dir}")
            catch_up(engine)
            proving.own_key(engine, ready)
        serving.serve(ready, listening, {"ingest", "projection"})


def serve(
    part: Annotated[Part, typer.Argument(help="The side that takes documents, the side that answers, or both.")],
    host: Host = None,
    port: Port = None,
    openly: Open = False,
) -> None:
    """Serves the API until stopped."""
    # As in `demo`.
    from services.terminal import serving

    ready, listening = serving.listen(_opened(openly), host, port)
    with listening:
        # Refused here, in one line, where the ledger is not as this release needs it.
        with ledger(ready.ledger_url()) as engine:
            refuse_unguarded(engine, ready)
        serving.serve(ready, listening, {"ingest", "projection"} if part is Part.all else {part.value})


def project(
    once: Annotated[bool, typer.Option("--once", help="Stop at the end of the log.")] = False,
) -> None:
    """Brings the read models up to the end of the log, then follows it until stopped."""
    stop = threading.Event()
    with ledger(settings().ledger_url()) as engine:
        screen.tell(f"projected up to position {catch_up(engine)}")
        if not once:
            for each in (signal.SIGINT, signal.SIGTERM):
                signal.signal(each, lambda *_: stop.set())
            runner.run(engine, stop)


def clock(
    once: Annotated[bool, typer.Option("--once", help="Stop when all is told whose day has come.")] = False,
) -> None:
    """Tells the log what takes effect, on its London day and once; after a time without a clock, what was missed, in order."""
    stop = threading.Event()
    with ledger(settings().ledger_url()) as engine:
        if once:
            told = 0
            while more := legal_clock.take_effect(engine, london_day(datetime.now(UTC))):
                told += more
            screen.tell(f"{told} changes took effect")
            return
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, lambda *_: stop.set())
        legal_clock.run(engine, stop)


def migrate() -> None:
    """Brings the database to the schema of this release; prints what is left for an administrator to run."""
    with ledger(settings().ledger_url(), prepared=False) as engine:
        for statement in database.migrate(engine):
            typer.echo(statement)
        with database.translated(), engine.connect() as connection:
            screen.tell(f"the database is at revision {database.revision_of(connection)}")


def _opened(openly: bool) -> Settings:
    return settings().model_copy(update={"open": True} if openly else {})
