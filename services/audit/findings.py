"""What an audit finds wrong, and where; a bounded number of findings is kept, all are counted."""

from typing import NamedTuple

KEPT = 100


class Finding(NamedTuple):
    """Something that is not as it should be, at a position of the log or (null) in what is kept beside it."""

    position: int | None
    what: str

    def __str__(self) -> str:
        """As it is told to people."""
        return self.what if self.position is None else f"position {self.position}: {self.what}"


class Findings:
    """The first findings of each part of an audit, and how many there were."""

    def __init__(self, most: int = KEPT) -> None:
        self.kept: list[Finding] = []
        self.count, self._most = 0, most

    def add(self, position: int | None, what: str) -> None:
        """Notes one."""
        self.count += 1
        if len(self.kept) < self._most:
            self.kept.append(Finding(position, what))

    def take(self, other: "Findings") -> None:
        """Notes all of another's."""
        self.count += other.count
        self.kept += other.kept[: max(self._most - len(self.kept), 0)]
