"""The command that records a step in the life of a proposal: `progress`."""

from typing import Annotated

import typer

from services.terminal.asked import Asked, ask, day_in, source
from services.terminal.options import Code, Printed
from services.terminal.saying import DryRun, IfMatch, Key, Quote, Reason, SourceName, Url
from services.terminal.screen import Format


def progress(
    name: Annotated[str, typer.Argument(help="A proposal, as SECMP0017 or DP099.", metavar="ID")],
    step: Annotated[str, typer.Argument(help="raised, converted, refined or withdrawn.", metavar="STEP")],
    on: Annotated[str, typer.Option("--on", help="The day on which that was done.", metavar="DATE")],
    by: Annotated[str | None, typer.Option("--by", help="Who did it.")] = None,
    title: Annotated[str | None, typer.Option("--title", help="What the proposal is called, when raised.")] = None,
    source_name: SourceName = None,
    quote: Quote = None,
    url: Url = None,
    reason: Reason = None,
    dry_run: DryRun = False,
    key: Key = None,
    if_match: IfMatch = None,
    code: Code = "sec",
    format: Printed = Format.table,  # noqa: A002
) -> None:
    """Records that a proposal was raised, converted to other letters (DP099 into MP099), refined or withdrawn.

    inforce progress DP099 raised --on 2019-11-05 --by "A Supplier" --source-name "DP099 form" --quote "Raised by A Supplier"
    """
    words = {"by": by, "title": title, "reason": reason}
    body = {"proposal": name, "step": step, "effective": day_in(on)}
    body |= {option: said for option, said in words.items() if said is not None}
    ask("proposals", {**body, "source": source(source_name, quote, url)}, Asked(code, dry_run, key, if_match), format)
