"""Two sources that disagree: both claims are kept; the kinds of the sources, else who came first, say which one stands. Pure."""

from events.knowing_better import Claim, ConflictNoted, Correctable
from services.ingest.comparing import Pair
from services.ingest.facts import Source
from services.ingest.knowledge import stem
from services.ingest.reading import ReadVersion
from services.law.precedence import choice
from services.law.shapes import Code


def mark(pair: Pair) -> str:
    """The key under which a contradiction is known, whichever of the two claims stands: it is noted once."""
    recorded = pair.recorded.said.hex() if pair.recorded else f"absent/{pair.key}"
    says = pair.says.said.hex() if pair.fact else f"absent/{pair.key}"
    return "/".join(("conflict", stem(pair.key), *sorted((recorded, says))))


def contradiction(
    code: Code, source: Source, row: ReadVersion, pair: Pair, stands: Correctable | None, kinds: tuple[str, str]
) -> ConflictNoted:
    """What is recorded, and what the row says instead; the claim that lacks the fact quotes the row, or nothing."""
    other = pair.fact.source if pair.fact else source.quotation(row.spans)
    used, rule = choice(code, kinds)
    return ConflictNoted(
        code=code.id,
        actor=source.actor,
        causation_id=source.cause,
        effective=row.effective,
        source=other,
        about=pair.key,
        recorded=pair.recorded.event_id if pair.recorded else None,
        version=row.label,
        claims=(
            Claim(source=stands.source if stands else None, fact=stands),
            Claim(source=other, fact=pair.fact),
        ),
        used=used,
        rule=rule,
        kinds=kinds,
    )
