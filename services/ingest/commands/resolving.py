"""A contradiction decided by somebody: the claim used from now on, and the facts that follow it. Pure; all of it is appended."""

from collections.abc import Callable, Iterator
from typing import Any

from events.changes import ProvisionChange
from events.envelope import Pending, own_stream
from events.errors import Conflict
from events.facts import CodeDesignated
from events.knowing_better import Correctable, FactCorrected, FactRetracted
from services.ingest.commands.contested import Contested
from services.ingest.commands.correcting import LAST
from services.ingest.commands.saying import Decided, Said
from services.ingest.commands.standing import Standing, act
from services.ingest.facts import digests
from services.ingest.followers import day_moved, following
from services.ingest.knowledge import KnownChange, KnownFact, family_of
from services.ingest.lettering import Letters
from services.ingest.reading import ReadVersion
from services.law.shapes import Code

_NOT_DISPUTED = {
    "type",
    "code",
    "actor",
    "source",
    "causation_id",
    "correlation_id",
    "provision",
    "previous",
    "instruments",
}


class DecidedSo(Conflict):
    """Somebody has decided the contradiction in that way already."""


def decide_resolution(
    code: Code, used: int, reason: str, conflict: Contested, said: Said, new_id: Callable[[], str]
) -> Decided:
    """The claim that is used from now on, and the fact recorded as it says: corrected, withdrawn, or recorded anew."""
    noted = conflict.noted
    if noted.conflict is not None and noted.used == used:
        raise DecidedSo(f"conflict {conflict.id}: claim {used} is used already, {noted.rule}")
    decided = Decided(iter(()))
    walk = _Resolving(code, conflict, said, reason, new_id(), new_id, decided)
    facts = list(walk.facts(noted.claims[used].fact, noted.claims[1 - used].fact))
    told = {"used": used, "rule": f"decided by {said.actor}", "conflict": conflict.id, "reason": reason}
    told |= {"actor": said.actor, "source": said.quotation, "causation_id": conflict.id, "recorded": walk.recorded}
    # Claims stay the classes they are: as plain fields they would be checked and made once more.
    event = noted.model_copy(update=told)
    decided.pending = iter([Pending(walk.cause, conflict.stream, event), *facts])
    return decided


class _Resolving:
    """Makes the events that follow a decision, and notes beside each what is known by it."""

    def __init__(
        self,
        code: Code,
        conflict: Contested,
        said: Said,
        reason: str,
        cause: str,
        new_id: Callable[[], str],
        to: Decided,
    ) -> None:
        self._code, self._conflict, self._said, self._reason = code, conflict, said, reason
        self._new_id, self._decided, self.cause = new_id, to, cause
        self.recorded = conflict.stands.known.event_id if conflict.stands else None

    def facts(self, claim: Correctable | None, other: Correctable | None) -> Iterator[Pending]:
        """What brings the recorded fact to what the claim says."""
        stands = self._conflict.stands
        if claim is None:
            if stands is not None:
                yield self._withdrawn(stands)
        elif stands is None:
            yield self._anew(claim)
        else:
            yield from self._corrected(stands, _as_claimed(stands.fact, self._placed(claim), other))

    def _corrected(self, stands: Standing, fact: Correctable) -> Iterator[Pending]:
        # In another stream than the decision's the fact is told again: what is known of it follows from its own stream.
        if digests(fact) == digests(stands.fact) and stands.known.stream == self._conflict.stream:
            # Somebody stands for it now: the source that said so first no longer corrects it by itself.
            self._decided.replaced.add(stands.key)
            self._decided.notes[stands.key] = stands.known._replace(sha256=self._said.quotation.sha256)
            return
        yield self._superseded(stands, fact)
        version = self._conflict.version
        shift = day_moved(stands.fact, fact, version.day if version else None)
        around = {each.key: each for each in self._conflict.around}
        held = [(each.key, each.known, each.fact) for each in around.values()]
        for key, _, now in following(shift, held) if shift else ():
            yield self._superseded(around[key], now)

    def _superseded(self, stands: Standing, fact: Correctable) -> Pending:
        first = stands.known.event_id
        event = FactCorrected(effective=fact.effective, supersedes=first, fact=fact, **self._common())
        pending = Pending(self._new_id(), stands.known.stream, event)
        said, whole = digests(fact)
        since = fact.effective if stands.key.startswith("version/") and not stands.cancelled else None
        known = stands.known._replace(told_by=pending.id, said=said, whole=whole, since=since)
        self._known(stands.key, known._replace(sha256=self._said.quotation.sha256), fact, stands.cancelled)
        self._left(stands, fact)
        return pending

    def _withdrawn(self, stands: Standing) -> Pending:
        self.recorded = None
        self._decided.replaced.add(stands.key)
        self._decided.notes[stands.key] = None
        self._left(stands, None)
        event = FactRetracted(supersedes=stands.known.event_id, **self._common())
        return Pending(self._new_id(), stands.known.stream, event)

    def _anew(self, claim: Correctable) -> Pending:
        told = {"actor": self._said.actor, "causation_id": self.cause, "correlation_id": self._conflict.id}
        fact = self._placed(claim).model_copy(update=told)
        pending = Pending(self._new_id(), own_stream(fact), fact)
        self.recorded = pending.id
        label = getattr(fact, "version", None) or ""
        known = KnownFact(pending.id, pending.id, *digests(fact), pending.stream, self._said.quotation.sha256, label)
        known = known._replace(since=fact.effective if self._conflict.noted.about.startswith("version/") else None)
        self._known(self._conflict.noted.about, known, fact, cancelled=False)
        return pending

    def _known(self, key: str, known: KnownFact, fact: Correctable, cancelled: bool) -> None:
        self._decided.replaced.add(key)
        self._decided.notes[key] = known
        if isinstance(fact, ProvisionChange | CodeDesignated):
            family = family_of(self._code, fact)
            change = KnownChange(known.event_id, known.told_by, known.stream, *family, fact.effective, cancelled)
            self._decided.changes[known.event_id] = change
            self._decided.becomes(family, known.event_id, act(change, fact, LAST))

    def _left(self, stands: Standing, now: Correctable | None) -> None:
        """The family that the change is no longer of."""
        if not isinstance(stands.fact, ProvisionChange | CodeDesignated):
            return
        family, event_id = family_of(self._code, stands.fact), stands.known.event_id
        if not isinstance(now, ProvisionChange | CodeDesignated):
            # Withdrawn, or an act on the code as it is that a source took for its founding.
            self._decided.changes[event_id] = None
            self._decided.becomes(family, event_id, None)
        elif family_of(self._code, now) != family:
            self._decided.becomes(family, event_id, None)

    def _placed(self, claim: Correctable) -> Correctable:
        """The claim with the provision that its title names."""
        letters = Letters(self._code, self._conflict.titles, ReadVersion("", None, (), (), (), ()))
        return letters.placed(claim)  # type: ignore[return-value]

    def _common(self) -> dict[str, Any]:
        said = self._said
        told = {"code": self._code.id, "actor": said.actor, "source": said.quotation}
        about = {"causation_id": self.cause, "correlation_id": self._conflict.id}
        return {**told, **about, "reason": self._reason}


def _as_claimed(stands: Correctable, claim: Correctable, other: Correctable | None) -> Correctable:
    """The fact as it stands, but for what the claims disagree on: what else has been learnt of it since is kept."""
    if other is None or not type(stands) is type(claim) is type(other):
        return claim
    disputed = {
        name: getattr(claim, name)
        for name in type(claim).model_fields
        if name not in _NOT_DISPUTED and getattr(claim, name) != getattr(other, name)
    }
    return stands.model_copy(update={**disputed, "source": claim.source})
