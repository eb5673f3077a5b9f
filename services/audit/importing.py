"""An export put into an empty ledger: the same positions, times, hashes and root; whole or not at all."""

from base64 import b64decode
from datetime import datetime
from hashlib import sha256
from itertools import groupby
from typing import IO, Any

import sqlalchemy as sa

from events.envelope import Recorded
from events.errors import Conflict, Rejected
from events.merkle import Peaks
from events.notes import Checkpoint
from events.restoring import hold, restore
from events.tables import event_key
from services.audit import index
from services.audit.entries import recorded
from services.audit.lines import FORMAT, Damaged, checked
from services.audit.taken_over import take_over
from services.audit.walking import Moved
from services.ingest.tables import command_answer, source_document
from services.projection import followed

PAGE = 1_000

Line = dict[str, Any]


class NotEmpty(Conflict):
    """The ledger holds something already."""


def bring(connection: sa.Connection, file: IO[bytes], moved: Moved) -> tuple[int, Checkpoint | None]:
    """Puts all of the file into the ledger, and makes ingest's index; how many events, what was signed; the caller commits."""
    _refuse_filled(connection)
    taken = _Taken(connection, moved)
    lines = checked(file)
    number, first = next(lines, (1, Line()))
    if first != {"format": FORMAT}:
        raise Damaged(f"line {number}: expected an export of the form {FORMAT}, found {str(first)[:80]}")
    number = 1
    for kind, part in groupby(lines, key=lambda line: _kind(line[1])):
        for number, line in part:
            if taken.ended:
                raise Damaged(f"line {number}: nothing belongs after the end")
            with _Naming(number):
                taken.take(kind, line)
    if not taken.ended:
        raise Damaged(f"line {number}: the file was cut after this line: its end is missing")
    index.rebuild(connection)
    return taken.tree.size, taken.signed


def _refuse_filled(connection: sa.Connection) -> None:
    last, mirrored = hold(connection), followed.row(connection)
    if mirrored:
        raise NotEmpty(f"the ledger mirrors {mirrored.url}: its log has no other writer")
    others = [connection.scalar(sa.select(sa.func.count()).select_from(t)) for t in (event_key, source_document)]
    if last or any(others):
        raise NotEmpty(f"the ledger is not empty: its log ends at position {last}; an import needs an empty one")


def _kind(line: Line) -> str:
    return next((name for name in ("position", "source", "key", "end") if name in line), "")


class _Naming:
    """A refusal of what a line holds names the line."""

    def __init__(self, number: int) -> None:
        self._number = number

    def __enter__(self) -> None:
        """Nothing to do."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Rejected | Conflict):
            raise Damaged(f"line {self._number}: {error}") from error
        if isinstance(error, LookupError | ValueError | TypeError | AttributeError):
            raise Damaged(f"line {self._number}: not of the form {FORMAT}: {error!r}") from error


class _Taken:
    """What was taken from the file so far."""

    def __init__(self, connection: sa.Connection, moved: Moved) -> None:
        self._connection, self._moved = connection, moved
        self._waiting: list[Recorded] = []
        self.tree, self.ended = Peaks(), False
        self.signed: Checkpoint | None = None
        self._counts = {"events": 0, "sources": 0, "keys": 0}

    def take(self, kind: str, line: Line) -> None:
        """Takes a line of the export."""
        if kind == "position":
            self._event(line)
            return
        self._put()
        if kind == "source":
            self._source(line)
        elif kind == "key":
            self._key(line)
        elif kind == "end":
            self._end(line)
        else:
            raise Damaged(f"expected an event, a source, a key or the end, found {str(line)[:80]}")

    def _event(self, line: Line) -> None:
        event = recorded(line["position"], datetime.fromisoformat(line["recorded_at"]), line["entry"].encode())
        if event.leaf_hash != b64decode(line["leaf_hash"], validate=True):
            raise Damaged(f"position {event.position}: the entry is not the one that its leaf hash is of")
        if event.position != self._counts["events"] + 1:
            raise Damaged(f"expected position {self._counts['events'] + 1}, found {event.position}")
        self._counts["events"] += 1
        self.tree.add(event.leaf_hash)
        self._waiting.append(event)
        if len(self._waiting) == PAGE:
            self._put()

    def _put(self) -> None:
        restore(self._connection, self._waiting)
        self._waiting = []
        self._moved(self._counts["events"], self._counts["events"])

    def _source(self, line: Line) -> None:
        content = b64decode(line["content"], validate=True)
        if sha256(content).hexdigest() != line["source"]:
            raise Damaged(f"source {line['source']}: its bytes have another SHA-256")
        about = {name: line[name] for name in ("media_type", "name", "kind")}
        row = {"sha256": line["source"], **about, "content": content}
        self._connection.execute(sa.insert(source_document).values(row))
        self._counts["sources"] += 1

    def _key(self, line: Line) -> None:
        at, digest = datetime.fromisoformat(line["recorded_at"]), b64decode(line["digest"], validate=True)
        row = {"key": line["key"], "digest": digest, "recorded_at": at}
        row |= {"first_position": line["first_position"], "event_count": line["event_count"]}
        self._connection.execute(sa.insert(event_key).values(row))
        if "answer" in line:
            told = {"key": line["key"], "version": line["version"], "position": line["last"]}
            self._connection.execute(sa.insert(command_answer).values(told | {"answer": line["answer"].encode()}))
        self._counts["keys"] += 1

    def _end(self, line: Line) -> None:
        if line["end"] != self._counts:
            raise Damaged(f"the file says that it holds {line['end']}, it holds {self._counts}")
        if b64decode(line["root"], validate=True) != self.tree.root():
            raise Damaged(f"the root is {line['root']}, the entries have another")
        if line.get("keys"):  # a file of an earlier release has none
            note, at = line["checkpoint"].encode(), datetime.fromisoformat(line["signed_at"])
            self.signed = take_over(self._connection, note, line["keys"], at)
        self.ended = True
