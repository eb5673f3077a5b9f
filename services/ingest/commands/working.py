"""Each command's way from what it asks to what it comes to: reads what is known where it falls, then decides."""

import re

import sqlalchemy as sa

from events.errors import NotFound
from events.identifiers import new_id
from services.ingest import known
from services.ingest.commands import instruments, later
from services.ingest.commands.bodies import (
    BadBody,
    CancellationAsked,
    CorrectionAsked,
    InstrumentAsked,
    ReschedulingAsked,
)
from services.ingest.commands.recording import Work
from services.ingest.commands.saying import Decided, Said
from services.ingest.commands.standing import NotCorrectable, Standing, acts, began, c, changes, f, named, standing
from services.ingest.knowledge import Known, KnownChange
from services.ingest.tables import known_fact
from services.law.codes import CODES, Code


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
        acts_by = "directions" if not directed else "approvals"
        raise BadBody(
            f"authority: {asked.authority!r} acts by {acts_by}, not by {'directions' if directed else 'approvals'}"
        )

    def work(connection: sa.Connection) -> tuple[Decided, later.ByFamily]:
        before = acts(connection, code.id, instruments.families(code, asked))
        place = _place(connection, code, asked, before)
        return instruments.decide(code, asked, place, said, new_id), before

    return work


def _place(connection: sa.Connection, code: Code, asked: InstrumentAsked, before: later.ByFamily) -> instruments.Place:
    taken = frozenset(_keys(connection, code.id, asked.version)) if asked.version else frozenset[str]()
    joins = f"version/{asked.version}" in taken
    if joins and not asked.joins_version:
        raise instruments.LabelUsed(
            f"version {asked.version} is recorded already; `joins_version` adds another instrument to it"
        )
    if asked.joins_version and not joins:
        raise instruments.LabelUsed(f"joins_version: no version {asked.version} is recorded")
    titles = Known(lambda event_id: known.recall(connection, event_id))
    known.load_titles(connection, code.id, titles)
    return instruments.Place(
        instrument=_name(connection, code.id, asked),
        joins=joins,
        previous=known.preceding(connection, code.id, asked.effective),
        began=began(connection, code.id),
        titles=titles.titles,
        taken=taken,
        acts=before,
    )


def _keys(connection: sa.Connection, code: str, label: str) -> list[str]:
    return list(connection.scalars(sa.select(f.key).where(f.code == code, f.version == label)))


def _name(connection: sa.Connection, code: str, asked: InstrumentAsked) -> str:
    """The id asked for, else the next free one that the reader of a table would give, else one of authority and day."""
    if asked.instrument is not None:
        if _has(connection, code, asked.instrument):
            raise instruments.NameUsed(f"instrument {asked.instrument!r} is recorded already")
        return asked.instrument
    if asked.version is not None:
        stem, first = asked.version, 1
    else:
        words = re.sub(r"[^a-z0-9]+", "-", asked.authority.lower()).strip("-")
        stem, first = f"{words}-{asked.decided_on or asked.effective or 'undated'}", 1
    while _has(connection, code, f"{stem}-{first}"):
        first += 1
    return f"{stem}-{first}"


def _has(connection: sa.Connection, code: str, name: str) -> bool:
    own = sa.select(f.key).where(f.code == code, f.key == f"instrument/{name}")
    return connection.scalar(own) is not None


def correction(code: Code, asked: CorrectionAsked, said: Said) -> Work:
    """The work of a correction or a withdrawal of one fact."""

    def work(connection: sa.Connection) -> tuple[Decided, later.ByFamily]:
        stands = standing(connection, code.id, asked.event)
        held = changes(connection, code.id, c.event_id == stands.known.event_id)
        families = {(each.kind, each.root) for each in held}
        decided = later.decide_correction(
            code, asked, stands, held[0] if held else None, began(connection, code.id), said, new_id
        )
        decided.instrument = getattr(stands.fact, "instrument", None)
        return decided, acts(connection, code.id, families | decided.acts.keys())

    return work


def moves(code: Code, asked: ReschedulingAsked | CancellationAsked, said: Said) -> Work:
    """The work of a rescheduling or a cancellation: of one change, or of all that an instrument or a version carries."""

    def work(connection: sa.Connection) -> tuple[Decided, later.ByFamily]:
        targets, facts, name = _targets(connection, code.id, asked)
        families = {(each.kind, each.root) for each in targets}
        before = acts(connection, code.id, families)
        decided = later.decide_moves(code, asked, targets, facts, before, began(connection, code.id), said, new_id)
        decided.instrument = name
        return decided, before

    return work


def _targets(
    connection: sa.Connection, code: str, asked: ReschedulingAsked | CancellationAsked
) -> tuple[list[KnownChange], list[Standing], str | None]:
    """The changes that are meant, the facts that carry them, the instrument: its stream is what the caller has seen."""
    if asked.change is not None:
        stands = standing(connection, code, asked.change)
        held = changes(connection, code, c.event_id == stands.known.event_id)
        if not held:
            raise NotCorrectable(f"event {asked.change} is a {stands.fact.type}, no change to a provision")
        return held, [], getattr(stands.fact, "instrument", None)
    if asked.instrument is not None:
        carrier = named(connection, code, f"instrument/{asked.instrument}")
        return _carried(connection, code, carrier, instrument=asked.instrument)
    carrier = named(connection, code, f"version/{asked.version}")
    return _carried(connection, code, carrier, instrument=None)


def _carried(
    connection: sa.Connection, code: str, carrier: Standing, instrument: str | None
) -> tuple[list[KnownChange], list[Standing], str | None]:
    label = getattr(carrier.fact, "version", None)
    rows = sa.select(f.event_id).where(f.code == code, f.key.startswith("change/"))
    prefix = f"change/{label or instrument}/"
    ids = list(connection.scalars(rows.where(f.key.startswith(prefix, autoescape=True))))
    held = changes(connection, code, c.event_id.in_(ids)) if ids else []
    facts = {each.event_id: standing(connection, code, each.event_id).fact for each in held}
    names = list(getattr(carrier.fact, "instruments", ())) or [instrument]
    if instrument is not None:
        held = [each for each in held if getattr(facts[each.event_id], "instrument", None) == instrument]
        alone = _keys_of_instruments(connection, code, label) == [f"instrument/{instrument}"] if label else False
        carriers = [named(connection, code, f"version/{label}")] if alone else []
        own = [carrier] if getattr(carrier.fact, "effective", None) is not None else []
        return held, [*carriers, *own], instrument
    same_day = [each for each in held if each.effective == carrier.fact.effective]
    return same_day, [carrier], names[0]


def _keys_of_instruments(connection: sa.Connection, code: str, label: str) -> list[str]:
    own = sa.select(known_fact.c.key).where(f.code == code, f.version == label)
    return list(connection.scalars(own.where(f.key.startswith("instrument/"))))
