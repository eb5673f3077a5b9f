"""Checkpoints against the tree that the entries give: those stored, the one beside the key, and any that others hold."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from events import notes
from events.errors import Rejected
from events.notes import BadKey, BadNote, Checkpoint, Verifier
from services.audit.findings import Findings
from services.audit.rebuilt import Rebuilt
from services.projection.proof.checkpoints import Signed, published_keys
from services.projection.proof.tables import tree_checkpoint

PAGE = 1_000
c = tree_checkpoint.c


class Held(NamedTuple):
    """A checkpoint that somebody holds: where it is from, the note."""

    where: str
    note: bytes


def sizes(connection: sa.Connection, held: Sequence[tuple[str, Checkpoint]]) -> set[int]:
    """Every size for which there is a checkpoint."""
    return {*connection.scalars(sa.select(c.size).distinct()), *(each.size for _, each in held)}


def opened(held: Sequence[Held], known: Sequence[Verifier], findings: Findings) -> list[tuple[str, Checkpoint]]:
    """The checkpoints that others hold; one that none of the keys signed is noted."""
    found = []
    for where, note in held:
        try:
            found.append((where, notes.checkpoint_in(note, known)))
        except BadNote as why:
            findings.add(None, f"the checkpoint of {where}: {why}")
    return found


def compare(where: str, told: Checkpoint, origin: str | None, until: int, tree: Rebuilt, findings: Findings) -> None:
    """Notes where a checkpoint contradicts the log: it is another log's, of a longer one, or of another history."""
    if origin is not None and told.origin != origin:
        findings.add(None, f"the checkpoint of {where} is one of the log {told.origin}, this log is {origin}")
    elif told.size > until:
        findings.add(until, f"the log ends here, {where} holds a checkpoint of {told.size} entries: its tail is gone")
    elif tree.root(told.size) != told.root:
        findings.add(
            None,
            f"the checkpoint of {where} gives {told.size} entries the root {told.root.hex()}, the log's first"
            f" {told.size} entries have {tree.root(told.size).hex()}: a fork, one of them was rewritten",
        )


def stored(
    connection: sa.Connection, own: Sequence[Verifier], until: int, tree: Rebuilt, findings: Findings
) -> str | None:
    """Looks at every checkpoint that is stored; the origin of the last one."""
    known, origin = list(dict.fromkeys([*own, *_published(connection, findings)])), None
    sizes_so_far: dict[str, int] = {}
    for row in _rows(connection):
        where = f"the database (number {row.number})"
        origin = row.origin
        try:
            told = notes.checkpoint_in(row.note, known)
        except BadNote as why:
            findings.add(None, f"the checkpoint of {where}: {why}")
            continue
        if told != Checkpoint(row.origin, row.size, row.root):
            findings.add(
                None, f"the checkpoint of {where}: its columns say {row.size} of {row.origin}, its note {told}"
            )
            continue
        if told.size < sizes_so_far.get(told.origin, 0):
            findings.add(None, f"the checkpoint of {where} is of {told.size} entries, an earlier one of more")
        sizes_so_far[told.origin] = told.size
        compare(where, told, None, until, tree, findings)
    return origin


def _rows(connection: sa.Connection) -> Iterator[Signed]:
    after = -1
    while True:
        chosen = sa.select(tree_checkpoint).where(c.number > after).order_by(c.number).limit(PAGE)
        rows = [Signed(*row) for row in connection.execute(chosen)]
        yield from rows
        if len(rows) < PAGE:
            return
        after = rows[-1].number


def _published(connection: sa.Connection, findings: Findings) -> Iterator[Verifier]:
    for text in published_keys(connection):
        try:
            yield notes.verifier(text)
        except BadKey as why:
            findings.add(None, f"a published key: {why}")


def trusted(given: str | None) -> list[Verifier]:
    """The verifier keys in a text, one a line; BadKey where one is none."""
    lines = [line.strip() for line in (given or "").splitlines() if line.strip()]
    if given is not None and not lines:
        raise Rejected("expected a verifier key, found nothing")
    return [notes.verifier(line) for line in lines]
