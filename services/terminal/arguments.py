"""What users type, to what the questions take: dates, points of known time, references."""

import re
from datetime import UTC, date, datetime
from typing import NamedTuple

import typer

from events.errors import Rejected
from events.vocabulary import Provision
from services.law.codes import shape
from services.law.references import fitting

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_POSITION = re.compile(r"pos:(\d{1,18})", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,6})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)


class UnclearReference(Rejected):
    """The words fit no provision, or several; the message names what would be clear."""


def day(text: str) -> date:
    """A calendar day written YYYY-MM-DD; anything else is a usage error."""
    try:
        if not _DAY.fullmatch(text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no date; expected YYYY-MM-DD") from None


class KnownTime(NamedTuple):
    """A point of known time as typed, and the position or the instant in UTC that it means."""

    text: str
    value: int | datetime


def known(text: str) -> KnownTime:
    """A point of known time: `pos:181`, or an RFC 3339 instant; anything else is a usage error."""
    position = _POSITION.fullmatch(text)
    if position:
        return KnownTime(text, int(position.group(1)))
    try:
        if not _INSTANT.fullmatch(text):
            raise ValueError
        return KnownTime(text, datetime.fromisoformat(text.upper()).astimezone(UTC))
    except (ValueError, OverflowError):
        raise typer.BadParameter(
            f"{text!r} is no instant; expected one like 2026-01-31T12:00:00Z, or pos:181"
        ) from None


def day_or_label(text: str) -> str:
    """A date or a version label, as typed; a date that no calendar has is a usage error."""
    if _DAY.fullmatch(text):
        day(text)
    return text


def provision(code: str, text: str) -> Provision:
    """The provision that `section/H15` names, or the bare `H15` where references of only one kind are written so."""
    known_code = shape(code)
    kind, slash, ref = text.partition("/")
    if slash:
        if known_code.kind(kind) is None:
            raise UnclearReference(f"{code} has no kind {kind!r}; expected one of {', '.join(known_code.kinds)}")
        return Provision(kind, ref)
    fits = fitting(known_code, text)
    if len(fits) == 1:
        return Provision(fits[0], text)
    if not fits:
        raise UnclearReference(f"{text!r} is no reference of {code}; expected one like section/H15")
    raise UnclearReference(f"{text!r} may be {' or '.join(f'{one}/{text}' for one in fits)}; name the kind")
