"""Each command's way from what it asks to what it comes to: reads what is known where it falls, then decides."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count, islice

import sqlalchemy as sa

from events.errors import NotFound
from events.identifiers import new_id
from services.ingest.commands import instruments
from services.ingest.commands.around import began, c, changes, keys_beside, named_already
from services.ingest.commands.asking import Work
from services.ingest.commands.bodies import (
    BadBody,
    CancellationAsked,
    CorrectionAsked,
    InstrumentAsked,
    ReschedulingAsked,
)
from services.ingest.commands.correcting import Around, decide_correction, judged
from services.ingest.commands.moving import decide_moves
from services.ingest.commands.progress import against_decision
from services.ingest.commands.saying import ByFamily, Decided, Said
from services.ingest.commands.sight import Sight, Wants
from services.ingest.commands.standing import Standing, named, standing
from services.ingest.commands.targets import carried_by, meant
from services.ingest.documents import Titles
from services.ingest.knowledge import KnownChange
from services.law.codes import CODES
from services.law.days import london_day
from services.law.shapes import Code

PROBES = 20
"""Names of instruments that are asked for at once."""


class UnknownCode(NotFound):
    """No code of that id is described, so nothing can be said of it."""

    problem = "unknown-code"


def described(code: str) -> Code:
    """The code's shape; UnknownCode where nobody has described it."""
    if code not in CODES:
        raise UnknownCode(f"code {code[:40]!r} is not described; expected one of {', '.join(sorted(CODES))}")
    return CODES[code]


def instrument(code: Code, asked: InstrumentAsked, said: Said, *, directed: bool) -> Work:
    """The work of a direction or an approval; BadBody where its words are none of the code's."""
    for finding in instruments.words(code, asked):
        raise BadBody(finding.message)
    if (asked.authority in code.directing) != directed:
        ways = ("directions", "approvals")
        raise BadBody(f"authority: {asked.authority!r} acts by {ways[directed]}, not by {ways[not directed]}")

    def work(sight: Sight) -> Decided:
        before = sight.acts(instruments.families(code, asked))
        decided = instruments.decide(code, asked, _place(sight, asked, before), said, new_id)
        decided.findings += against_decision(sight.connection, code, asked.proposals, asked.decided_on)
        return decided

    # One that joins a version looks at how that stands, which is told in the events themselves.
    return Work(work, None if asked.joins_version else _wants(code, asked, said))


def _wants(code: Code, asked: InstrumentAsked, said: Said) -> Wants:
    names = list(islice(_names(asked), PROBES))
    streams = {f"source/{said.quotation.sha256}", f"{code.id}/instrument/{names[0]}"}
    streams |= {f"{code.id}/version/{asked.version}"} if asked.version else set()
    streams |= {f"{code.id}/{each.kind}/{each.ref}" for each in asked.changes}
    return Wants(
        instruments=names,
        versions=[asked.version] if asked.version else [],
        days=[asked.effective],
        families=instruments.families(code, asked),
        streams=streams,
    )


def _place(sight: Sight, asked: InstrumentAsked, before: ByFamily) -> instruments.Place:
    taken = frozenset(sight.keys[asked.version]) if asked.version else frozenset[str]()
    joins = f"version/{asked.version}" in taken
    if joins and not asked.joins_version:
        raise instruments.LabelUsed(
            f"version {asked.version} is recorded already; `joins_version` adds another instrument to it"
        )
    if asked.joins_version and not joins:
        raise instruments.LabelUsed(f"joins_version: no version {asked.version} is recorded")
    falls = sight.falls(asked.effective)
    version = named(sight.connection, sight.code.id, f"version/{asked.version}") if joins else None
    return instruments.Place(
        instrument=_name(sight, asked),
        joins=joins,
        version_day=version.day if version else asked.effective,
        previous=falls.preceding,
        began=falls.began,
        titles=sight.titles() if any(each.title for each in asked.changes) else Titles(),
        taken=taken,
        acts=before,
    )


def _name(sight: Sight, asked: InstrumentAsked) -> str:
    """The id asked for, else the next free one that the reader of a table would give, else one of authority and day."""
    names = _names(asked)
    while some := list(islice(names, PROBES)):
        sight.instruments.ahead(some)
        for name in some:
            if not sight.instruments[name]:
                return name
    raise instruments.NameUsed(f"instrument {asked.instrument!r} is recorded already")


def _names(asked: InstrumentAsked) -> Iterator[str]:
    if asked.instrument is not None:
        yield asked.instrument
        return
    stem = asked.version
    if stem is None:
        words = re.sub(r"[^a-z0-9]+", "-", asked.authority.lower()).strip("-")
        stem = f"{words}-{asked.decided_on or asked.effective or 'undated'}"
    yield from (f"{stem}-{number}" for number in count(1))


def correction(code: Code, asked: CorrectionAsked, said: Said) -> Work:
    """The work of a correction or a withdrawal of one fact."""

    def work(sight: Sight) -> Decided:
        connection = sight.connection
        stands = standing(connection, code.id, asked.event)
        own = changes(connection, code.id, c.event_id == stands.known.event_id)
        held = [] if own else [each for each in carried_by(connection, code.id, stands) if not each.cancelled]
        around = Around(
            change=own[0] if own else None,
            carries=len(held if asked.fact is None else _on_its_day(held, stands)),
            began=began(connection, code.id),
            taken=keys_beside(connection, code.id, stands.key),
            instruments=_instruments(connection, code.id, asked),
        )
        decided = decide_correction(code, asked, stands, around, said, new_id)
        decided.before = sight.acts(decided.acts)
        decided.seen_as(code.id, next(iter(stands.instruments), None), stands.known.stream)
        return judged(code, decided)

    return Work(work)


def _instruments(connection: sa.Connection, code: str, asked: CorrectionAsked) -> frozenset[str]:
    name = asked.fact.instrument if asked.fact else None
    return named_already(connection, code, [name]) if name else frozenset()


def _on_its_day(held: list[KnownChange], stands: Standing) -> list[KnownChange]:
    """The changes that are on the day of what carries them; an instrument without one has that of its version's."""
    return [each for each in held if stands.day is None or each.effective == stands.day]


def moves(code: Code, asked: ReschedulingAsked | CancellationAsked, said: Said) -> Work:
    """The work of a rescheduling or a cancellation: of one change, or of all that an instrument or a version carries."""

    def work(sight: Sight) -> Decided:
        what, about = meant(sight.connection, code, asked, london_day(datetime.now(UTC)))
        before = sight.acts({(each.kind, each.root) for each in what.changes})
        decided = decide_moves(code, asked, what, before, said, new_id)
        decided.seen_as(code.id, next(iter(about.instruments), None), about.known.stream)
        return judged(code, decided)

    return Work(work)
