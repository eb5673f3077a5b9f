"""The options that the commands share: what is said where, and how it is asked."""

from typing import Annotated

import typer

SourceName = Annotated[
    str | None, typer.Option("--source-name", help="Where it is said: a letter, a page, a decision.", metavar="NAME")
]
Quote = Annotated[str | None, typer.Option("--quote", help="The words that say it.", metavar="WORDS")]
Url = Annotated[str | None, typer.Option("--url", help="Where these words can be found.", metavar="URL")]
Reason = Annotated[str | None, typer.Option("--reason", help="Why it is recorded.", metavar="WORDS")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Write nothing; print the events and the answers that would change.")
]
Key = Annotated[
    str | None, typer.Option("--key", help="An idempotency key: the same again is recorded once.", metavar="KEY")
]
IfMatch = Annotated[
    int | None,
    typer.Option(
        "--if-match", help="Refuse unless the instrument's stream is at this version (0: new).", metavar="N", min=0
    ),
]
File = Annotated[
    str | None, typer.Argument(help="The body as REST takes it, in JSON; - reads standard input.", metavar="FILE")
]
Basis = Annotated[
    list[str] | None, typer.Option("--basis", help="A legal basis, as the code writes it; may be repeated.")
]
Proposal = Annotated[list[str] | None, typer.Option("--proposal", help="A proposal it decides on; may be repeated.")]
Effective = Annotated[
    str | None, typer.Option("--effective", help="The legal day, or none where it is not known yet.", metavar="DATE")
]
Decided = Annotated[str | None, typer.Option("--decided-on", help="The day of the decision.", metavar="DATE")]
Announced = Annotated[str | None, typer.Option("--announced-on", help="The day of the announcement.", metavar="DATE")]
Base = Annotated[str | None, typer.Option("--base", help="The version that it says it changes.", metavar="VERSION")]
Instrument = Annotated[
    str | None, typer.Option("--instrument", help="Its id; one is given where none is named.", metavar="ID")
]
Version = Annotated[str | None, typer.Option("--version", help="The version of the code that it makes or belongs to.")]
Joins = Annotated[bool, typer.Option("--joins-version", help="The version is recorded already; this joins it.")]
Changes = Annotated[
    list[str] | None,
    typer.Option(
        "--change", help='A change, as "amended section/H15" or "designated appendix/AM Its Title"; may be repeated.'
    ),
]
OneChange = Annotated[str | None, typer.Option("--change", help="The event of one change.", metavar="EVENT")]
OneInstrument = Annotated[str | None, typer.Option("--instrument", help="All that an instrument changes.")]
OneVersion = Annotated[str | None, typer.Option("--version", help="A version with all that it carries.")]
Event = Annotated[str, typer.Argument(help="The event that told the fact.", metavar="EVENT")]
