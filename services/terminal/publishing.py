"""The command `publish`: events, the current state of provisions and signed checkpoints to Kafka."""

import signal
import threading
from typing import Annotated

import typer
from sqlalchemy import Engine

from events import store
from events.driver_errors import translated
from events.errors import Conflict, Rejected, Unavailable
from services.background import Loops
from services.projection.kept import now
from services.projection.publish.cursors import Place, move, place, turn
from services.projection.publish.publishing import loops
from services.settings import Settings
from services.terminal.ledger import ledger, settings
from services.terminal.screen import tell


class BeyondTheEnd(Rejected):
    """The log does not reach that position; the message names it and the last one."""


class PublishedElsewhere(Conflict):
    """Another process publishes the channel, so its cursor cannot be moved."""


def _position(text: str) -> int:
    if text == "start":
        return 0
    if text.isascii() and text.isdigit():
        return int(text[:19])
    raise typer.BadParameter(f"{text[:40]!r}; expected `start` or a position")


def publish(
    origin: Annotated[
        int | None,
        typer.Option(
            "--from",
            help="Publish again what comes after this position; `start`: everything.",
            metavar="start|POSITION",
            parser=_position,
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print topic, key, position and type of each message, and send nothing.")
    ] = False,
) -> None:
    """Delivers webhooks; publishes events, provisions and checkpoints to Kafka where brokers are set; until stopped."""
    own = settings()
    if not own.kafka_bootstrap and origin is not None and not dry_run:
        raise typer.BadParameter("INFORCE_KAFKA_BOOTSTRAP is not set; --from expects brokers as host:port,...")
    with ledger(own.ledger_url()) as engine:
        _refuse_beyond(engine, origin)
        if dry_run:
            _print(engine, own, origin)
            return
        if own.kafka_bootstrap:
            _refuse_wrong_topics(own)
        if origin is not None:
            _set_back(engine, origin)
        _run(engine, own)


def _refuse_beyond(engine: Engine, origin: int | None) -> None:
    with translated(), engine.connect() as connection:
        end = store.last_position(connection)
    if origin is not None and origin > end:
        raise BeyondTheEnd(f"--from: position {origin} lies beyond the log's last one, {end}")


def _refuse_wrong_topics(own: Settings) -> None:
    # Loaded by this command alone.
    from services.projection.publish import kafka
    from services.projection.publish.topics import CHECKPOINTS, EVENTS, PROVISIONS

    try:
        for each in (EVENTS, PROVISIONS, CHECKPOINTS):
            kafka.check(own, each)
    except Unavailable as away:
        tell(f"{away}; tried again until it does")


def _set_back(engine: Engine, origin: int) -> None:
    from services.projection.publish.channels import CHANNELS

    for each in CHANNELS:
        with turn(engine, each.name) as held:
            if held is None:
                raise PublishedElsewhere(f"another process publishes {each.name}: stop it before its cursor is moved")
            move(held, each.name, each.after(held, origin), place(held, each.name).day if origin else None)


def _run(engine: Engine, own: Settings) -> None:
    stop = threading.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: stop.set())
    running = Loops()
    for name, loop in loops(engine, own, tell):
        running.start(name, loop)
    brokers = f"publishes to {own.kafka_bootstrap}" if own.kafka_bootstrap else "has no brokers set"
    tell(f"inforce {brokers} and delivers webhooks (Ctrl-C stops it)")
    if own.kafka_bootstrap and own.public_url is None:
        tell(f"INFORCE_PUBLIC_URL is not set: the links in what is published lead to {own.links_url()}")
    stop.wait()
    running.stop()


def _print(engine: Engine, own: Settings, origin: int | None) -> None:
    from services.projection.publish.channels import CHANNELS

    for each in CHANNELS:
        stop = threading.Event()
        with translated(), engine.connect() as connection:
            stands = place(connection, each.name)
            at = stands if origin is None else Place(each.after(connection, origin), stands.day if origin else None)
        for step in each.steps(engine, own, at, stop, now):
            for message in step.messages:
                typer.echo(f"{each.topic.name} {message.key.decode()} {message.position} {message.type}")
            if step.idle:
                stop.set()
