"""The life of a proposal so far: raised, converted, refined, decided, implemented, withdrawn; null is what nobody has recorded."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from events.envelope import Recorded
from services.projection.known_rows import Body
from services.projection.point import LONDON


class Ledger(NamedTuple):
    """The day asked about, the versions known by label, and by fact the last event that cancelled it."""

    as_of: date
    versions: Mapping[str, Body]
    cancelled: Mapping[str, Recorded]


def life(acts: list[Body], made: list[Body], steps: list[Body], ledger: Ledger) -> Body:
    """The stage that a proposal is in on the day, its life so far, and the day on which it is expected to take effect."""
    carriers = [_effect(each, ledger) for each in made or acts]
    standing = sorted(
        (each for each in carriers if each["date"] and not each["cancelled"]), key=lambda each: each["date"]
    )
    past = [each for each in standing if each["date"] <= ledger.as_of.isoformat()]
    ahead = [each for each in standing if each["date"] > ledger.as_of.isoformat()]
    so_far = {
        "raised": _step(steps, "raised", ledger),
        "converted": _step(steps, "converted", ledger),
        "refined": _step(steps, "refined", ledger),
        "decided": _decided(acts, ledger),
        "implemented": _bare(past[0]) if past else None,
        "withdrawn": _step(steps, "withdrawn", ledger) or _withdrawn(made or acts, carriers, ledger),
    }
    reached = [name for name, step in so_far.items() if step]
    return {
        "stage": reached[-1] if reached else None,
        "life": so_far,
        "expected": _bare(ahead[0]) if ahead and not past else None,
    }


def _step(steps: Iterable[Body], name: str, ledger: Ledger) -> Body | None:
    """A step that was taken by the day, as it is recorded."""
    for each in steps:
        if each["step"] == name and each["effective"] <= ledger.as_of.isoformat():
            told = {key: each[key] for key in ("into", "reason") if each.get(key)}
            return {"date": each["effective"], "by": each["by"], **told, "event": each["id"], "source": each["source"]}
    return None


def _decided(acts: Iterable[Body], ledger: Ledger) -> Body | None:
    days = [act for act in acts if act["decided_on"] and act["decided_on"] <= ledger.as_of.isoformat()]
    if not days:
        return None
    first = min(days, key=lambda act: (act["decided_on"], act["position"]))
    return {"date": first["decided_on"], "by": first["authority"], "instrument": first["id"], "source": first["source"]}


def _effect(each: Body, ledger: Ledger) -> Body:
    """The day on which a change, or an instrument without any, takes effect: its own, else its version's."""
    version = ledger.versions.get(each["version"] or "")
    day = each["effective"] or (version["effective"] if version and "action" not in each else None)
    cancelled = each.get("status") == "cancelled" or bool(each.get("cancelled"))
    return {"date": day, "version": each["version"], "source": each["source"], "cancelled": cancelled}


def _bare(effect: Body) -> Body:
    return {name: value for name, value in effect.items() if name != "cancelled"}


def _withdrawn(told: list[Body], carriers: list[Body], ledger: Ledger) -> Body | None:
    """Withdrawn is what is cancelled whole; the day is the London day on which that was recorded."""
    if not carriers or not all(each["cancelled"] for each in carriers):
        return None
    events = [ledger.cancelled.get(each.get("event") or each["id"]) for each in told]
    last = max((each for each in events if each), key=lambda each: each.position, default=None)
    if last is None:
        return {"date": None, "source": None}
    event: Any = last.event
    day = last.recorded_at.astimezone(LONDON).date().isoformat()
    return {"date": day, "source": event.source.model_dump(mode="json") if event.source else None}
