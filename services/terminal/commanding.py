"""The commands that record what somebody knows: `direct`, `approve`, `correct`, `retract`, `reschedule`, `cancel`."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from services.terminal.asked import Asked, ask, body_in, change_in, day_in, field_in, source
from services.terminal.options import Code, Printed
from services.terminal.saying import (
    Announced,
    Base,
    Basis,
    Changes,
    Decided,
    DryRun,
    Effective,
    Event,
    File,
    IfMatch,
    Instrument,
    Joins,
    Key,
    OneChange,
    OneInstrument,
    OneVersion,
    Proposal,
    Quote,
    Reason,
    SourceName,
    Url,
    Version,
)
from services.terminal.screen import Format


def _acting(command: str, by: str, what: str) -> Callable[..., None]:
    def act(
        file: File = None,
        authority: Annotated[str, typer.Option("--authority", help="Who does it.")] = by,
        basis: Basis = None,
        proposal: Proposal = None,
        effective: Effective = None,
        version: Version = None,
        change: Changes = None,
        decided_on: Decided = None,
        announced_on: Announced = None,
        base: Base = None,
        instrument: Instrument = None,
        joins_version: Joins = False,
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
        words: dict[str, object] = {"legal_basis": basis, "proposals": proposal, "version": version, "reason": reason}
        words |= {"base_version": base, "instrument": instrument, "joins_version": joins_version or None}
        words |= {"decided_on": day_in(decided_on), "announced_on": day_in(announced_on)}
        if file:
            _alone(file, [effective, change, source_name, quote, url, *words.values()])
            ask(command, body_in(file), Asked(code, dry_run, key, if_match), format)
            return
        said = _said(words) | {"authority": authority, "effective": _needed(effective)}
        said |= {"changes": [change_in(code, each) for each in change or ()]}
        said |= {"source": source(source_name, quote, url)}
        ask(command, said, Asked(code, dry_run, key, if_match), format)

    act.__doc__ = what
    return act


direct = _acting(
    "directions",
    "Secretary of State",
    """Records a direction: on what basis, from which day (none: not known yet), what it changes.

    inforce direct --basis "SEC X5" --effective 2018-10-04 --version 5.23 --change "redesignated schedule/11"
    --source-name "Letter of 9 October" --quote "The Secretary of State hereby re-designates Schedule 11."
    """,
)
approve = _acting(
    "approvals",
    "Change Board",
    """Records an approval of proposals: by whom, from which day (none: not known yet), what they change.

    inforce approve --proposal SECMP0046 --decided-on 2018-05-23 --effective 2018-11-29 --version 6.0
    --change "amended section/H" --source-name "Change Board minutes" --quote "SECMP0046 was approved."
    """,
)


def correct(
    event: Event,
    fields: Annotated[
        list[str], typer.Option("--set", help="A field as it should be, as effective=2018-06-01; may be repeated.")
    ],
    reason: Reason,
    source_name: SourceName,
    quote: Quote,
    url: Url = None,
    dry_run: DryRun = False,
    key: Key = None,
    if_match: IfMatch = None,
    code: Code = "sec",
    format: Printed = Format.table,  # noqa: A002
) -> None:
    """Corrects one recorded fact; what was answered before stays answered so for the time before.

    inforce correct EVENT --set effective=2018-06-01 --reason "misread" --source-name "Letter" --quote "with effect from 1 June"
    """
    fact = dict(field_in(each) for each in fields)
    body = {"event": event, "fact": fact, "reason": reason, "source": source(source_name, quote, url)}
    ask("corrections", body, Asked(code, dry_run, key, if_match), format)


def retract(
    event: Event,
    reason: Reason,
    source_name: SourceName,
    quote: Quote,
    url: Url = None,
    dry_run: DryRun = False,
    key: Key = None,
    if_match: IfMatch = None,
    code: Code = "sec",
    format: Printed = Format.table,  # noqa: A002
) -> None:
    """Withdraws one recorded fact.

    inforce retract EVENT --reason "never made" --source-name "Erratum" --quote "The entry for Section P was made in error."
    """
    body = {"event": event, "fact": None, "reason": reason, "source": source(source_name, quote, url)}
    ask("corrections", body, Asked(code, dry_run, key, if_match), format)


def reschedule(
    to: Annotated[
        str, typer.Option("--to", help="The new day, or none where it is not known any more.", metavar="DATE")
    ],
    source_name: SourceName,
    quote: Quote,
    change: OneChange = None,
    instrument: OneInstrument = None,
    version: OneVersion = None,
    url: Url = None,
    reason: Reason = None,
    dry_run: DryRun = False,
    key: Key = None,
    if_match: IfMatch = None,
    code: Code = "sec",
    format: Printed = Format.table,  # noqa: A002
) -> None:
    """Gives a change, or all that an instrument or a version carries, another day.

    inforce reschedule --version 6.21 --to 2019-11-29 --source-name "Panel paper" --quote "The Panel chose 29 November."
    """
    which = {"change": change, "instrument": instrument, "version": version, "reason": reason}
    body = _said(which) | {"effective": day_in(to), "source": source(source_name, quote, url)}
    ask("reschedulings", body, Asked(code, dry_run, key, if_match), format)


def cancel(
    source_name: SourceName,
    quote: Quote,
    change: OneChange = None,
    instrument: OneInstrument = None,
    version: OneVersion = None,
    url: Url = None,
    reason: Reason = None,
    dry_run: DryRun = False,
    key: Key = None,
    if_match: IfMatch = None,
    code: Code = "sec",
    format: Printed = Format.table,  # noqa: A002
) -> None:
    """Cancels a change, or all that an instrument or a version carries.

    inforce cancel --version 6.22 --source-name "Letter of 2 May" --quote "The direction is withdrawn."
    """
    which = {"change": change, "instrument": instrument, "version": version, "reason": reason}
    body = _said(which) | {"source": source(source_name, quote, url)}
    ask("cancellations", body, Asked(code, dry_run, key, if_match), format)


def _said(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}


def _alone(file: str, options: Sequence[object]) -> None:
    if any(options):
        raise typer.BadParameter(f"{file} says all that is recorded; give it, or options that say it")


def _needed(effective: str | None) -> str | None:
    if effective is None:
        raise typer.BadParameter("--effective is missing: a day, or none where it is not known yet")
    return day_in(effective)
