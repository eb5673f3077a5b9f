"""Tables that no code ever had: rows of cells made up together with what each of them says."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.ingest.reading.facts import Act, Row, change
from tests.ingest.typesetter import Cells

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip
NOUNS = {"designated": "Designation of", "redesignated": "Re-designation of", "activated": "Activation of",
         "amended": "Amendments to", "deleted": "Deletion of"}  # fmt: skip
FIRST = ("Inventory", "Gateway", "Metering", "DCC", "SMKI", "Threshold", "Enduring", "Switching", "Prepayment", "RDP",
         "Alert", "Tariff", "Operator", "Registration", "GBT")  # fmt: skip
SECOND = (
    "Enrolment",
    "Access",
    "Assurance",
    "Interface",
    "Testing",
    "Recovery",
    "Key",
    "Device",
    "Anomaly",
    "Transition",
)
LAST = ("Policy", "Procedure", "Procedures", "Specification", "Document", "Code of Connection", "Catalogue",
        "Support Materials", "Approach Document")  # fmt: skip
SPECS = ("GBCS", "SMETS1", "SMETS2", "CHTS", "DUIS", "MMC", "HCALCS")
ALREADY = "consequential changes to sections already in force"


@dataclass(frozen=True)
class Invented:
    """A row as its cells, and what it says."""

    cells: Cells
    row: Row


@dataclass
class Said:
    """Paragraphs of an Overview, and the changes and topics they tell of."""

    paragraphs: list[str] = field(default_factory=list)
    changes: list[tuple[object, ...]] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)


def invented(count: int, seed: int) -> list[Invented]:
    """That many rows, the same for the same seed; each builds on the one before."""
    chance = random.Random(seed)
    day = date(2012, 1, 1)
    before = ""
    rows = []
    for at in range(count):
        day += timedelta(days=chance.randint(1, 40))
        label = f"{2 + at // 14}.{at % 14}"
        rows.append(_row(chance, label, day, before))
        before = label
    return rows


def _row(chance: random.Random, label: str, day: date, before: str) -> Invented:
    if before and chance.random() < 0.15:
        return _paired_row(chance, label, day, before)
    reason, act = (_directed, _voted)[before != "" and chance.random() < 0.35](chance, before)
    said = _overview(chance, act)
    cells = Cells(label, _written(chance, day), (reason,), tuple(said.paragraphs))
    return Invented(cells, Row(label, day.isoformat(), [act], said.changes, said.topics))


def _paired_row(chance: random.Random, label: str, day: date, before: str) -> Invented:
    """Two acts, the first paragraph of the Overview done by the first, the second by the second."""
    one, first = _directed(chance, before)
    other, second = _directed(chance, before)
    left, right = _sentence(chance), _sentence(chance)
    overview = (*left.paragraphs, "", *right.paragraphs)
    changes = [*left.changes, *((*each[:-1], 1) for each in right.changes)]
    topics = [*((topic, 0) for topic in left.topics), *((topic, 1) for topic in right.topics)]
    cells = Cells(label, _written(chance, day), (one, "", other), overview)
    return Invented(cells, Row(label, day.isoformat(), [first, second], changes, topics))


def _written(chance: random.Random, day: date, *, plain: bool = True) -> str:
    suffix = "th" if 10 < day.day < 20 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
    month = MONTHS[day.month - 1]
    return (
        f"{day.day} {month} {day.year}" if plain and chance.random() < 0.1 else f"{day.day}{suffix} {month} {day.year}"
    )


def _directed(chance: random.Random, before: str) -> tuple[str, Act]:
    words, bases = chance.choice((
        ("pursuant to section 88(1) of the Energy Act 2008", ["Energy Act 2008 s88(1)"]),
        ("pursuant to Section 88 (1) and 89 of the Energy Act 2008.", ["Energy Act 2008 s88(1)", "Energy Act 2008 s89"]),
        ("in accordance with SEC Section X5.4 and Condition 22 of the DCC Licence", ["SEC X5.4", "DCC Licence Condition 22"]),
        ("pursuant to SEC Section X3.1, X5, X6 and Condition 22.27 of the DCC Licence",
         ["SEC X3.1", "SEC X5", "SEC X6", "DCC Licence Condition 22.27"]),
        ("pursuant to Section 91 of the Energy Act 2011, and pursuant to SEC Appendix QB.",
         ["Energy Act 2011 s91", "SEC Appendix QB"]),
        ("under SEC Section X2.4", ["SEC X2.4"]),
    ))  # fmt: skip
    if not before:
        before = "1.9"
    noun = chance.choice(("Modification", "Modifications"))
    inferred = before != "1.9" and chance.random() < 0.1
    upon = "" if inferred else f" to SEC version {before}"
    act = Act("Secretary of State", bases, before, inferred=inferred)
    return f"{noun}{upon} as directed by the Secretary of State {words}", act


def _voted(chance: random.Random, before: str) -> tuple[str, Act]:
    decided = date(2011, 1, 1) + timedelta(days=chance.randint(0, 300))
    proposal = _proposal(chance)
    lead, authority = chance.choice((
        ("approved via Change Board vote on", "Change Board"), ("approved via the Change Board on the", "Change Board"),
        ("approved by the Authority on", "Authority"),
    ))  # fmt: skip
    reason = f"Implementation of a Modification Proposal {lead} {_written(chance, decided, plain=False)}."
    return reason, Act(authority, [], before, inferred=True, proposals=[proposal], decided=decided.isoformat())


def _proposal(chance: random.Random) -> str:
    return chance.choice(
        (f"SECMP{chance.randint(1, 99):04}", f"DP{chance.randint(10, 199):03}", f"MP{chance.randint(99, 250)}A")
    )


def _overview(chance: random.Random, act: Act) -> Said:
    if act.proposals:
        return _due(chance, act.proposals[0])
    said = Said()
    for at in range(chance.choice((1, 1, 1, 2, 3))):
        one = _sentence(chance)
        said.paragraphs += [*([""] if at else []), *one.paragraphs]
        said.changes += one.changes
        said.topics += one.topics
    return said


def _due(chance: random.Random, proposal: str) -> Said:
    refs = sorted({_section(chance) for _ in range(chance.randint(1, 4))})
    quoted = chance.choice((
        "Changes to Appendix B and Section A", "Consideration of “maximum value” in Schedule 5",
        "Deletion of Section Q – Widgets", f"{_title(chance)}",
    ))  # fmt: skip
    words = f"Amendments to {_listed(chance, 'Section', refs)} due to implementation of {proposal} “{quoted}”."
    return Said([words], [change("amended", "section", ref, proposal=proposal) for ref in refs])


def _sentence(chance: random.Random) -> Said:
    kinds = (_sections, _appendices, _documents, _bullets, _alongside, _renewed, _nested, _excluding, _ranged, _topic)
    return chance.choice(kinds)(chance)


def _section(chance: random.Random) -> str:
    letter = chance.choice("ABCDEFGHIJKLMNPTXZ")
    return chance.choice((letter, f"{letter}{chance.randint(1, 19)}", f"{letter}{chance.randint(1, 9)}.{chance.randint(1, 40)}",
                          f"{letter}{chance.randint(1, 9)}A"))  # fmt: skip


def _appendix(chance: random.Random) -> str:
    return chance.choice(("", "A", "B", "C")) + chance.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def _title(chance: random.Random) -> str:
    name = f"{chance.choice(FIRST)} {chance.choice(SECOND)}"
    if chance.random() < 0.3:
        name = f"{chance.choice(FIRST)} and {name}"
    return f"{name} {chance.choice(LAST)}"


def _distinct(chance: random.Random, make: object, most: int) -> list[str]:
    assert callable(make)
    return list(dict.fromkeys(make(chance) for _ in range(chance.randint(1, most))))


def _listed(chance: random.Random, noun: str, refs: Sequence[str]) -> str:
    """`Sections A, B and C`, or the noun before each."""
    plural = {"Section": "Sections", "Appendix": "Appendices", "Schedule": "Schedules"}[noun]
    code = chance.choice(("", "SEC "))
    if len(refs) > 1 and chance.random() < 0.5:
        return f"{code}{plural} {_series(refs)}"
    return _series([f"{code}{noun} {ref}" for ref in refs])


def _series(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def _sections(chance: random.Random) -> Said:
    action = chance.choice(tuple(NOUNS))
    refs = _distinct(chance, _section, 5)
    tail, topics = chance.choice((("", []), (".", []), (f" and {ALREADY}.", [ALREADY])))
    words = f"{NOUNS[action]} {_listed(chance, 'Section', refs)}{tail}"
    return Said([words], [change(action, "section", ref) for ref in refs], list(topics))


def _appendices(chance: random.Random) -> Said:
    action = chance.choice(("designated", "redesignated", "amended"))
    items = [(ref, _title(chance)) for ref in _distinct(chance, _appendix, 3)]
    dash = chance.choice((" - ", " – ", ": ", "- "))
    words = f"{NOUNS[action]} {_series([f'Appendix {ref}{dash}{title}' for ref, title in items])}."
    return Said([words], [change(action, "appendix", ref, title) for ref, title in items])


def _documents(chance: random.Random) -> Said:
    action = chance.choice(("designated", "redesignated"))
    titles = _distinct(chance, _title, 2)
    tail = chance.choice((" as a Subsidiary Document", "", " (GSKI RAPP)")) if len(titles) == 1 else ""
    words = f"{NOUNS[action]} {_series([f'the {title}' for title in titles])}{tail} and {ALREADY}."
    changes = [change(action, "document", title.lower().replace(" ", "-"), title) for title in titles]
    return Said([words], changes, [ALREADY])


def _bullets(chance: random.Random) -> Said:
    action, noun, kind, make = chance.choice((
        ("activated", "SEC Sections", "section", _section), ("designated", "new SEC Appendices", "appendix", _appendix),
        ("redesignated", "SEC Appendices", "appendix", _appendix),
    ))  # fmt: skip
    items = [(ref, _title(chance)) for ref in _distinct(chance, make, 8)]
    lead = {"section": "• {} ({})", "appendix": "• Appendix {} - {}"}[kind]
    stop = chance.choice(("", ";"))
    lines = [lead.format(*item) + stop for item in items]
    return Said([f"{NOUNS[action]} {noun}:", *lines], [change(action, kind, ref, title) for ref, title in items])


def _alongside(chance: random.Random) -> Said:
    schedule, spec = chance.randint(1, 12), chance.choice(SPECS)
    versions = sorted({f"{chance.randint(1, 5)}.{chance.randint(0, 3)}" for _ in range(chance.randint(1, 4))})
    lines = [f"• Schedule {schedule} – {spec} v{version}" for version in versions]
    changes = [
        change("designated", "schedule", str(schedule), spec=spec, version=version, alongside=True)
        for version in versions
    ]
    return Said(
        ["Designation of new SEC Schedules and Appendices to sit alongside existing versions:", "", *lines], changes
    )


def _renewed(chance: random.Random) -> Said:
    refs = _distinct(chance, _appendix, 3)
    words = f"SEC {'Appendices' if len(refs) > 1 else 'Appendix'} {_series(refs)} deleted and re-designated."
    return Said([words], [change(action, "appendix", ref) for ref in refs for action in ("deleted", "redesignated")])


def _nested(chance: random.Random) -> Said:
    letter = chance.choice("GHNX")
    number = chance.randint(1, 9)
    words = f"Amendments to Section {letter}: {_title(chance)}, including the designation of a new Section {letter}{number}A"
    title = words.split(": ")[1].split(", including")[0]
    return Said(
        [words], [change("amended", "section", letter, title), change("designated", "section", f"{letter}{number}A")]
    )


def _excluding(chance: random.Random) -> Said:
    ref = f"{chance.choice('FGH')}{chance.randint(1, 9)}"
    left_out = f"{ref}.{chance.randint(1, 40)}"
    words = f"Activation of Section {ref} ({_title(chance)}), but excluding {left_out}."
    title = words.partition("(")[2].partition(")")[0]
    return Said([words], [change("activated", "section", ref, title, exclusions=[left_out])])


def _ranged(chance: random.Random) -> Said:
    part = f"{chance.choice('DEH')}{chance.randint(1, 9)}"
    start = chance.randint(1, 20)
    between = chance.choice((" to ", "-"))
    words = f"Amendments to SEC Section {part}.{start}{between}{part}.{start + 4}."
    return Said([words], [change("amended", "section", f"{part}.{start}-{part}.{start + 4}")])


def _topic(chance: random.Random) -> Said:
    words = chance.choice((
        "Communications Hub Financing Provisions", "SEC7 amendments to sections of SEC already in force",
        "Amendments to sections of SEC already in force", "Updating the SEC to reflect abolition of the National Widget Council",
        "Security Governance, Assurance and Privacy, Enrolment and Adoption of SMETS1 meters",
    ))  # fmt: skip
    return Said([words], topics=[words])
