"""What a command may say: its body, checked field by field; the first thing wrong is named with what was expected."""

import json
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field, StrictBool, ValidationError, model_validator

from events.errors import Rejected
from services.ingest.commands.fields import Action, Day, DayNamed, Name, Quote, Word, Words


class BadBody(Rejected):
    """The body of a command says something that is no such command; the message names the field."""

    problem = "bad-parameter"


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SaidIn(_Body):
    """Where it is said: the name of the letter, page or decision, its words, where it can be found, and what kind of source
    it is (the act itself, unless another kind that the code ranks is named)."""

    name: Word
    kind: Word = "instrument"
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
    alongside: StrictBool = False
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
    joins_version: StrictBool = False
    changes: Annotated[tuple[ChangeAsked, ...], Field(max_length=500)] = ()
    topics: Annotated[tuple[Words, ...], Field(max_length=100)] = ()
    source: SaidIn
    reason: Words | None = None


class FactAsked(_Body):
    """The fields of a fact that are otherwise; those not given stay as they are."""

    action: Action | None = None
    kind: Word | None = None
    ref: Word | None = None
    title: Words | None = None
    spec: Word | None = None
    spec_version: Word | None = None
    alongside: StrictBool | None = None
    exclusions: Annotated[tuple[Word, ...], Field(max_length=200)] | None = None
    proposal: Word | None = None
    instrument: Name | None = None
    effective: Day = None
    authority: Word | None = None
    legal_basis: Annotated[tuple[Word, ...], Field(max_length=50)] | None = None
    base_version: Word | None = None
    proposals: Annotated[tuple[Word, ...], Field(max_length=50)] | None = None
    decided_on: Day = None
    signed_on: Day = None
    announced_on: Day = None
    text: Words | None = None

    def given(self) -> dict[str, Any]:
        """The fields that the correction names."""
        return {name: getattr(self, name) for name in FactAsked.model_fields if name in self.model_fields_set}


class CorrectionAsked(_Body):
    """One recorded fact is otherwise: only the fields that change are given; null: the fact is withdrawn."""

    event: Word
    fact: FactAsked | None
    reason: Words
    source: SaidIn


class StepAsked(_Body):
    """A proposal was raised, converted to other letters, refined or withdrawn, on a day, by whom it is said."""

    proposal: Word
    step: Literal["raised", "converted", "refined", "withdrawn"]
    effective: DayNamed
    by: Word | None = None
    title: Words | None = None
    reason: Words | None = None
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
        asked = model.model_validate_json(data)
    except ValidationError as error:
        wrong = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in wrong["loc"]) or "body"
        found = "" if wrong["type"] in ("missing", "json_invalid") else f"; found {str(wrong['input'])[:80]!r}"
        raise BadBody(f"{place}: {wrong['msg'].removeprefix('Value error, ')}{found}") from None
    json.loads(data, object_pairs_hook=_once_each)
    return asked


def _once_each(pairs: list[tuple[str, Any]]) -> None:
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise BadBody(f"{name[:80]}: given more than once")
