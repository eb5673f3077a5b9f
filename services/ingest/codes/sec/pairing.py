"""Which act of a row did what: said by the words, by the proposal, or by paragraphs that stand side by side."""

from collections.abc import Mapping, Sequence

from services.ingest.codes.sec.found import Draft, Found, Paragraph, Subject
from services.ingest.codes.sec.reason import Clause


def act_of_change(clauses: Sequence[Clause], places: Mapping[int, int], found: Found, draft: Draft) -> int | None:
    """The act that made a change, nothing where the row does not say which."""
    if draft.by is not None or draft.direction:
        able = [clause for clause in clauses if _could(clause, draft)]
        if draft.direction and len(able) > 1:
            able = [clause for clause in able if not clause.statute]
        if len(able) == 1:
            return places.get(id(able[0]))
        if not able:
            return None
    citing = [clause for clause in clauses if set(draft.proposals) & set(clause.proposals)]
    if len(citing) == 1:
        return places.get(id(citing[0]))
    return _by_paragraph(clauses, places, found, draft.paragraph)


def act_of_paragraph(
    clauses: Sequence[Clause], places: Mapping[int, int], found: Found, subject: Subject
) -> int | None:
    """The act that a topic belongs to, nothing where the row does not say which."""
    return _by_paragraph(clauses, places, found, subject.paragraph)


def _could(clause: Clause, draft: Draft) -> bool:
    return clause.authority is not None and draft.by in (None, clause.authority)


def _by_paragraph(
    clauses: Sequence[Clause], places: Mapping[int, int], found: Found, paragraph: Paragraph
) -> int | None:
    """Paragraphs stand beside their reasons where there are as many of each, those hidden by page breaks counted last."""
    if len(clauses) == 1:
        return places.get(id(clauses[0]))
    own = any(draft.direction for draft in found.drafts)
    for counted in (0, 1):
        if len(clauses) == found.paragraphs[counted] and not (
            own and counted == 0 and found.paragraphs[1] > len(clauses)
        ):
            return places.get(id(clauses[paragraph[counted]]))
    return None
