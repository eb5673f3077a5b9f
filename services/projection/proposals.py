"""Answers about proposals: each with its life, its other names and alternatives, the versions and provisions it touched."""

from collections.abc import Iterable

import sqlalchemy as sa

from events import store
from events.errors import NotFound
from services.law.codes import shape
from services.law.proposals import Identity, identity
from services.projection.changes import all_changes
from services.projection.instruments import acts_by_name, versions_in_order
from services.projection.known_rows import Body, body_of, changes_where, known
from services.projection.lives import Ledger, life
from services.projection.point import Point
from services.projection.tables import proposal_row


class UnknownProposal(NotFound):
    """No instrument or change names that proposal, as known at the point."""

    problem = "unknown-proposal"

    def __init__(self, message: str, nearest: list[str]) -> None:
        super().__init__(message)
        self.extra = {"nearest": nearest}


def proposals(connection: sa.Connection, point: Point) -> list[Body]:
    """The proposals known at the point by their names, one that was converted under the name it has now."""
    known = _Known(connection, point)
    latest = {known.identity(name): name for name in known.oldest_first()}
    return [
        {**head, "counts": {"changes": len(made), "provisions": len(touched)}}
        for name in sorted(latest.values())
        for head, _, made, touched in [known.told(name)]
    ]


def proposal(connection: sa.Connection, point: Point, name: str) -> Body:
    """One proposal under any of its names: its life, and the versions, instruments and changes that carried it."""
    known = _Known(connection, point)
    if known.identity(name) not in {known.identity(other) for other in known.names}:
        nearest = [
            other for other in sorted(known.names) if known.identity(other).family == known.identity(name).family
        ]
        message = f"{point.code} has no proposal {name[:40]!r} as known at position {point.position}"
        raise UnknownProposal(message, nearest)
    head, acts, made, touched = known.told(name)
    return {**head, "provisions": touched, "instruments": acts, "changes": made}


def changes_of(connection: sa.Connection, point: Point, name: str) -> list[Body]:
    """The changes that a proposal made; UnknownProposal where there is none."""
    made: list[Body] = proposal(connection, point, name)["changes"]
    return made


class _Known:
    """All that is known at a point which names a proposal."""

    def __init__(self, connection: sa.Connection, point: Point) -> None:
        self._code, self._point = shape(point.code), point
        self._acts = list(acts_by_name(connection, point).values())
        self._made = all_changes(connection, point)
        self._steps = [{**body_of(row), "step": row.step} for row in known(connection, proposal_row, point)]
        self._homes = {row.id: {"kind": row.home_kind, "ref": row.home_ref} for row in changes_where(connection, point)}
        cancelled = store.stream(connection, 0, point.code, ["ChangeCancelled"], until=point.bound)
        versions = {each["label"]: each for each in versions_in_order(connection, point)}
        self._ledger = Ledger(point.as_of, versions, {each.event.change: each for each in cancelled})  # type: ignore[union-attr]
        named = [name for act in self._acts for name in act["proposals"]]
        named += [name for step in self._steps for name in (step["proposal"], step.get("into")) if name]
        self.names = {*named, *(change["proposal"] for change in self._made if change["proposal"])}

    def identity(self, name: str) -> Identity:
        """Which proposal a name means in this code."""
        return identity(self._code, name)

    def oldest_first(self) -> list[str]:
        """The names known, those before a conversion first."""
        return sorted(self.names, key=lambda name: (not name.startswith(tuple(self._code.converted)), name))

    def told(self, name: str) -> tuple[Body, list[Body], list[Body], list[Body]]:
        """What heads the answer about a proposal, its instruments, its changes, the provisions that these touched."""
        mine = self.identity(name)
        acts = [act for act in self._acts if mine in map(self.identity, act["proposals"])]
        alone = {act["id"] for act in acts if {self.identity(each) for each in act["proposals"]} == {mine}}
        made = [change for change in self._made if self._is_of(change, mine, alone)]
        steps = [step for step in self._steps if self.identity(step["proposal"]) == mine]
        touched = _distinct(self._homes[change["id"]] for change in made)
        labels = dict.fromkeys(item["version"] for item in [*acts, *made] if item["version"])
        also = [other for other in sorted(self.names) if other != name and self.identity(other).family == mine.family]
        head = {
            "id": name,
            "code": self._point.code,
            "also": also,
            "title": next((step["title"] for step in steps if step.get("title")), None),
            **life(acts, made, steps, self._ledger),
            "versions": list(labels),
        }
        return head, acts, made, touched

    def _is_of(self, change: Body, mine: Identity, alone: set[str]) -> bool:
        """A change that names no proposal is of the one that its instrument carries, if that is the only one."""
        if change["proposal"]:
            return self.identity(change["proposal"]) == mine
        return change["instrument"] in alone


def _distinct(provisions: Iterable[Body]) -> list[Body]:
    return list({(each["kind"], each["ref"]): each for each in provisions}.values())
