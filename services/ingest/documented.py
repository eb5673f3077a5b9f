"""What `/openapi.json` says of documents in, and of the sources kept."""

from typing import Any

Described = dict[str, Any]

_TEXT = {"type": "string"}
_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


def _parameter(name: str, where: str, schema: dict[str, Any], why: str) -> Described:
    return {"name": name, "in": where, "required": False, "schema": schema, "description": why}


def _answers(refusals: dict[str, str]) -> Described:
    told: Described = {status: {"description": why, "content": _PROBLEM} for status, why in refusals.items()}
    default = {"description": "A parameter is unknown or malformed, or the database is away.", "content": _PROBLEM}
    return {"responses": told | {"default": default}}


TAKING: Described = _answers(
    {
        "200": "The document adds nothing.",
        "409": "The idempotency key was used for another request.",
        "413": "The document is larger than is read, or has more rows.",
        "415": "A source of that media type cannot be read.",
        "422": "The document is unreadable; the detail says where and why.",
    }
) | {
    "openapi_extra": {
        "parameters": [
            _parameter("code", "query", _TEXT | {"default": "sec"}, "The industry code that the document speaks of."),
            _parameter("name", "query", _TEXT | {"default": "document"}, "What the document is called."),
            _parameter("kind", "query", _TEXT, "The kind of source, which says how far it is believed."),
            _parameter("Idempotency-Key", "header", _TEXT, "The same request under the same key is answered the same."),
        ],
        "requestBody": {
            "required": True,
            "description": "The document, its media type in `Content-Type`.",
            "content": {"text/plain": {"schema": _TEXT}},
        },
    }
}
TAKING["responses"]["200"]["content"] = {"application/json": {"schema": {"type": "object"}}}

LISTED: Described = _answers({}) | {
    "openapi_extra": {
        "parameters": [
            _parameter(
                "limit", "query", {"type": "integer", "minimum": 1, "maximum": 1000}, "How many items a page has."
            ),
            _parameter("cursor", "query", _TEXT, "The `next` of the page before."),
        ]
    }
}

KEPT: Described = _answers({"404": "No source with that SHA-256 was received."})
