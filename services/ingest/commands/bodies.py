"""What a command may say: its body, checked field by field; the first thing wrong is named with what was expected."""

import re
from datetime import date
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AnyHttpUrl,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from events.errors import Rejected


class BadBody(Rejected):
    """The body of a command says something that is no such command; the message names the field."""

    problem = "bad-parameter"


def day(value: object) -> object:
    """A day as it may be written, null among them; ValueError for any other way."""
    if value is None or isinstance(value, date):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        raise ValueError("expected a day, as YYYY-MM-DD")
    return value


_PRINTABLE = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
Word = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True, pattern=_PRINTABLE)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=1_000, strip_whitespace=True, pattern=_PRINTABLE)]
Quote = Annotated[str, StringConstraints(min_length=1, max_length=20_000, strip_whitespace=True, pattern=_PRINTABLE)]
Day = Annotated[date | None, BeforeValidator(day)]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
Action = Literal["designated", "redesignated", "activated", "amended", "deleted"]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SaidIn(_Body):
    """Where it is said: the name of the letter, page or decision, its words, and where it can be found."""

    name: Word
    quote: Quote
    url: AnyHttpUrl | None = None


class ChangeAsked(_Body):
    """One action on one provision; without a legal day of its own it has that of its instrument."""

    action: Action
    kind: Word
    ref: Word
    title: Words | None = None
    spec: Word | None = None
    spec_version: Word | None = None
    alongside: bool = False
    exclusions: Annotated[tuple[Word, ...], Field(max_length=200)] = ()
    proposal: Word | None = None
    effective: Day = None


class InstrumentAsked(_Body):
    """A direction or an approval: who acted on what basis, when it was decided, and what it changes from which day."""

    instrument: Name | None = None
    authority: Word
    legal_basis: Annotated[tuple[Word, ...], Field(max_length=50)] = ()
    base_version: Word | None = None
    proposals: Annotated[tuple[Word, ...], Field(max_length=50)] = ()
    decided_on: Day = None
    signed_on: Day = None
    announced_on: Day = None
    effective: Day
    version: Word | None = None
    joins_version: bool = False
    changes: Annotated[tuple[ChangeAsked, ...], Field(max_length=1_000)] = ()
    topics: Annotated[tuple[Words, ...], Field(max_length=100)] = ()
    source: SaidIn


class CorrectionAsked(_Body):
    """One recorded fact is otherwise: only the fields that change are given; null: the fact is withdrawn."""

    event: Word
    fact: dict[str, Any] | None
    reason: Words
    source: SaidIn


class _OfOne(_Body):
    change: Word | None = None
    instrument: Word | None = None
    version: Word | None = None
    reason: Words | None = None
    source: SaidIn

    @model_validator(mode="after")
    def _names_one(self) -> "_OfOne":
        if sum(each is not None for each in (self.change, self.instrument, self.version)) != 1:
            raise ValueError("expected exactly one of change, instrument, version")
        return self


class ReschedulingAsked(_OfOne):
    """The changes of one event, instrument or version take effect on another day; null: no day is known any more."""

    effective: Day


class CancellationAsked(_OfOne):
    """The changes of one event, instrument or version will not take effect."""


Asked = TypeVar("Asked", bound=_Body)


def read_body(data: bytes, model: type[Asked]) -> Asked:
    """The command that a body of JSON says; BadBody naming the first field that is wrong."""
    try:
        return model.model_validate_json(data)
    except ValidationError as error:
        wrong = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in wrong["loc"]) or "body"
        found = "" if wrong["type"] in ("missing", "json_invalid") else f"; found {str(wrong['input'])[:80]!r}"
        raise BadBody(f"{place}: {wrong['msg'].removeprefix('Value error, ')}{found}") from None
