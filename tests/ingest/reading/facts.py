"""What a row should say, in short, and what a reading says in the same form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.ingest.codes.grammars import read
from services.ingest.reading import Reading, ReadVersion
from tests.ingest.typesetter import Cells, Sheet, typeset


@dataclass(frozen=True)
class Act:
    authority: str
    bases: Sequence[str] = ()
    base: str | None = None
    inferred: bool = False
    proposals: Sequence[str] = ()
    decided: str | None = None
    effective: str | None = None


@dataclass(frozen=True)
class Row:
    label: str
    effective: str | None
    acts: Sequence[Act]
    changes: Sequence[object] = ()
    topics: Sequence[str | tuple[str, int | None]] = ()
    warnings: Sequence[str] = field(default_factory=list)


def change(
    action: str, kind: str, ref: str, title: str | None = None, *, spec: str | None = None, version: str | None = None,
    alongside: bool = False, exclusions: Sequence[str] = (), proposal: str | None = None, act: int | None = 0,
) -> tuple[Any, ...]:  # fmt: skip
    return action, kind, ref, title, spec, version, alongside, tuple(exclusions), proposal, act


def expected(row: Row) -> Mapping[str, object]:
    return {
        "label": row.label,
        "effective": row.effective,
        "acts": [
            (a.authority, list(a.bases), a.base, a.inferred, list(a.proposals), a.decided, a.effective)
            for a in row.acts
        ],
        "changes": list(row.changes),
        "topics": [topic if isinstance(topic, tuple) else (topic, 0) for topic in row.topics],
    }


def said(version: ReadVersion) -> Mapping[str, object]:
    return {
        "label": version.label,
        "effective": _iso(version.effective),
        "acts": [
            (
                i.authority,
                list(i.legal_basis),
                i.base_version,
                i.base_inferred,
                list(i.proposals),
                _iso(i.decided_on),
                _iso(i.effective),
            )
            for i in version.instruments
        ],
        "changes": [
            (
                c.action,
                c.kind,
                c.ref,
                c.title,
                c.spec,
                c.spec_version,
                c.alongside,
                c.exclusions,
                c.proposal,
                c.instrument,
            )
            for c in version.changes
        ],
        "topics": [(topic.text, topic.instrument) for topic in version.topics],
    }


def _iso(day: Any) -> str | None:
    return None if day is None else day.isoformat()


def folded(text: str, spans: Sequence[tuple[int, int]]) -> str:
    return " ".join(" ".join(text[begin:end].split()) for begin, end in spans)


def read_cells(rows: Sequence[Cells], sheet: Sheet = Sheet()) -> Reading:  # noqa: B008 - frozen
    return read(typeset(rows, sheet), "sec")


DIRECTED = "Modifications to SEC version 7.0 as directed by the Secretary of State pursuant to SEC Section X5."


def read_overview(*overview: str, reason: str = DIRECTED, label: str = "7.1", date: str = "3rd March 2019") -> Reading:
    """The reading of a table of one row with that Overview."""
    return read_cells([Cells(label, date, (reason,), overview)])


def changes_of(reading: Reading) -> list[tuple[Any, ...]]:
    return [(c.action, c.kind, c.ref) for version in reading.versions for c in version.changes]


def codes_of(reading: Reading) -> list[str]:
    return [warning.code for warning in reading.warnings]
