"""The command `tail`: the events of the log on the terminal, one a line, as they are recorded."""

import signal
from threading import Event
from typing import Annotated

import orjson
import typer
from sqlalchemy import Engine

from events import store
from events.driver_errors import translated
from events.envelope import cloud_event
from events.errors import Rejected
from services.projection.publish.tail import follow
from services.projection.publish.wanted import Wanted, of_type, wants
from services.settings import Settings
from services.terminal import arguments
from services.terminal.event_lines import line
from services.terminal.ledger import ledger, settings
from services.terminal.options import Printed
from services.terminal.pipe import abandoned, put, silence, width
from services.terminal.screen import Format

LOOK = 0.5
"""Seconds between two looks whether anybody still reads, while nothing is recorded."""


class BeyondTheEnd(Rejected):
    """The log does not reach that position; the message names it and the last one."""


def tail(
    after: Annotated[
        int | None,
        typer.Option("--after", help="Begin after this position; with what comes from now on if not given.", min=0),
    ] = None,
    type_: Annotated[
        str | None,
        typer.Option("--type", help="Only events of such a type: section.activated, section.*", metavar="GLOB"),
    ] = None,
    code: Annotated[str | None, typer.Option("--code", help="Only events of this code.", metavar="CODE")] = None,
    affected: Annotated[
        str | None, typer.Option("--affected", help="Only what is about this provision or a part of it.", metavar="REF")
    ] = None,
    format: Printed = Format.table,  # noqa: A002
) -> None:
    """Follows the log, one event a line, until stopped."""
    about = arguments.provision(code or "sec", affected) if affected else None
    wanted = Wanted(of_type(type_), code, f"{about.kind}/{about.ref}" if about else None)
    own = settings()
    try:
        with ledger(own.answers_url()) as engine:
            start = _start(engine, after)
            for each in (signal.SIGINT, signal.SIGTERM):
                signal.signal(each, signal.default_int_handler)
            _follow(engine, own, start, wanted, format)
    except KeyboardInterrupt:
        pass
    except BrokenPipeError:
        silence()


def _start(engine: Engine, after: int | None) -> int:
    with translated(), engine.connect() as connection:
        end = store.last_position(connection)
    if after is not None and after > end:
        raise BeyondTheEnd(f"--after: position {after} lies beyond the log's last one, {end}")
    return end if after is None else after


def _follow(engine: Engine, own: Settings, start: int, wanted: Wanted, printed: Format) -> None:
    for events in follow(engine, start, Event(), idle=LOOK):
        chosen = [each for each in events if wants(wanted, each)]
        if printed is Format.json:
            put(orjson.dumps(cloud_event(each, own.links_url()), option=orjson.OPT_APPEND_NEWLINE) for each in chosen)
        else:
            put(f"{line(each, width())}\n".encode() for each in chosen)
        if not events and abandoned():
            return
