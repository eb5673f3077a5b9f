"""The command `inforce`: every command of it, and the exit code of every refusal (0 done, 1 refused, 2 usage, 3 unavailable)."""

import hashlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from pydantic import ValidationError
from sqlalchemy import Connection, Engine

from events.errors import Conflict, NotFound, Rejected, Unavailable
from services import database
from services.ingest.codes import grammars
from services.ingest.reading import plain
from services.ingest.recorder import record
from services.ingest.sources.text import decode
from services.projection import queries, runner
from services.settings import Settings
from services.terminal import answers, arguments, questions, readings, screen, serving
from services.terminal.files import document, media_type, name
from services.terminal.screen import Format


class Part(StrEnum):
    """The sides that can be served."""

    ingest = "ingest"
    projection = "projection"
    all = "all"


SHIPPED = "sec-version-control-v5.16.txt"

app = typer.Typer(
    name="inforce",
    help="What of an industry code was in force on any day, who changed it, and on what authority.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Code = Annotated[str, typer.Option("--code", help="The industry code.", metavar="CODE")]
Printed = Annotated[Format, typer.Option("--format", help="A table for people, or the JSON that REST gives.")]
AsOf = Annotated[
    date | None,
    typer.Option(
        "--as-of", help="The legal day asked about; today if not given.", metavar="DATE", parser=arguments.day
    ),
]
KnownAt = Annotated[
    arguments.KnownTime | None,
    typer.Option(
        "--known-at",
        help="As known then: an instant like 2026-01-31T12:00:00Z, or pos:181; now if not given.",
        metavar="T",
        parser=arguments.known,
    ),
]
Host = Annotated[
    str | None, typer.Option("--host", help="The address to listen on.  [default: 127.0.0.1]", metavar="HOST")
]
Port = Annotated[
    int | None,
    typer.Option("--port", help="The port to listen on; 0 takes a free one.  [default: 8000]", min=0, max=65_535),
]
Reference = Annotated[
    str, typer.Argument(help="A provision: section/H15, or H15 where only one kind fits.", metavar="REF")
]


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


@app.command()
def demo(
    host: Host = None,
    port: Port = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="Where the ledger is kept.  [default: inforce-data]", metavar="DIR")
    ] = None,
) -> None:
    """Everything in one process: records the shipped SEC table, then serves answers; a second start finds nothing new."""
    own = {"database_url": "", "reader_database_url": None} | ({"data_dir": data} if data else {})
    settings, listening = serving.listen(_settings().model_copy(update=own), host, port)
    shipped = files("services.ingest").joinpath("shipped", SHIPPED).read_bytes()
    with _ledger(settings.ledger_url()) as engine:
        done = _record(engine, settings, shipped, SHIPPED, "sec", "text/plain", reread=False)
        screen.tell(f"{SHIPPED}: {readings.news(done)}; kept in {settings.data_dir}")
        _catch_up(engine)
    serving.serve(settings, listening, {"ingest", "projection"})


@app.command()
def read(
    file: Annotated[Path, typer.Argument(help="A source document.", metavar="FILE")],
    code: Code = "sec",
    format: Printed = Format.table,  # noqa: A002 - the option's name
) -> None:
    """Reads a source document and prints what it says; writes nothing."""
    data = document(file, _settings().max_source_bytes)
    with _naming(file):
        text = decode(data, _settings().max_source_bytes)
        said = plain(grammars.read(text, code))
    source = {
        "name": name(file),
        "sha256": hashlib.sha256(data).hexdigest(),
        "media_type": media_type(file),
        "chars": len(text),
    }
    answer = {"source": source, **said}
    _print(format, answer, readings.reading)


@app.command()
def ingest(
    documents: Annotated[
        list[Path], typer.Argument(help="Source documents, recorded in this order.", metavar="FILE...")
    ],
    code: Code = "sec",
    reread: Annotated[
        bool,
        typer.Option("--reread", help="Read bytes already recorded with this release's reader; record what differs."),
    ] = False,
    format: Printed = Format.table,  # noqa: A002
) -> None:
    """Reads documents and records what is new in them, each whole or not at all; a second time nothing is new."""
    settings = _settings()
    with _ledger(settings.ledger_url()) as engine:
        for file in documents:
            data = document(file, settings.max_source_bytes)
            with _naming(file):
                done = _record(engine, settings, data, name(file), code, media_type(file), reread=reread)
            _print(format, done, partial(readings.recording, name(file)))
        if engine.dialect.name == "sqlite":  # an embedded ledger has no worker beside it
            _catch_up(engine)


@app.command("in-force")
def in_force(
    ref: Annotated[str | None, typer.Argument(help="A provision; the whole code if not given.", metavar="REF")] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    code: Code = "sec",
    format: Printed = Format.table,  # noqa: A002
) -> None:
    """What was in force on a day, as known at a time: of one provision, or of the code as a whole."""
    if ref is None:
        _answer(format, answers.in_force, lambda open_: questions.code(open_, code, as_of, known_at))
    else:
        asked = arguments.provision(code, ref)
        _answer(format, answers.provision, lambda open_: questions.provision(open_, code, asked, as_of, known_at))


@app.command()
def history(
    ref: Reference,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    code: Code = "sec",
    format: Printed = Format.table,  # noqa: A002
) -> None:
    """Every step of one provision, oldest first."""
    asked = arguments.provision(code, ref)
    _answer(format, answers.history, lambda open_: questions.history(open_, code, asked, as_of, known_at))


@app.command()
def diff(
    start: Annotated[
        str, typer.Argument(help="A date or a version label.", metavar="A", parser=arguments.day_or_label)
    ],
    end: Annotated[str, typer.Argument(help="A later one.", metavar="B", parser=arguments.day_or_label)],
    known_at: KnownAt = None,
    code: Code = "sec",
    format: Printed = Format.table,  # noqa: A002
) -> None:
    """What changed in law between two dates or versions."""
    _answer(format, answers.diff, lambda open_: questions.diff(open_, code, (start, end), known_at))


@app.command()
def serve(
    part: Annotated[Part, typer.Argument(help="The side that takes documents, the side that answers, or both.")],
    host: Host = None,
    port: Port = None,
) -> None:
    """Serves the API until stopped."""
    settings, listening = serving.listen(_settings(), host, port)
    with _ledger(settings.ledger_url()):
        pass  # refused here, in one line, where it is not as this release needs it
    serving.serve(settings, listening, {"ingest", "projection"} if part is Part.all else {part.value})


@app.command()
def project(
    once: Annotated[bool, typer.Option("--once", help="Stop at the end of the log.")] = False,
) -> None:
    """Brings the read models up to the end of the log, then follows it until stopped."""
    stop = threading.Event()
    with _ledger(_settings().ledger_url()) as engine:
        screen.tell(f"projected up to position {_catch_up(engine)}")
        if not once:
            for each in (signal.SIGINT, signal.SIGTERM):
                signal.signal(each, lambda *_: stop.set())
            runner.run(engine, stop)


@app.command()
def migrate() -> None:
    """Brings the database to the schema of this release; prints what is left for an administrator to run."""
    with _ledger(_settings().ledger_url(), prepared=False) as engine:
        for statement in database.migrate(engine):
            typer.echo(statement)
        with database.translated(), engine.connect() as connection:
            screen.tell(f"the database is at revision {database.revision_of(connection)}")


@app.command()
def status(format: Printed = Format.table) -> None:  # noqa: A002
    """How far the log, the read models and the sources go."""
    _answer(format, answers.status, queries.status)


def _settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        wrong = error.errors()[0]
        _end(2, f"INFORCE_{'_'.join(map(str, wrong['loc'])).upper()}: {wrong['msg']}, found {wrong['input']!r}")


@contextmanager
def _ledger(url: str, *, prepared: bool = True) -> Iterator[Engine]:
    """An engine for as long as the command needs it; an embedded file is made and migrated, a server only checked."""
    engine = database.open_engine(url)
    try:
        if prepared and engine.dialect.name == "sqlite":
            database.migrate(engine)
        elif prepared:
            database.check_revision(engine)
        yield engine
    finally:
        engine.dispose()


def _record(
    engine: Engine, settings: Settings, data: bytes, name: str, code: str, media_type: str, *, reread: bool
) -> dict[str, Any]:
    limit = settings.max_source_bytes
    done = record(engine, data, name, code, media_type=media_type, actor="cli", max_bytes=limit, reread=reread)
    return done.plain()


def _catch_up(engine: Engine) -> int:
    with screen.moving("projecting") as moved:
        return runner.catch_up(engine, moved)


def _answer(printed: Format, shown: screen.Shown, question: Callable[[Connection], dict[str, Any]]) -> None:
    with _ledger(_settings().answers_url()) as engine, database.reading(engine) as connection:
        answer = question(connection)
    _print(printed, answer, shown)


def _print(printed: Format, answer: dict[str, Any], shown: screen.Shown) -> None:
    if printed is Format.json:
        screen.show_json(answer)
    else:
        screen.show(*shown(answer))


@contextmanager
def _naming(file: Path) -> Iterator[None]:
    """A refusal of what the file holds names the file."""
    try:
        yield
    except Rejected as refusal:
        raise Rejected(f"{file}: {refusal}") from refusal


def _end(code: int, why: str) -> NoReturn:
    screen.tell(f"inforce: {why}")
    sys.exit(code)
