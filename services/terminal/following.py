"""The command `follow`: a mirror of another ledger's log, and its alarm."""

import signal
import threading
from typing import Annotated

import typer

from services.audit import follow as following
from services.audit.fetching import Remote
from services.terminal import screen
from services.terminal.auditing import Key, verifier_keys
from services.terminal.ledger import ledger, settings


def follow(
    url: Annotated[str, typer.Argument(help="The service whose log is mirrored.", metavar="URL")],
    key: Key = None,
    once: Annotated[bool, typer.Option("--once", help="Stop at the latest checkpoint.")] = False,
    every: Annotated[
        float, typer.Option("--every", help="Seconds between two looks.", min=0.1, max=3600, metavar="SECONDS")
    ] = 5.0,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on although an alarm stands: its evidence was looked at.")
    ] = False,
) -> None:
    """Mirrors another ledger in this empty one: verifies every entry against signed checkpoints, raises the alarm on a fork."""
    own, stop = settings(), threading.Event()
    given = "\n".join(each.text() for each in verifier_keys(key)) or None
    with ledger(own.ledger_url()) as engine, Remote(url) as remote:
        ready = following.Following(engine, remote, own.data_dir / "evidence")
        if following.begin(ready, given, resume=resume):
            screen.tell(f"the key comes from {remote.url} itself: compare it with one that you got another way, --key")
        with screen.moving("following") as moved:
            if once:
                screen.tell(f"{following.turn(ready, moved)} entries, verified")
                return
            for each in (signal.SIGINT, signal.SIGTERM):
                signal.signal(each, lambda *_: stop.set())
            following.run(ready, stop, every, moved, screen.tell)
