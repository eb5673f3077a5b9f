"""Old payloads made into today's on reading, one pure function a step; stored bytes never change."""

from collections.abc import Callable, Mapping
from typing import Any

Payload = dict[str, Any]
Step = Callable[[Payload], Payload]

STEPS: Mapping[tuple[str, int], Step] = {}
"""(type, schema version) -> the step to the next version of that type. Nothing has changed its shape yet."""


def upcast(
    payload: Payload, schema_version: int, current: int, steps: Mapping[tuple[str, int], Step] = STEPS
) -> Payload:
    """The payload in its type's current schema version; LookupError where it is newer than we know or a step is missing."""
    if schema_version > current:
        raise LookupError(f"{payload['type']} has schema version {schema_version}, this release knows up to {current}")
    for version in range(schema_version, current):
        payload = steps[payload["type"], version](payload)
    return payload
