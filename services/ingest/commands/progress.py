"""A step in the life of a proposal, by command: what is known of that life in, the event that records the step out."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from events.envelope import Pending, own_stream
from events.facts import Instrument
from events.identifiers import new_id
from events.knowing_better import FactCorrected
from events.proposing import ProposalConverted, ProposalRaised, ProposalRefined, ProposalStep, ProposalWithdrawn
from events.store import events_by_ids
from services.ingest.commands.around import began, f
from services.ingest.commands.asking import Work
from services.ingest.commands.bodies import BadBody, StepAsked
from services.ingest.commands.saying import Decided, Said
from services.ingest.commands.sight import Sight
from services.ingest.commands.standing import standing
from services.ingest.facts import digests, step_key
from services.ingest.knowledge import KnownFact
from services.ingest.known import begins
from services.law import checks, steps
from services.law.days import london_day
from services.law.proposals import identity
from services.law.shapes import Code

PART = 500

STEPS: dict[str, type[ProposalStep]] = {
    each.step: each for each in (ProposalRaised, ProposalConverted, ProposalRefined, ProposalWithdrawn)
}
"""The event of each step."""


def progress(code: Code, asked: StepAsked, said: Said) -> Work:
    """The work of a step; BadBody where its words are none of the code's."""
    for finding in checks.unknown_words(code, None, (), [asked.proposal], None):
        raise BadBody(finding.message)
    event = _event(code, asked, said)

    def work(sight: Sight) -> Decided:
        connection = sight.connection
        decided = Decided(iter(()))
        pending = Pending(new_id(), own_stream(event), event)
        decided.pending, decided.stream = iter([pending]), pending.stream
        decided.findings += checks.before_the_code(began(connection, code.id), asked.effective)
        decided.findings += checks.not_yet(asked.effective, london_day(datetime.now(UTC)))
        known, decisions = taken(connection, code, asked.proposal), _decisions(connection, code, asked.proposal)
        step = steps.Step(asked.step, asked.effective)
        decided.findings += steps.on_step(code, asked.proposal, step, known, decisions)
        says = digests(event)
        fact = KnownFact(pending.id, pending.id, *says, pending.stream, said.quotation.sha256, "")
        decided.notes[step_key(code, asked.proposal, asked.step)] = fact
        return decided

    return Work(work)


def _event(code: Code, asked: StepAsked, said: Said) -> Any:  # noqa: ANN401 - one of the four
    own = {name: getattr(asked, name) for name in ("title", "reason") if getattr(asked, name) is not None}
    if asked.step == steps.CONVERTED:
        own["into"] = steps.converted_name(code, asked.proposal) or asked.proposal
    cls = STEPS[asked.step]
    for name in own:
        if name not in cls.model_fields:
            raise BadBody(f"{name}: a step {asked.step!r} has none")
    common = {"code": code.id, "actor": said.actor, "source": said.quotation, "effective": asked.effective}
    return cls.model_validate(common | {"proposal": asked.proposal, "by": asked.by} | own)


def taken(connection: sa.Connection, code: Code, name: str) -> list[steps.Step]:
    """The steps recorded in the life of a proposal, under any of its names."""
    keys = [step_key(code, name, step) for step in STEPS]
    ids = connection.scalars(sa.select(f.event_id).where(f.code == code.id, f.key.in_(keys))).all()
    told: list[Any] = [each.event for each in events_by_ids(connection, ids).values()]
    return sorted((steps.Step(each.step, each.effective) for each in told), key=lambda step: step.day)


def against_decision(
    connection: sa.Connection, code: Code, proposals: Iterable[str], decided_on: date | None
) -> Iterator[checks.Finding]:
    """What makes a decision on these proposals doubtful."""
    for name in proposals:
        yield from steps.on_decision(name, decided_on, taken(connection, code, name))


def _decisions(connection: sa.Connection, code: Code, name: str) -> Iterator[steps.Decision]:
    """The instruments that carry the proposal and were not cancelled."""
    mine, c = identity(code, name), f
    own = sa.select(c.event_id, c.told_by).where(c.code == code.id, begins(c.key, "instrument/"))
    for part in connection.execute(own.order_by(c.event_id)).partitions(PART):
        told = events_by_ids(connection, {each for row in part for each in row})
        for first, last in part:
            either: list[Any] = [told[first].event, told[last].event]
            facts = [each.fact if isinstance(each, FactCorrected) else each for each in either]
            if not any(mine in _named(code, each) for each in facts):
                continue
            stands = standing(connection, code.id, first)
            if not stands.cancelled and mine in _named(code, stands.fact):
                yield steps.Decision(stands.key.partition("/")[2], getattr(stands.fact, "decided_on", None))


def _named(code: Code, fact: object) -> set[Any]:
    return {identity(code, each) for each in fact.proposals} if isinstance(fact, Instrument) else set()
