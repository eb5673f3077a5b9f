"""What a row says that does not fit the rows before it, or the calendar."""

import re
from collections.abc import Collection

from services.ingest.codes.sec.assemble import Row
from services.ingest.codes.sec.columns import Columns
from services.ingest.reading import ReadVersion, Warned
from services.ingest.sources.words import spans

_DIGITS = re.compile(r"\d+")


def check_row(row: Row, columns: Columns, before: ReadVersion | None, labels: Collection[str]) -> None:
    """Adds a warning for a date, a label or a base version that does not fit."""
    version = row.version
    if version.effective is None:
        _check_no_date(row, columns)
    elif before is not None and before.effective is not None and version.effective < before.effective:
        _warn(
            row, "date-out-of-order",
            f"takes effect on {version.effective}, before {before.effective} of version {before.label} above it",
            spans(columns.date_words),
        )  # fmt: skip
    elif before is not None and _number(version.label) < _number(before.label):
        _warn(row, "label-out-of-order", f"stands below version {before.label}", version.spans[:1])
    if version.label in labels:
        _warn(row, "label-doubled", "an earlier row has the same label", version.spans[:1])
    if not columns.overview_words and not any(doubt.code == "unknown-reason" for doubt in columns.doubts):
        _warn(row, "empty-overview", "the row says nothing of what was modified", version.spans[:1])
    _check_bases(row, before)


def _check_no_date(row: Row, columns: Columns) -> None:
    if any(doubt.code == "unreadable-date" for doubt in columns.doubts):
        return
    code, why = "unreadable-date", "no date that the calendar has"
    if columns.date.whole:
        code = "ambiguous-date" if columns.date.ambiguous else "impossible-date"
        why = "a date that may be a day and a month or a month and a day" if columns.date.ambiguous else why
    _warn(row, code, why, spans(columns.date_words) or row.version.spans[:1])


def _check_bases(row: Row, before: ReadVersion | None) -> None:
    for act in row.version.instruments:
        if before is not None and act.base_version != before.label:
            _warn(
                row, "base-mismatch",
                f"modifies version {act.base_version}, but the row above is version {before.label}", act.spans,
            )  # fmt: skip


def _warn(row: Row, code: str, message: str, where: tuple[tuple[int, int], ...]) -> None:
    label = row.version.label
    row.warnings.append(Warned(code, f"version {label}: {message}", label, where))


def _number(label: str) -> list[int]:
    parts = [int(part) for part in _DIGITS.findall(label)]
    return parts if len(parts) > 1 else [*parts, 0]
