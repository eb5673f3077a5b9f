"""The commands about sources that disagree: `conflicts` lists them or shows one, `resolve` decides one."""

import hashlib
from typing import Annotated

import orjson
import typer

from events.receipt import Key as Once
from services.doors.tokens import LOCAL
from services.ingest.commands.asking import Asking
from services.ingest.commands.recording import record
from services.ingest.commands.working import described
from services.projection import queries
from services.terminal import disputes, outcomes, questions
from services.terminal.asked import source
from services.terminal.asking import answer
from services.terminal.ledger import catch_up, ledger, settings
from services.terminal.options import AsOf, Code, KnownAt, Printed
from services.terminal.saying import DryRun, IfMatch, Key, Quote, SourceName, Url
from services.terminal.screen import Format, show

Id = Annotated[str, typer.Argument(help="The id of a conflict.", metavar="ID")]


def conflicts(
    name: Annotated[str | None, typer.Argument(help="One conflict; all of them if not given.", metavar="ID")] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    code: Code = "sec",
    format: Printed = Format.table,  # noqa: A002
) -> None:
    """Where two sources disagree: both claims, the one used, and who or what chose it."""
    if name is None:
        answer(
            format, disputes.several, lambda open_: questions.listed(open_, code, queries.conflicts, as_of, known_at)
        )
    else:
        one = name
        answer(
            format,
            disputes.one,
            lambda open_: questions.asked(open_, code, lambda c, p: queries.conflict(c, p, one), as_of, known_at),
        )


def resolve(
    name: Id,
    use: Annotated[int, typer.Option("--use", help="The claim that is used from now on: 0 or 1.", min=0, max=1)],
    reason: Annotated[str, typer.Option("--reason", help="Why.", metavar="WORDS")],
    source_name: SourceName = None,
    quote: Quote = None,
    url: Url = None,
    dry_run: DryRun = False,
    key: Key = None,
    if_match: IfMatch = None,
    code: Code = "sec",
    format: Printed = Format.table,  # noqa: A002
) -> None:
    """Decides a conflict; what was answered before stays answered so for the time before.

    inforce resolve ID --use 1 --reason "the letter gives the day" --source-name "Letter" --quote "decided on 26 January"
    """
    # The web framework comes with it, which other commands need not wait for.
    from services.ingest.commands.resolution import resolution

    body = {"used": use, "reason": reason, "source": source(source_name, quote, url)}
    data = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
    digest = hashlib.sha256(f"conflicts/{name}\n{code}\n".encode() + data).digest()
    with ledger(settings().ledger_url()) as engine:
        said, work = resolution(described(code), name, data, LOCAL)
        once = Once(key, digest) if key else None
        outcome = record(engine, Asking(code, said, once, if_match, dry_run), work)
        show(format, orjson.loads(outcome.body), outcomes.foreseen if dry_run else outcomes.recorded)
        if engine.dialect.name == "sqlite" and not dry_run:  # an embedded ledger has no worker beside it
            catch_up(engine)
