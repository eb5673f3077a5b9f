"""Commands of one code decided one after the other in one transaction; what they come to is written together."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from events.identifiers import new_id
from events.receipt import Key, KeyReused, Request, sealed
from events.store import append_sealed
from services.ingest import known, touches
from services.ingest.commands import answered
from services.ingest.commands.answered import Earlier, Outcome
from services.ingest.commands.asking import ANY, Asking, Command, PreconditionFailed, Refused
from services.ingest.commands.drafts import Draft, foreseen, recorded
from services.ingest.commands.remembered import remember
from services.ingest.commands.saying import Decided
from services.ingest.commands.sight import Looked, Sight
from services.ingest.mirrored import IS_MIRROR, refuse
from services.ingest.tables import known_code, source_document
from services.law.checks import Refusal
from services.law.days import london_day
from services.law.shapes import Code


class Overtaken(Exception):  # noqa: N818 - what happened
    """Somebody else recorded something of the code between our look and our write."""


_START = sa.select(
    sa.select(known_code.c.revision).where(known_code.c.code == sa.bindparam("of_code")).scalar_subquery(),
    sa.exists().where(source_document.c.sha256 == sa.bindparam("of_sha256")),
    IS_MIRROR,
)
_KEPT = sa.select(source_document.c.sha256).where(
    source_document.c.sha256.in_(sa.bindparam("of_hashes", expanding=True))
)
_KEEP = sa.insert(source_document)


class Sitting:
    """Takes commands in their turn: each is decided on what those before it come to.

    Where the transaction does not hold the code, Overtaken is raised by the first write after somebody else's.
    """

    def __init__(self, connection: sa.Connection, code: Code, first: Asking, *, held: bool = False) -> None:
        self._connection, self._code, self._held = connection, code, held
        # Looked at before anything else: whatever others record after it moves the revision on.
        sha256 = first.said.quotation.sha256
        looked = connection.execute(_START, {"of_code": code.id, "of_sha256": sha256}).one()
        self._revision, kept, self._mirrors = looked
        self._sight = Sight(connection, code)
        self._kept = Looked[str, bool](self._kept_of, bool)
        self._kept[sha256] = kept
        self._earlier = Looked[str, Earlier | None](lambda keys: answered.earlier(connection, keys), lambda: None)
        self._drafts: list[Draft] = []
        self._by_key: dict[str, Draft] = {}

    def ahead(self, commands: Sequence[Command]) -> None:
        """Reads for these commands what they will look at, up to the first of which nobody can tell."""
        wants = [each.work.wants for each in commands]
        foreseen = [each for each in wants[: wants.index(None) if None in wants else None] if each is not None]
        if len(foreseen) > 1:
            asked = [each.asking for each in commands[: len(foreseen)]]
            self._earlier.ahead(each.key.value for each in asked if each.key)
            self._kept.ahead(each.said.quotation.sha256 for each in asked)
            self._sight.ahead(foreseen)

    def decide(self, command: Command) -> Outcome | Draft:
        """What a command comes to, or what it was answered before; raises why it is refused, and then it comes to nothing."""
        asking, work = command
        first = self._first(asking.key) if asking.key and not asking.dry_run else None
        if first is not None:
            return first
        if self._mirrors:
            refuse(self._connection)
        if work.wants is None:
            self.settle()
            self._sight = Sight(self._connection, self._code)
        draft = self._draft(asking, work.decide(self._sight))
        if asking.dry_run:
            return foreseen(self._code, draft)
        self._drafts.append(draft)
        if asking.key:
            self._by_key[asking.key.value] = draft
        if work.wants is None:
            self.settle()
            self._sight = Sight(self._connection, self._code)
        else:
            self._sight.note(draft.decided, draft.pending, draft.events)
        return draft

    def settle(self) -> None:
        """Writes all that is decided and not yet written; each draft has its outcome then."""
        drafts, self._drafts = self._drafts, []
        if not drafts:
            return
        connection, code, now = self._connection, self._code.id, datetime.now(UTC)
        if not self._held and not known.move_on(connection, code, self._revision or 0):
            raise Overtaken
        self._held = True
        sources = [_source(each.asking) for each in drafts if each.new_source]
        if sources:
            connection.execute(_KEEP, sources)
        touched = [touches.touches(connection, code, each.events) for each in drafts]
        touches.keep(connection, code, [touch for each in touched for touch in each])
        new = {event.id for each in drafts for event in each.events}
        known.save(connection, code, [each.decided for each in drafts], london_day(now), new)
        requests = [Request([], each.expected, each.asking.key) for each in drafts]
        receipts = append_sealed(connection, requests, [each.events for each in drafts], now)
        for draft, receipt, touch in zip(drafts, receipts, touched, strict=True):
            places = zip((each.id for each in draft.events), receipt.positions, strict=True)
            remember(draft.decided, dict(places))
            draft.outcome = recorded(draft, receipt, touch)
        answered.keep(
            connection, [(each.asking.key, each.outcome) for each in drafts if each.asking.key and each.outcome]
        )

    def _first(self, key: Key) -> Outcome | None:
        """What the first command under the key was answered."""
        draft = self._by_key.get(key.value)
        if draft is not None:
            self.settle()
        own = draft.asking.key if draft else None
        first = Earlier(own.digest, draft.outcome) if draft and own else self._earlier[key.value]
        if first is None:
            return None
        if first.digest != key.digest or first.outcome is None:
            raise KeyReused(key.value)
        return first.outcome

    def _draft(self, asking: Asking, decided: Decided) -> Draft:
        refusals = [each for each in decided.findings if isinstance(each, Refusal)]
        sha256 = asking.said.quotation.sha256
        new_source = not self._kept[sha256]
        source = [asking.said.received(self._code.id, new_id())] if new_source else []
        pending = [*source, *decided.pending]
        streams = dict.fromkeys(each.stream for each in pending)
        self._sight.streams.ahead([*streams, decided.stream] if decided.stream else streams)
        version = self._precondition(asking, decided)
        if refusals:
            raise Refused("; ".join(each.message for each in refusals[:5]))
        expected = {each: self._sight.streams[each] for each in streams}
        events = sealed(Request(pending, expected, asking.key), datetime.now(UTC))
        if not asking.dry_run:
            self._kept[sha256] = True
        warnings = [each._asdict() for each in dict.fromkeys(decided.findings)]
        return Draft(asking, decided, pending, events, expected, warnings, version, new_source)

    def _precondition(self, asking: Asking, decided: Decided) -> int | None:
        if decided.stream is None:
            return None
        found = self._sight.streams[decided.stream]
        if found and decided.instrument:
            found += touches.count(self._connection, self._code.id, decided.instrument)
        if asking.if_match == ANY:
            if not found:
                raise PreconditionFailed(f"If-Match: expected any version of {decided.stream}, found none")
        elif asking.if_match is not None and asking.if_match != found:
            raise PreconditionFailed(
                f"If-Match: expected version {asking.if_match} of {decided.stream}, found version {found}"
            )
        return found

    def _kept_of(self, hashes: list[str]) -> dict[str, bool]:
        return dict.fromkeys(self._connection.scalars(_KEPT, {"of_hashes": hashes}), True)


def _source(asking: Asking) -> dict[str, Any]:
    said = asking.said
    row = {"sha256": said.quotation.sha256, "media_type": "text/plain", "name": said.name, "content": said.content}
    return row | {"kind": said.kind}
