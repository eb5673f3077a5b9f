"""Later knowledge by command: a fact corrected or withdrawn, a change given another day or cancelled. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from pydantic import ValidationError

from events.catalogue import change
from events.changes import ProvisionChange
from events.envelope import Pending
from events.errors import Conflict
from events.facts import CodeDesignated, Instrument
from events.knowing_better import ChangeCancelled, ChangeRescheduled, Correctable, FactCorrected, FactRetracted
from services.ingest.commands.bodies import BadBody, CancellationAsked, CorrectionAsked, ReschedulingAsked, day
from services.ingest.commands.saying import Decided, Said
from services.ingest.commands.standing import Family, Standing, act
from services.ingest.facts import digests
from services.ingest.knowledge import KnownChange, family_of
from services.law import checks
from services.law.codes import Code
from services.law.fold import Act
from services.law.fold import Family as Book

_NOT_CORRECTED = frozenset({"type", "code", "actor", "source", "causation_id", "correlation_id"})
"""What a fact says of itself and not of the law."""

_NAMES = frozenset({"instrument", "version", "instruments", "previous", "document"})
"""What other facts know a fact by: a change may be given to another instrument, nothing else may be renamed."""

_DAYS = ("effective", "decided_on", "signed_on", "announced_on")


ByFamily = dict[Family, list[Act]]
"""The acts on each family."""


class NothingToMove(Conflict):
    """No change that stands is there to be given another day, or to be cancelled."""


def corrected(code: Code, given: Mapping[str, Any], stands: Correctable) -> Correctable:
    """The fact as a correction says it is; BadBody where that is no such fact, or what is recorded already."""
    is_change = isinstance(stands, ProvisionChange)
    free = set(stands.model_dump()) - _NOT_CORRECTED - (_NAMES - {"instrument"} if is_change else _NAMES)
    free |= {"action"} if is_change else set()
    for name in given:
        if name not in free:
            raise BadBody(f"fact.{name[:80]}: expected only fields that can be corrected: {', '.join(sorted(free))}")
    try:
        said = {name: day(value) if name in _DAYS else value for name, value in given.items()}
        fact = _made(stands, stands.model_dump(exclude={"type"}) | said)
    except (ValidationError, ValueError, KeyError) as error:
        raise BadBody(f"fact: {_first(error)}") from None
    if fact == stands:
        raise BadBody("fact: says what is recorded already")
    for finding in _unknown(code, fact):
        raise BadBody(f"fact: {finding.message}")
    return fact


def _made(stands: Correctable, said: dict[str, Any]) -> Correctable:
    if not isinstance(stands, ProvisionChange):
        return type(stands)(**said)
    action, kind = said.pop("action", stands.action), said.pop("kind")
    return change(action, kind, **said)


def _first(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    wrong = error.errors(include_url=False)[0]
    return f"{'.'.join(map(str, wrong['loc']))}: {wrong['msg']}; found {str(wrong['input'])[:80]!r}"


def _unknown(code: Code, fact: Correctable) -> Iterator[checks.Finding]:
    if isinstance(fact, ProvisionChange):
        yield from checks.unknown_reference(code, "ref", fact.kind, [fact.ref, *fact.exclusions])
    elif isinstance(fact, Instrument):
        yield from checks.unknown_words(code, fact.authority, fact.legal_basis, fact.proposals, None)


def decide_correction(
    code: Code,
    asked: CorrectionAsked,
    stands: Standing,
    before: KnownChange | None,
    began: date | None,
    said: Said,
    new_id: Callable[[], str],
) -> Decided:
    """The fact superseded by what the correction says, or withdrawn; its identity stays that of its first event."""
    decided, first = Decided(iter(())), stands.known.event_id
    common = {"code": code.id, "actor": said.actor, "source": said.quotation, "causation_id": first}
    common |= {"supersedes": first, "reason": asked.reason}
    decided.replaced.add(stands.key)
    if before is not None:
        decided.becomes((before.kind, before.root), first, None)
        decided.changes[first] = None
    if asked.fact is None:
        told = Pending(new_id(), stands.known.stream, FactRetracted.model_validate(common))
        decided.notes[stands.key] = None
    else:
        fact = corrected(code, asked.fact, stands.fact).model_copy(update={"source": said.quotation})
        decided.findings += checks.before_the_code(began, fact.effective if before else None)
        event = FactCorrected(effective=fact.effective, fact=fact, **common)
        told = Pending(new_id(), stands.known.stream, event)
        says, whole = digests(fact)
        since = fact.effective if stands.key.startswith("version/") else None
        decided.notes[stands.key] = stands.known._replace(
            told_by=told.id, said=says, whole=whole, sha256=said.quotation.sha256, since=since
        )
        if isinstance(fact, ProvisionChange | CodeDesignated):
            family = family_of(code, fact)
            known = KnownChange(first, told.id, told.stream, *family, fact.effective)
            decided.changes[first] = known
            decided.becomes(family, first, act(known, fact, 0))
    decided.pending = iter([told])
    return decided


def decide_moves(
    code: Code,
    asked: ReschedulingAsked | CancellationAsked,
    targets: Sequence[KnownChange],
    facts: Sequence[Standing],
    acts: ByFamily,
    began: date | None,
    said: Said,
    new_id: Callable[[], str],
) -> Decided:
    """Each of the changes moved to the day, or cancelled; with them the version or the instrument that carried them there."""
    decided = Decided(iter(()))
    standing = [each for each in targets if not each.cancelled]
    if not standing and not facts:
        raise NothingToMove("no change of it stands: it has none, or they are cancelled")
    moving = isinstance(asked, ReschedulingAsked)
    goal = asked.effective if isinstance(asked, ReschedulingAsked) else None
    if moving and all(each.effective == goal for each in standing) and all(f.fact.effective == goal for f in facts):
        raise NothingToMove(f"it takes effect on {goal} already" if goal else "it is undated already")
    decided.findings += checks.before_the_code(began, goal)
    common = {"code": code.id, "actor": said.actor, "source": said.quotation, "reason": asked.reason}
    pending = []
    for fact in facts:
        pending.append(
            _moved(common, fact.known.event_id, fact.known.stream, fact.fact.effective, goal, moving, new_id)
        )
        if moving:
            _note_moved(decided, fact, goal)
    for known in standing:
        pending.append(_moved(common, known.event_id, known.stream, known.effective, goal, moving, new_id))
        now = known._replace(effective=goal) if moving else known._replace(cancelled=True)
        decided.changes[known.event_id] = now
        family = (known.kind, known.root)
        was = next(each for each in acts[family] if each.id == known.event_id)
        act_now = replace(was, effective=goal) if moving else replace(was, cancelled=True)
        decided.becomes(family, known.event_id, act_now)
        if moving:
            others = [each for each in acts[family] if each.id != known.event_id]
            decided.findings += checks.on_provision(Book(code, known.kind, others), act_now)
    decided.pending = iter(pending)
    return decided


def _moved(
    common: Mapping[str, Any],
    event_id: str,
    stream: str,
    was: date | None,
    goal: date | None,
    moving: bool,
    new_id: Callable[[], str],
) -> Pending:
    about = {**common, "change": event_id, "causation_id": event_id}
    if moving:
        return Pending(new_id(), stream, ChangeRescheduled.model_validate(about | {"was": was, "effective": goal}))
    return Pending(new_id(), stream, ChangeCancelled.model_validate(about | {"effective": was}))


def _note_moved(decided: Decided, fact: Standing, goal: date | None) -> None:
    """What a later document has to say of the fact to agree; whose words those were stays."""
    says, _ = digests(fact.fact.model_copy(update={"effective": goal}))
    since = goal if fact.key.startswith("version/") else None
    decided.replaced.add(fact.key)
    decided.notes[fact.key] = fact.known._replace(said=says, since=since)
