"""A fact corrected or withdrawn by command: the fact as it stands in, the one event and what follows from it out. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from typing import Any

from pydantic import ValidationError

from events.catalogue import change
from events.changes import DocumentLettered, ProvisionChange
from events.envelope import Pending
from events.facts import CodeDesignated, Instrument, ModificationApproved, ModificationDirected
from events.knowing_better import Correctable, FactCorrected, FactRetracted
from events.proposing import ProposalStep
from services.ingest.commands.bodies import BadBody, CorrectionAsked
from services.ingest.commands.saying import Decided, Said
from services.ingest.commands.standing import NotCorrectable, Standing, act
from services.ingest.facts import change_stem, digests, numbered
from services.ingest.knowledge import KnownChange, family_of, stem
from services.law import checks
from services.law.fold import Family as Book
from services.law.shapes import Code

_NOT_CORRECTED = frozenset({"type", "code", "actor", "source", "causation_id", "correlation_id", "provision"})
"""What a fact says of itself and not of the law."""

_NAMES = frozenset({"instrument", "version", "instruments", "previous", "base_inferred"})
"""What other facts know a fact by, or what follows from others: a change may be given to another instrument, no more."""

LAST = 2**62
"""A place in the log after all there are."""


@dataclass(frozen=True, slots=True)
class Around:
    """What is known around a fact that is corrected: it as a change (null: it is none), how many changes it carries on its
    day, the code's beginning, the keys that are taken, the instruments there are."""

    change: KnownChange | None
    carries: int
    began: date | None
    taken: frozenset[str]
    instruments: frozenset[str]


def decide_correction(
    code: Code, asked: CorrectionAsked, stands: Standing, around: Around, said: Said, new_id: Callable[[], str]
) -> Decided:
    """The fact superseded by what the correction says, or withdrawn; its identity stays that of its first event."""
    if isinstance(stands.fact, DocumentLettered):
        raise NotCorrectable(
            f"event {stands.known.event_id} gave a document its letter: what titles mean is for a reader (`ingest --reread`)"
        )
    if isinstance(stands.fact, ProposalStep) and asked.fact is not None:
        raise NotCorrectable(
            f"event {stands.known.event_id} told a step of {stands.fact.proposal}: withdraw it (fact: null), record another"
        )
    decided, first = Decided(iter(())), stands.known.event_id
    common = {"code": code.id, "actor": said.actor, "source": said.quotation, "causation_id": first}
    common |= {"supersedes": first, "reason": asked.reason}
    decided.replaced.add(stands.key)
    decided.notes[stands.key] = None
    if around.change is not None:
        decided.becomes((around.change.kind, around.change.root), first, None)
        decided.changes[first] = None
    if asked.fact is None:
        told = Pending(new_id(), stands.known.stream, FactRetracted.model_validate(common))
        decided.findings += checks.left_behind(around.carries, stands.day, "withdrawn")
    else:
        fact = corrected(code, asked.fact.given(), stands, around).model_copy(update={"source": said.quotation})
        told = Pending(new_id(), stands.known.stream, FactCorrected(effective=fact.effective, fact=fact, **common))
        decided.findings += checks.before_the_code(around.began, fact.effective)
        if fact.effective != stands.day:
            decided.findings += checks.left_behind(around.carries, stands.day, checks.on_day(fact.effective))
        _note(code, decided, stands, around, fact, told, said)
    decided.pending = iter([told])
    return decided


def judged(code: Code, decided: Decided) -> Decided:
    """The decision with what stands against its acts, now that those before on their families are known."""
    for family, acts in decided.acts.items():
        others = decided.before.get(family, [])
        places = {each.id: each.position for each in others}
        stand = [each for each in others if each.id not in acts]
        stand += [replace(each, position=places.get(each.id, each.position)) for each in acts.values() if each]
        for each in stand:
            if each.id in acts and not each.cancelled:
                rest = [other for other in stand if other.id != each.id]
                decided.findings += checks.on_provision(Book(code, family[0], rest), each)
    return decided


def _note(
    code: Code, decided: Decided, stands: Standing, around: Around, fact: Correctable, told: Pending, said: Said
) -> None:
    says, whole = digests(fact)
    since = fact.effective if stands.key.startswith("version/") and not stands.cancelled else None
    decided.notes[_key(stands, fact, around.taken)] = stands.known._replace(
        told_by=told.id, said=says, whole=whole, sha256=said.quotation.sha256, since=since
    )
    if around.change is not None and isinstance(fact, ProvisionChange | CodeDesignated):
        family = family_of(code, fact)
        known = KnownChange(stands.known.event_id, told.id, told.stream, *family, fact.effective, stands.cancelled)
        decided.changes[known.event_id] = known
        decided.becomes(family, known.event_id, act(known, fact, LAST))


def _key(stands: Standing, fact: Correctable, taken: frozenset[str]) -> str:
    """The key under which a document that says the same finds the fact."""
    if not isinstance(fact, ProvisionChange):
        return stands.key
    now = change_stem(stands.key.split("/")[1], fact)
    if now == stem(stands.key):
        return stands.key
    return next(key for key in (numbered(now, number) for number in count(1)) if key not in taken)


def corrected(code: Code, given: Mapping[str, Any], stands: Standing, around: Around) -> Correctable:
    """The fact as a correction says it is; BadBody where that is no such fact, or what is recorded already."""
    fact = stands.fact
    names = _NAMES - {"instrument"} if isinstance(fact, ProvisionChange) else _NAMES
    free = set(type(fact).model_fields) - _NOT_CORRECTED - names
    free |= {"action"} if isinstance(fact, ProvisionChange) else set()
    for name in given:
        if name not in free:
            raise BadBody(f"fact.{name}: expected only what can be corrected of it: {', '.join(sorted(free))}")
    if given.get("instrument", None) not in {None, *around.instruments}:
        raise BadBody(f"fact.instrument: {code.id} has no instrument {given['instrument']!r}")
    try:
        now = _made(code, fact, fact.model_dump(exclude={"type"}) | dict(given))
    except (ValidationError, KeyError) as error:
        raise BadBody(f"fact: {_first(error)}") from None
    if now == fact:
        raise BadBody("fact: says what is recorded already")
    for finding in _unknown(code, now):
        raise BadBody(f"fact: {finding.message}")
    return now


def _made(code: Code, stands: Correctable, said: dict[str, Any]) -> Correctable:
    if isinstance(stands, Instrument) and said["base_version"] != stands.base_version:
        said["base_inferred"] = False
    if isinstance(stands, ModificationDirected | ModificationApproved):
        return (ModificationDirected if said["authority"] in code.directing else ModificationApproved)(**said)
    if not isinstance(stands, ProvisionChange):
        return type(stands)(**said)
    if (said["kind"], said["ref"]) != (stands.kind, stands.ref):
        said["provision"] = None
    action, kind = said.pop("action", stands.action), said.pop("kind")
    return change(action, kind, **said)


def _first(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    wrong = error.errors(include_url=False)[0]
    return f"{'.'.join(map(str, wrong['loc']))}: {wrong['msg']}; found {str(wrong['input'])[:80]!r}"


def _unknown(code: Code, fact: Correctable) -> Iterator[checks.Finding]:
    if isinstance(fact, ProvisionChange | CodeDesignated):
        exclusions = getattr(fact, "exclusions", ())
        yield from checks.unknown_reference(code, "ref", fact.kind, [fact.ref, *exclusions])
    if isinstance(fact, ProvisionChange):
        proposals = [fact.proposal] if fact.proposal else []
        yield from checks.unknown_words(code, None, (), proposals, None)
    if isinstance(fact, Instrument):
        yield from checks.unknown_words(code, fact.authority, fact.legal_basis, fact.proposals, fact.base_version)
