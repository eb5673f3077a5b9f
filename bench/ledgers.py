"""Made-up ledgers of any size: many codes, each with versions, instruments and changes to sections and their parts."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from hashlib import sha256
from itertools import chain, count, islice, product
from typing import NamedTuple

from sqlalchemy import Engine

from events.catalogue import Event, change
from events.envelope import Pending, own_stream
from events.facts import ModificationApproved, ModificationDirected, SourceRead, VersionImplemented
from events.identifiers import new_id
from events.store import append
from events.vocabulary import Quotation

FIRST_DAY = date(2013, 9, 23)
PER_VERSION = 5
BATCH = 2_000
EVENTS_PER_ROOT = 100
"""One section for so many events of a code."""

PARTS = 20
ACTIONS = ("amended", "amended", "activated", "amended", "designated")


class Size(NamedTuple):
    """How many codes, and how many events each has."""

    codes: int
    events: int


SMALL, LARGE = Size(10, 1_000), Size(250, 4_000)


def codes(size: Size) -> list[str]:
    """The ids of the codes; the first is one whose shape is described."""
    return ["sec", *(f"c{number:03}" for number in range(1, size.codes))]


def sections(size: Size) -> list[str]:
    """The references that have changes in each code: sections and their parts."""
    roots = max(1, size.events // EVENTS_PER_ROOT)
    return [f"{_letters(root)}{part}" for part in range(1, PARTS + 1) for root in range(roots)]


def questions(size: Size) -> Iterator[str]:
    """Paths of provisions, no two the same: codes and sections in turn, day after day, from a day on which each was known."""
    start = FIRST_DAY + timedelta(days=400)
    named = list(product(codes(size), sections(size)))
    for day, shift in product(range(3_000), range(7)):
        for number in range(0, len(named), 7):
            code, ref = named[(number + shift) % len(named)]
            yield f"/v1/codes/{code}/provisions/section/{ref}?as_of={start + timedelta(days=day)}"


def write(engine: Engine, size: Size) -> int:
    """Records a ledger of that size; returns its last position."""
    versions: dict[str, int] = defaultdict(int)
    events = chain.from_iterable(zip(*(_events(code, size) for code in codes(size)), strict=True))
    while batch := list(islice(events, BATCH)):
        _append(engine, batch, versions)
    return size.codes * size.events


def _append(engine: Engine, batch: Iterable[Event], versions: dict[str, int]) -> None:
    pending = [Pending(new_id(), own_stream(event), event) for event in batch]
    expected = {each.stream: versions[each.stream] for each in pending}
    with engine.begin() as connection:
        append(connection, pending, expected)
    for each in pending:
        versions[each.stream] += 1


def _events(code: str, size: Size) -> Iterator[Event]:
    """The events of one code, oldest version first."""
    digest = sha256(code.encode()).hexdigest()
    yield SourceRead(
        code=code,
        actor="bench",
        sha256=digest,
        reader="made-up/1",
        rows=size.events // (PER_VERSION + 2),
        up_to_date_as_of=FIRST_DAY + timedelta(days=size.events),
        unread_count=0,
    )
    yield from islice(_versions(code, sections(size), digest), size.events - 1)


def _versions(code: str, refs: list[str], digest: str) -> Iterator[Event]:
    """Version after version, a week apart: the instrument, the version, its changes."""
    for number in count():
        label, done = f"{number // 20 + 1}.{number % 20}", number * PER_VERSION
        quote = f"Amendments to Section {refs[done % len(refs)]} of the code, as directed"
        said = Quotation(sha256=digest, spans=((done * 80, done * 80 + len(quote)),), quote=quote)
        given = {"code": code, "effective": FIRST_DAY + timedelta(days=number * 7), "actor": "bench"}
        given |= {"source": said, "version": label}
        kind, authority = ((ModificationDirected, "Secretary of State"), (ModificationApproved, "Change Board"))[
            number % 3 == 0
        ]
        yield kind(instrument=f"{label}-1", authority=authority, legal_basis=("Energy Act 2008 s88(1)",), **given)
        yield VersionImplemented(instruments=(f"{label}-1",), **given)
        for place in range(done, done + PER_VERSION):
            ref = refs[place % len(refs)]
            yield change(ACTIONS[place % len(ACTIONS)], "section", ref=ref, instrument=f"{label}-1", **given)


def _letters(number: int) -> str:
    return chr(65 + number) if number < 26 else chr(64 + number // 26) + chr(65 + number % 26)
