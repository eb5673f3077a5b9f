"""What `/openapi.json` says of the answers: each parameter, the shapes, the problems."""

from collections.abc import Collection
from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
MAYBE: Schema = {"type": ["string", "null"]}
TEXTS: Schema = {"type": "array", "items": TEXT}
OBJECTS: Schema = {"type": "array", "items": {"type": "object"}}
CHANGES: Schema = {"type": "array", "items": {"$ref": "#/components/schemas/Change"}}
DAY: Schema = {"type": "string", "format": "date"}
WHOLE: Schema = {"type": "integer"}


def _range(what: str) -> dict[str, tuple[Schema, str]]:
    bounds = {"gte": "on that day or later", "lte": "on that day or earlier", "on": "on that day"}
    return {f"{what}[{bound}]": (DAY, f"Only what is {what} {means}.") for bound, means in bounds.items()}


PARAMETERS: dict[str, tuple[Schema, str]] = {
    "as_of": (DAY, "The legal day asked about, in London; today if not given. A day ahead answers what is scheduled."),
    "known_at": (TEXT, "As known then: an RFC 3339 instant in UTC, or `pos:<n>`; now if not given."),
    "model": (WHOLE, "The read model's revision; one no longer served is answered 410 with the current URL."),
    "min_position": (WHOLE, "Waits until this position is projected: read your own write."),
    "limit": ({"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}, "How many items a page has."),
    "cursor": (TEXT, "The `next` of the page before."),
    "authority": (TEXT, "Only what this authority did, as `Secretary of State`."),
    "proposal": (TEXT, "Only what this proposal made, as `SECMP0017`."),
    "provision": (TEXT, "Only versions that touch the provision, as `section/H15`."),
    "kind": (TEXT, "Only provisions of this kind."),
    "state": (
        {"enum": ["designated", "active", "partly_active", "inactive", "deleted", "unrecorded"]},
        "Only provisions in this state on the day.",
    ),
    "q": (TEXT, "Only provisions whose reference or title has these letters."),
    "axis": ({"enum": ["valid", "known"]}, "The order: by legal day, or as we learnt of it."),
    "affected": (TEXT, "Only what is about this provision, its parts included, as `section/H`."),
    "type": (TEXT, "Only changes or events of this type, as `section.activated`; `*` stands for anything."),
    "status": (
        {"enum": ["in_force", "scheduled", "undated", "cancelled", "superseded"]},
        "Only changes with this status on the day.",
    ),
    "from": (TEXT, "A day, or a version label."),
    "to": (TEXT, "A day, or a version label, not before `from`."),
    "known_from": (TEXT, "What we knew first: an instant or `pos:<n>`."),
    "known_to": (TEXT, "What we knew then: an instant or `pos:<n>`; now if not given."),
    "live_on": (DAY, "Only corrections whose fact, as corrected, applies on that legal day."),
    "of": (TEXT, "A version label, a proposal, or days as `2016-01-01..2016-12-31`."),
    "after": (WHOLE, "Only events after this position."),
    "code": (TEXT, "Only events of this code."),
    **_range("effective"),
    **_range("recorded"),
}

META: Schema = {
    "type": "object",
    "required": ["as_of", "known_at", "position", "up_to_date_as_of", "basis", "model"],
    "properties": {
        "as_of": DAY,
        "known_at": TEXT,
        "position": WHOLE,
        "up_to_date_as_of": {"type": ["string", "null"], "format": "date"},
        "basis": {"enum": ["recorded", "scheduled"]},
        "model": WHOLE,
    },
}

PROBLEM: Schema = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": TEXT,
        "title": TEXT,
        "status": WHOLE,
        "detail": TEXT,
        "nearest": TEXTS,
        "current": TEXT,
    },
}

CHANGE: Schema = {
    "type": "object",
    "required": ["id", "position", "action", "kind", "ref", "effective", "version", "status", "source"],
    "properties": {
        **dict.fromkeys(("id", "action", "kind", "ref", "recorded_at", "proof"), TEXT),
        **dict.fromkeys(
            ("title", "spec", "spec_version", "effective", "version", "instrument", "proposal", "authority", "via"),
            MAYBE,
        ),
        "position": WHOLE,
        "exclusions": TEXTS,
        "legal_basis": TEXTS,
        "status": PARAMETERS["status"][0],
        "source": {"type": ["object", "null"]},
    },
}

PROVISION: Schema = {
    "type": "object",
    "required": ["kind", "ref", "title", "state", "version", "valid", "exclusions", "spec_versions", "also_known_as"],
    "properties": {
        **dict.fromkeys(("code", "kind", "ref"), TEXT),
        **dict.fromkeys(("title", "version"), MAYBE),
        "state": PARAMETERS["state"][0],
        "valid": {"type": "object", "properties": {"from": MAYBE, "to": MAYBE}},
        "exclusions": TEXTS,
        **dict.fromkeys(("spec_versions", "also_known_as"), OBJECTS),
        **dict.fromkeys(("because", "next"), CHANGES),
    },
}

VERSION: Schema = {
    "type": "object",
    "required": ["label", "seq", "effective", "base_version", "instruments", "changes"],
    "properties": {
        "label": TEXT,
        "seq": WHOLE,
        "effective": MAYBE,
        "base_version": MAYBE,
        "status": TEXT,
        "instruments": OBJECTS,
        "changes": CHANGES,
    },
}

SCHEMAS: dict[str, Schema] = {
    "Meta": META,
    "Problem": PROBLEM,
    "Change": CHANGE,
    "Provision": PROVISION,
    "Version": VERSION,
}

_REFUSALS = {
    "400": "A parameter is unknown, malformed, given twice, or asks for a time of knowledge that is still to come.",
    "404": "Nothing of that name is known at that point, or the point lies before the first version.",
    "410": "The model asked for is no longer served.",
    "503": "The database is away, or the projection has not come as far: see Retry-After.",
}


def described(
    names: Collection[str], shape: str | None = None, *, listed: bool = False, media_type: str | None = None
) -> dict[str, Any]:
    """Keyword arguments of a route: its query parameters, its answer's shape, its problems."""
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    responses: dict[str, Any] = {status: {"description": why, "content": problem} for status, why in _REFUSALS.items()}
    responses["200"] = {
        "description": "The answer, with where it binds.",
        "content": {media_type: {}} if media_type else {"application/json": {"schema": _body(shape, listed=listed)}},
    }
    if "as_of" in names or media_type:
        responses["304"] = {"description": "The answer is the one that If-None-Match names."}
    return {"responses": responses | {"default": responses["400"]}, "openapi_extra": {"parameters": _stated(names)}}


def _stated(names: Collection[str]) -> list[Schema]:
    return [
        {
            "name": name,
            "in": "query",
            "required": False,
            "schema": PARAMETERS[name][0],
            "description": PARAMETERS[name][1],
        }
        for name in names
    ]


def _body(shape: str | None, *, listed: bool) -> Schema:
    item: Schema = {"$ref": f"#/components/schemas/{shape}"} if shape else {"type": "object"}
    meta = {"meta": {"$ref": "#/components/schemas/Meta"}}
    if not listed:
        return {"allOf": [item, {"type": "object", "properties": meta}]}
    properties = {"items": {"type": "array", "items": item}, "next": MAYBE, **meta}
    return {"type": "object", "required": ["items", "next", "meta"], "properties": properties}
