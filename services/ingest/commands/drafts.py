"""A command that is decided and not yet written, and what its caller is told: what it did, or what it would do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

import orjson

from events.envelope import Pending, Sealed
from events.receipt import Receipt
from services.ingest.commands.answered import Outcome
from services.ingest.commands.asking import Asking
from services.ingest.commands.foreseen import answers_that_change
from services.ingest.commands.saying import Decided
from services.ingest.touches import Touch
from services.law.shapes import Code


@dataclass
class Draft:
    """A command that is decided and not yet written: its events and the versions that they build on, its warnings, the
    version of the stream that the caller has seen, whether its source is new; once it is written, what it did."""

    asking: Asking
    decided: Decided
    pending: Sequence[Pending]
    events: Sequence[Sealed]
    expected: Mapping[str, int]
    warnings: list[dict[str, Any]]
    version: int | None
    new_source: bool
    outcome: Outcome | None = None


def recorded(draft: Draft, receipt: Receipt, touched: Sequence[Touch]) -> Outcome:
    """What the command did, now that its events are where the receipt says."""
    decided, version = draft.decided, draft.version
    if version is not None:
        version += sum(each.stream == decided.stream for each in draft.events)
        version += sum(each.instrument == decided.instrument for each in touched)
    body = _told(_recorded(draft, receipt), draft)
    return Outcome(body, version, receipt.positions[-1])


def foreseen(code: Code, draft: Draft) -> Outcome:
    """What the command would do: the events it would append, the answers that would change."""
    decided = draft.decided
    events = [
        {"id": each.id, "type": each.event.type, "stream": each.stream, "data": each.event.model_dump(mode="json")}
        for each in draft.pending
    ]
    answers = list(answers_that_change(code, decided.before, decided.acts))
    return Outcome(
        _told({"instrument": decided.instrument, "events": events, "answers": answers}, draft), draft.version, None
    )


def _told(told: dict[str, Any], draft: Draft) -> bytes:
    return orjson.dumps({**told, "warnings": draft.warnings})


def _recorded(draft: Draft, receipt: Receipt) -> dict[str, Any]:
    events = [
        {"id": each.id, "position": position, "type": each.type, "stream": each.stream}
        for each, position in zip(draft.events, receipt.positions, strict=True)
    ]
    recorded_at = receipt.recorded_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return {"instrument": draft.decided.instrument, "events": events, "recorded_at": recorded_at}
