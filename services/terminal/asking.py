"""The commands that ask: `in-force`, `history`, `diff`, `status`."""

from collections.abc import Callable
from typing import Annotated, Any

import typer
from sqlalchemy import Connection

from services import database
from services.terminal import answers, arguments, questions
from services.terminal.ledger import ledger, settings
from services.terminal.options import AsOf, Code, KnownAt, Printed, Reference
from services.terminal.screen import Format, Shown, show


def in_force(
    ref: Annotated[str | None, typer.Argument(help="A provision; the whole code if not given.", metavar="REF")] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    code: Code = "sec",
    format: Printed = Format.table,  # noqa: A002
) -> None:
    """What was in force on a day, as known at a time: of one provision, or of the code as a whole."""
    if ref is None:
        answer(format, answers.in_force, lambda open_: questions.code(open_, code, as_of, known_at))
    else:
        asked = arguments.provision(code, ref)
        answer(format, answers.provision, lambda open_: questions.provision(open_, code, asked, as_of, known_at))


def history(
    ref: Reference,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    code: Code = "sec",
    format: Printed = Format.table,  # noqa: A002
) -> None:
    """Every step of one provision, oldest first."""
    asked = arguments.provision(code, ref)
    answer(format, answers.history, lambda open_: questions.history(open_, code, asked, as_of, known_at))


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
    answer(format, answers.diff, lambda open_: questions.diff(open_, code, (start, end), known_at))


def status(format: Printed = Format.table) -> None:  # noqa: A002
    """How far the log, the read models and the sources go."""
    answer(format, answers.status, questions.status)


def answer(printed: Format, shown: Shown, question: Callable[[Connection], dict[str, Any]]) -> None:
    """Puts a question to the ledger that the settings name, and prints the answer."""
    with ledger(settings().answers_url()) as engine, database.reading(engine) as connection:
        answer = question(connection)
    show(printed, answer, shown)
