"""What is known of a code, as the commands of one transaction see it: what the database holds, and what those before come to.

What each command will look at is read ahead for all of them, in a few statements; what nobody foresaw is read when it is needed.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Generic, NamedTuple, TypeVar

import sqlalchemy as sa

from events.changes import DocumentLettered
from events.envelope import Pending, Sealed
from events.store import stream_versions
from services.ingest import known
from services.ingest.commands.around import (
    Falls,
    changes_of,
    fall,
    first,
    keys_of_versions,
    letters,
    named_already,
)
from services.ingest.commands.remembered import acts_of
from services.ingest.commands.saying import ByFamily, Decided, Family
from services.ingest.documents import Titled, Titles
from services.ingest.knowledge import Known
from services.law.fold import Act
from services.law.shapes import Code

Name = TypeVar("Name")
Found = TypeVar("Found")


class Looked(Generic[Name, Found]):
    """What was looked for, by name: the database is asked for each once, for many at a time."""

    def __init__(self, ask: Callable[[list[Name]], Mapping[Name, Found]], none: Callable[[], Found]) -> None:
        self._ask, self._none = ask, none
        self._found: dict[Name, Found] = {}

    def ahead(self, names: Iterable[Name]) -> None:
        """Looks for those of the names that were not looked for."""
        missing = [each for each in dict.fromkeys(names) if each not in self._found]
        if missing:
            found = self._ask(missing)
            self._found |= {each: found[each] if each in found else self._none() for each in missing}

    def __getitem__(self, name: Name) -> Found:
        """What is known under the name."""
        self.ahead([name])
        return self._found[name]

    def __setitem__(self, name: Name, found: Found) -> None:
        """From now on that is known under the name."""
        self._found[name] = found


class Wants(NamedTuple):
    """What a command will look at, as far as its words tell."""

    instruments: Collection[str] = ()
    versions: Collection[str] = ()
    days: Collection[date | None] = ()
    families: Collection[Family] = ()
    streams: Collection[str] = ()


class Sight:
    """What is known of a code in one transaction."""

    def __init__(self, connection: sa.Connection, code: Code) -> None:
        self.connection, self.code = connection, code
        own = code.id
        self.instruments = Looked[str, bool](
            lambda names: dict.fromkeys(named_already(connection, own, names), True), bool
        )
        self.keys = Looked[str, set[str]](lambda labels: keys_of_versions(connection, own, labels), set)
        self.streams = Looked[str, int](lambda names: stream_versions(connection, names), int)
        self._days = Looked[date | None, Falls](
            lambda days: {each: fall(connection, own, each) for each in days}, Falls
        )
        self._rows = Looked[Family, list[Act]](self._read, list)
        self._versions: list[tuple[str, date | None]] = []
        self._first_change: date | None = None
        self._noted = 0

    def ahead(self, wanted: Sequence[Wants]) -> None:
        """Reads what all of them will look at."""
        self.instruments.ahead(each for wants in wanted for each in wants.instruments)
        self.keys.ahead(each for wants in wanted for each in wants.versions)
        self._days.ahead(each for wants in wanted for each in wants.days)
        self._rows.ahead(row for wants in wanted for each in wants.families for row in self._sources(each))
        self.streams.ahead(each for wants in wanted for each in wants.streams)

    def falls(self, day: date | None) -> Falls:
        """Where the day falls."""
        found = self._days[day].with_change(self._first_change)
        for label, since in self._versions:
            found = found.with_version(label, since, day)
        return found

    def acts(self, families: Iterable[Family]) -> ByFamily:
        """Every act on each of the families, as it stands: on ranges of families too, and on what got that letter since."""
        wanted = {family: self._sources(family) for family in families}
        self._rows.ahead(row for rows in wanted.values() for row in rows)
        return {family: [act for row in rows for act in self._of(row, rows[0])] for family, rows in wanted.items()}

    def titles(self) -> Titles:
        """Which provisions bear which titles; the caller's own, to go on with."""
        return self._titles.copy()

    def note(self, decided: Decided, pending: Iterable[Pending], events: Iterable[Sealed]) -> None:
        """Adds what a command comes to, before it is in the database; one that only adds to what is known."""
        for key, fact in decided.notes.items():
            kind, _, name = key.partition("/")
            if fact is None:
                raise LookupError(f"{key} is withdrawn: no such thing can be noted")
            if kind == "instrument":
                self.instruments[name] = True
            if fact.version:
                self.keys[fact.version].add(key)
            if kind == "version":
                self._versions.append((name, fact.since))
        days = [each.effective for each in decided.changes.values() if each and each.effective]
        self._first_change = first((self._first_change, *days))
        for family, acts in decided.acts.items():
            for act in acts.values():
                if act is not None:
                    self._noted += 1
                    self._rows[family].append(replace(act, position=_AFTER_ALL + self._noted))
        for event in events:
            self.streams[event.stream] = event.stream_version
        for bearing in decided.bearings:
            self._titles.note(bearing.title, Titled(bearing.kind, bearing.ref, bearing.since))
        for lettered in (each.event for each in pending if isinstance(each.event, DocumentLettered)):
            self._letters[lettered.document] = (lettered.kind, lettered.ref)
            self._titles.lettered.add(lettered.document)

    @cached_property
    def _titles(self) -> Titles:
        held = Known(lambda event_id: known.recall(self.connection, event_id))
        known.load_titles(self.connection, self.code.id, held)
        return held.titles

    @cached_property
    def _letters(self) -> dict[str, Family]:
        return letters(self.connection, self.code.id)

    def _sources(self, family: Family) -> list[Family]:
        """The families whose acts bear on one: its own first, the ranges of its kind, the documents that got its letter."""
        kind, root = family
        own = self.code.kind(kind)
        if kind != "document" and not (own and own.lettered):
            return [family, (kind, "")]
        if kind == "document":
            kind, root = self._letters.get(root, family)
        before = [("document", slug) for slug, letter in self._letters.items() if letter == (kind, root)]
        return [(kind, root), (kind, ""), *before, *([("document", "")] if before and kind != "document" else [])]

    def _of(self, row: Family, own: Family) -> list[Act]:
        acts = self._rows[row]
        return acts if row[0] == own[0] else [replace(each, ref=own[1]) for each in acts]

    def _read(self, families: list[Family]) -> dict[Family, list[Act]]:
        rows = changes_of(self.connection, self.code.id, families)
        acts = acts_of(self.connection, rows)
        found: dict[Family, list[Act]] = {}
        for row, act in zip(rows, acts, strict=True):
            found.setdefault((row.kind, row.root), []).append(act)
        return found


_AFTER_ALL = 2**61
"""A place in the log after all that is there, and before what is being decided."""
