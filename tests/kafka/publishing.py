"""A publisher in a thread of this process, and one in a process of its own that can be killed."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from services.projection.kept import Clock, now
from services.projection.publish.channels import CHANNELS
from services.projection.publish.cursors import told
from services.projection.publish.publisher import run
from services.settings import Settings

INFORCE = Path(sys.executable).with_name("inforce")
EVENTS, PROVISIONS, CHECKPOINTS = CHANNELS


@contextmanager
def publishing(engine: sa.Engine, settings: Settings, *channels: Any, clock: Clock = now) -> Iterator[list[str]]:
    """Publishes the channels until the end; what the publishers said meanwhile."""
    stop, said = threading.Event(), list[str]()
    threads = [
        threading.Thread(target=run, args=(engine, settings, each, stop, said.append, clock)) for each in channels
    ]
    for each in threads:
        each.start()
    try:
        yield said
    finally:
        stop.set()
        for each in threads:
            each.join(20)
    assert not any(each.is_alive() for each in threads)


@contextmanager
def publisher(settings: Settings, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`inforce publish` as a process; killed at the end."""
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("INFORCE_")}
    surroundings |= {
        "INFORCE_DATABASE_URL": settings.database_url,
        "INFORCE_DATA_DIR": str(settings.data_dir),
        "INFORCE_KAFKA_BOOTSTRAP": settings.kafka_bootstrap or "",
    }
    command = [str(INFORCE), "publish", *arguments]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=surroundings, **pipes) as process:
        try:
            yield process
        finally:
            process.kill()


def cursor(engine: sa.Engine, channel: str) -> dict[str, Any]:
    """What the status says of a channel; empty before it has begun."""
    with engine.connect() as connection:
        return next((each for each in told(connection, 0) if each["channel"] == channel), {})


def position(engine: sa.Engine, channel: str) -> int:
    """Where a channel stands."""
    return int(cursor(engine, channel).get("position", 0))
