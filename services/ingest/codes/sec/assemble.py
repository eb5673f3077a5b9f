"""Cells as read to one version of the reading: acts, changes and topics, and which act did what."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.ingest.codes.sec.columns import Columns
from services.ingest.codes.sec.found import Doubt, Draft, Target
from services.ingest.codes.sec.marks import unquoted
from services.ingest.codes.sec.pairing import act_of_change, act_of_paragraph
from services.ingest.codes.sec.reason import Clause
from services.ingest.reading import ReadChange, ReadInstrument, ReadTopic, ReadVersion, Unread, Warned
from services.ingest.sources.words import Word, leaves, phrase, spans


@dataclass(slots=True)
class Row:
    """A version with what was unclear in it; `doubtful` counts the characters not understood."""

    version: ReadVersion
    unread: list[Unread] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)
    doubtful: int = 0


def assemble(label: Word, words: Sequence[Word], columns: Columns, before: ReadVersion | None) -> Row:
    """The version that a row asserts; `before` is the row above it."""
    acts = [clause for clause in columns.clauses if clause.authority is not None]
    places = {id(clause): at for at, clause in enumerate(acts)}
    found = columns.overview.found
    _cite(columns.clauses, columns)
    changes = _changes(columns, places)
    topics = tuple(
        ReadTopic(
            phrase(unquoted(subject.words)),
            spans(subject.words),
            act_of_paragraph(columns.clauses, places, found, subject),
        )
        for subject in found.subjects
    )
    instruments = tuple(_instrument(clause, columns, before) for clause in acts)
    name = label.text.lstrip("vV")
    version = ReadVersion(name, columns.date.value(), instruments, changes, topics, spans(words))
    row = Row(version)
    _doubts(row, columns, name)
    return row


def _cite(clauses: Sequence[Clause], columns: Columns) -> None:
    """Gives the only act of a row the proposals that its Overview cites."""
    if len(clauses) != 1:
        return
    clause = clauses[0]
    cited = [item for item in columns.overview.found.cited if item.proposal not in clause.proposals]
    for item in cited:
        if item.proposal not in clause.proposals:
            clause.proposals.append(item.proposal)
            clause.words = [*clause.words, *item.words]


def _changes(columns: Columns, places: dict[int, int]) -> tuple[ReadChange, ...]:
    found = columns.overview.found
    changes = [*_publication(columns, places)]
    for draft in found.drafts:
        act = act_of_change(columns.clauses, places, found, draft)
        named: list[str | None] = list(dict.fromkeys(draft.proposals))
        for proposal in named or [_only_proposal(columns.clauses, places, act)]:
            changes.append(_change(draft, proposal, act))
    return tuple(changes)


def _only_proposal(clauses: Sequence[Clause], places: dict[int, int], act: int | None) -> str | None:
    """The proposal of an act that has no other: what it did, it did to implement this one."""
    for clause in clauses:
        if act is not None and places.get(id(clause)) == act and len(clause.named) == 1:
            return clause.named[0]
    return None


def _publication(columns: Columns, places: dict[int, int]) -> list[ReadChange]:
    """The whole code, designated by its first publication."""
    said = columns.overview.found.publication
    for clause in columns.clauses:
        if said and clause.designates:
            words = [clause.words[0], *said]
            target = Target("code", "SEC", [])
            return [_change(Draft("designated", target, words, (0, 0)), None, places.get(id(clause)))]
    return []


def _change(draft: Draft, proposal: str | None, act: int | None) -> ReadChange:
    target = draft.target
    return ReadChange(
        draft.action, target.kind, target.ref, target.title, target.spec, target.spec_version, draft.alongside,
        tuple(target.exclusions), proposal, act, spans(draft.words),
    )  # fmt: skip


def _instrument(clause: Clause, columns: Columns, before: ReadVersion | None) -> ReadInstrument:
    inferred = clause.base_version is None and before is not None
    base = before.label if inferred and before is not None else clause.base_version
    unknown = {id(word) for _, words in clause.unknown for word in words}
    words = [word for word in clause.words if id(word) not in unknown]
    return ReadInstrument(
        clause.authority or "", tuple(clause.bases), base, inferred, tuple(clause.proposals), clause.decided_on,
        clause.effective, spans(words),
    )  # fmt: skip


_WHY = {
    "unknown-authority": "an authority that the grammar does not know",
    "unknown-basis": "a legal basis that the grammar does not know",
    "impossible-date": "a day that the calendar does not have",
    "ambiguous-date": "a day and a month, or a month and a day",
    "several-dates": "more days than one, for one act",
}


def _doubts(row: Row, columns: Columns, label: str) -> None:
    doubts = [Doubt(code, _WHY[code], words) for clause in columns.clauses for code, words in clause.unknown]
    for doubt in (*columns.doubts, *doubts, *columns.overview.found.doubts):
        quote = phrase(unquoted(doubt.words))
        where = spans(doubt.words)
        row.unread.append(Unread(quote, where, label, doubt.why))
        row.warnings.append(Warned(doubt.code, f"version {label}: {doubt.why}: {_short(quote)!r}", label, where))
        row.doubtful += sum(len(word.text) for word in leaves(doubt.words))


def _short(quote: str) -> str:
    return quote if len(quote) <= 120 else quote[:117] + "..."
