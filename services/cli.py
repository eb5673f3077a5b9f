"""The command `inforce`: every command of it, and the exit code of every refusal (0 done, 1 refused, 2 usage, 3 unavailable)."""

import sys
from collections.abc import Iterable
from importlib import import_module, metadata
from typing import Annotated, NoReturn

import typer

from events.errors import Conflict, NotFound, Rejected, Unavailable
from services.collecting import collect_seldom
from services.terminal import screen

COMMANDS = {
    "demo": ("running", "demo"),
    "read": ("recording", "read"),
    "ingest": ("recording", "ingest"),
    "in-force": ("asking", "in_force"),
    "history": ("asking", "history"),
    "diff": ("asking", "diff"),
    "direct": ("commanding", "direct"),
    "approve": ("commanding", "approve"),
    "correct": ("commanding", "correct"),
    "retract": ("commanding", "retract"),
    "reschedule": ("commanding", "reschedule"),
    "cancel": ("commanding", "cancel"),
    "progress": ("progressing", "progress"),
    "status": ("asking", "status"),
    "conflicts": ("deciding", "conflicts"),
    "resolve": ("deciding", "resolve"),
    "proposal": ("proposing", "proposal"),
    "impact": ("proposing", "impact"),
    "tail": ("tailing", "tail"),
    "subscribe": ("subscribing", "subscribe"),
    "serve": ("running", "serve"),
    "project": ("running", "project"),
    "clock": ("running", "clock"),
    "publish": ("publishing", "publish"),
    "replay": ("replaying", "replay_log"),
    "checkpoint": ("proving", "checkpoint"),
    "verify": ("auditing", "verify"),
    "audit": ("auditing", "audit"),
    "export": ("moving", "export"),
    "import": ("moving", "import_"),
    "follow": ("following", "follow"),
    "migrate": ("running", "migrate"),
}
"""Each command's module in `services.terminal`, and its function there."""

GROUPS = {"key": "proving", "token": "tokens"}
"""Each group of commands, and its module."""


def app(names: Iterable[str] = (*COMMANDS, *GROUPS)) -> typer.Typer:
    """The command with those commands of it; only their modules are loaded, which takes most of a start."""
    built = typer.Typer(
        name="inforce",
        help="What of an industry code was in force on any day, who changed it, and on what authority.",
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    built.callback(invoke_without_command=True)(_whole)
    for name in names:
        module, function = COMMANDS.get(name, (GROUPS.get(name), "app"))
        loaded = getattr(import_module(f"services.terminal.{module}"), function)
        if name in GROUPS:
            built.add_typer(loaded, name=name)
        else:
            built.command(name)(loaded)
    return built


def _whole(
    version: Annotated[bool, typer.Option("--version", help="Show which release this is and exit.")] = False,
) -> None:
    """Keeps one command alone from standing for the whole."""
    if version:
        typer.echo(f"inforce {metadata.version('inforce')}")
        raise typer.Exit


def main() -> None:
    """Runs the command that was typed; ends the process with its exit code, a refusal told in one line on standard error."""
    try:
        arguments = sys.argv[1:] or ["--help"]
        command = app([arguments[0]]) if arguments[0] in COMMANDS.keys() | GROUPS.keys() else app()
        collect_seldom()
        sys.exit(command(args=arguments, prog_name="inforce", standalone_mode=False))
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
