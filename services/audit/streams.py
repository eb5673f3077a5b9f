"""The versions of every stream: 1, 2, 3 ... in the order of the positions; no identifier twice."""

import sqlalchemy as sa

from services.audit.findings import KEPT, Findings

# In the order of an index where there is one: nothing is sorted, and only what is wrong comes back.
_VERSIONS = sa.text(
    "SELECT position, stream, stream_version, before, before_position FROM (SELECT position, stream, stream_version,"
    " lag(stream) OVER w AS stream_before, lag(stream_version) OVER w AS before, lag(position) OVER w AS before_position"
    " FROM event_log WHERE position <= :until WINDOW w AS (ORDER BY stream, stream_version)) AS rows"
    " WHERE stream_version <> CASE WHEN stream_before = stream THEN before + 1 ELSE 1 END"
    " OR (stream_before = stream AND before_position > position) ORDER BY position LIMIT :most"
)
_TWICE = sa.text(
    "SELECT count(*) AS times, id, max(position) AS position FROM event_log WHERE position <= :until"
    " GROUP BY id HAVING count(*) > 1 LIMIT :most"
)


def versions(connection: sa.Connection, until: int, findings: Findings) -> None:
    """Notes every event whose stream version does not follow the one before it."""
    given = {"until": until, "most": KEPT}
    for row in connection.execute(_VERSIONS, given):
        before = f"{row.before} at position {row.before_position}" if row.before is not None else "none"
        findings.add(row.position, f"version {row.stream_version} of stream {row.stream}; before it comes {before}")
    for row in connection.execute(_TWICE, given):
        findings.add(row.position, f"the id {row.id} is that of {row.times} events")
