"""What users type, to what the questions take: dates, points of known time, references."""

import re
from datetime import date

import typer

from events.errors import Rejected
from events.vocabulary import Provision
from services.law.codes import shape
from services.law.references import fitting

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


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


def provision(code: str, text: str) -> Provision:
    """The provision that `section/H15` names, or the bare `H15` where references of only one kind are written so."""
    known = shape(code)
    kind, slash, ref = text.partition("/")
    if slash:
        if known.kind(kind) is None:
            raise UnclearReference(f"{code} has no kind {kind!r}; expected one of {', '.join(known.kinds)}")
        return Provision(kind, ref)
    fits = fitting(known, text)
    if len(fits) == 1:
        return Provision(fits[0], text)
    if not fits:
        raise UnclearReference(f"{text!r} is no reference of {code}; expected one like section/H15")
    raise UnclearReference(f"{text!r} may be {' or '.join(f'{one}/{text}' for one in fits)}; name the kind")
