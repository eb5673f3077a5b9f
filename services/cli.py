"""The command `inforce`: every command of it, and the exit code of every refusal (0 done, 1 refused, 2 usage, 3 unavailable)."""

import sys
from typing import NoReturn

import typer

from events.errors import Conflict, NotFound, Rejected, Unavailable
from services.terminal import (
    asking,
    auditing,
    commanding,
    deciding,
    following,
    moving,
    proposing,
    proving,
    publishing,
    recording,
    replaying,
    running,
    screen,
    subscribing,
    tailing,
    tokens,
)

app = typer.Typer(
    name="inforce",
    help="What of an industry code was in force on any day, who changed it, and on what authority.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("demo")(running.demo)
app.command("read")(recording.read)
app.command("ingest")(recording.ingest)
app.command("in-force")(asking.in_force)
app.command("history")(asking.history)
app.command("diff")(asking.diff)
app.command("direct")(commanding.direct)
app.command("approve")(commanding.approve)
app.command("correct")(commanding.correct)
app.command("retract")(commanding.retract)
app.command("reschedule")(commanding.reschedule)
app.command("cancel")(commanding.cancel)
app.command("status")(asking.status)
app.command("conflicts")(deciding.conflicts)
app.command("resolve")(deciding.resolve)
app.command("proposal")(proposing.proposal)
app.command("impact")(proposing.impact)
app.command("tail")(tailing.tail)
app.command("subscribe")(subscribing.subscribe)
app.command("serve")(running.serve)
app.command("project")(running.project)
app.command("clock")(running.clock)
app.command("publish")(publishing.publish)
app.command("replay")(replaying.replay_log)
app.command("checkpoint")(proving.checkpoint)
app.command("verify")(auditing.verify)
app.command("audit")(auditing.audit)
app.command("export")(moving.export)
app.command("import")(moving.import_)
app.command("follow")(following.follow)
app.command("migrate")(running.migrate)
app.add_typer(proving.app, name="key")
app.add_typer(tokens.app, name="token")


def main() -> None:
    """Runs the command that was typed; ends the process with its exit code, a refusal told in one line on standard error."""
    try:
        sys.exit(app(args=sys.argv[1:] or ["--help"], prog_name="inforce", standalone_mode=False))
    except typer.TyperException as misuse:
        _end(misuse.exit_code, misuse.format_message())
    except (Rejected, Conflict, NotFound) as refusal:
        nearest = getattr(refusal, "extra", {}).get("nearest") or ()
        _end(1, f"{refusal}{'; nearest: ' if nearest else ''}{', '.join(nearest)}")
    except Unavailable as refusal:
        _end(3, str(refusal))
    except OSError as error:
        _end(1, f"{error.filename or 'inforce'}: {error.strerror or error}")


def _end(code: int, why: str) -> NoReturn:
    screen.tell(f"inforce: {why}")
    sys.exit(code)
