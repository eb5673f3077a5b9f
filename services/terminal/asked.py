"""A command typed, to the body that REST takes, and recorded as REST records it."""

import hashlib
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import typer

from events.errors import Rejected
from events.receipt import Key
from services.doors.tokens import LOCAL
from services.ingest.commands.asking import Asking
from services.ingest.commands.kinds import COMMANDS
from services.ingest.commands.recording import record
from services.ingest.commands.working import described
from services.terminal import arguments, outcomes
from services.terminal.files import document
from services.terminal.ledger import catch_up, ledger, settings
from services.terminal.screen import Format, show

MOST = 256 * 1024
_LISTS = ("legal_basis", "proposals", "exclusions")
_NOTHING = "none"


class Asked(NamedTuple):
    """How a command is asked: of which code, in earnest or not, under which key, on which version of its stream."""

    code: str
    dry_run: bool
    key: str | None
    if_match: int | None


def ask(command: str, body: dict[str, Any] | bytes, asked: Asked, printed: Format) -> None:
    """Records the command on the ledger that the settings name, or tries it, and prints what came of it."""
    data = body if isinstance(body, bytes) else orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
    with ledger(settings().ledger_url()) as engine:
        said, work = COMMANDS[command](described(asked.code), data, LOCAL)
        digest = hashlib.sha256(command.encode() + b"\n" + asked.code.encode() + b"\n" + data).digest()
        key = Key(asked.key, digest) if asked.key else None
        outcome = record(engine, Asking(asked.code, said, key, asked.if_match, asked.dry_run), work)
        show(printed, orjson.loads(outcome.body), outcomes.foreseen if asked.dry_run else outcomes.recorded)
        if engine.dialect.name == "sqlite" and not asked.dry_run:  # an embedded ledger has no worker beside it
            catch_up(engine)


def body_in(file: str) -> bytes:
    """The body that a file holds, or standard input, byte for byte; nothing but the file says what is recorded."""
    data = document(Path(file), MOST)
    try:
        body = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Rejected(f"{file}: expected the body of a command in JSON; {error}") from None
    if not isinstance(body, dict):
        raise Rejected(f"{file}: expected a JSON object, found {type(body).__name__}")
    return data


def source(name: str | None, quote: str | None, url: str | None) -> dict[str, str]:
    """Where it is said; a usage error where it is not said where."""
    for option, value in (("--source-name", name), ("--quote", quote)):
        if not value:
            raise typer.BadParameter(f"{option} is missing: what is recorded rests on somebody's words")
    return {key: value for key, value in {"name": name, "quote": quote, "url": url}.items() if value}


def day_in(text: str | None) -> str | None:
    """A calendar day as typed; null for none, and where nothing is typed."""
    return None if text in (None, _NOTHING) else arguments.day(str(text)).isoformat()


def change_in(code: str, text: str) -> dict[str, Any]:
    """The change that words say, as `amended section/H15`, a title after them; a usage error where they say none."""
    action, _, rest = text.strip().partition(" ")
    ref, _, title = rest.strip().partition(" ")
    if not action or not ref:
        raise typer.BadParameter(f'{text!r} is no change; expected one like "amended section/H15"')
    named = arguments.provision(code, ref)
    told = {"action": action, "kind": named.kind, "ref": named.ref}
    return told | ({"title": title.strip()} if title.strip() else {})


def field_in(text: str) -> tuple[str, Any]:
    """A field and its value, as `effective=2018-06-01`; none is null, lists are written with commas."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise typer.BadParameter(f"{text!r} sets no field; expected one like effective=2018-06-01")
    if name in _LISTS:
        return name, [] if value == _NOTHING else [each.strip() for each in value.split(",")]
    if name == "alongside" and value in ("true", "false"):
        return name, value == "true"
    return name, None if value == _NOTHING else value
