"""The JSON Schema of each event's data, under the URL that the event's `dataschema` names."""

import re
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from pydantic.json_schema import models_json_schema

from events.catalogue import EVENT_CLASSES, dotted
from events.errors import NotFound
from services.doors.parameters import check_names
from services.projection.answers import validated
from services.projection.documented import described

MEDIA_TYPE = "application/schema+json"
Schema = dict[str, Any]

_NAME = re.compile(r"([a-z.]+)\.v(\d{1,9})\.json", re.ASCII)
_TYPES = {dotted(name): name for name in EVENT_CLASSES}


class UnknownSchema(NotFound):
    """No event has a schema of that name and version."""

    problem = "unknown-schema"


def router(public_url: str) -> APIRouter:
    """The schemas' endpoint."""
    routes = APIRouter(tags=["subscribers"])

    @routes.get("/v1/schemas/{file}", **described((), media_type=MEDIA_TYPE))
    def schema(request: Request, file: str) -> Response:
        """The JSON Schema (2020-12) of an event's data: `section.activated.v1.json`."""
        check_names(request, ())
        found = _NAME.fullmatch(file)
        name = _TYPES.get(found[1]) if found else None
        if found is None or name is None or EVENT_CLASSES[name].schema_version != int(found[2]):
            raise UnknownSchema(f"{file[:80]!r} is no schema of an event; one is called section.activated.v1.json")
        content = orjson.dumps(schema_of(name, public_url))
        return validated(request, content, {"Content-Type": MEDIA_TYPE, "Cache-Control": "no-cache"})

    return routes


def schema_of(name: str, public_url: str) -> Schema:
    """The schema of one event's data; a later release may add optional fields, so it does not forbid others."""
    cls = EVENT_CLASSES[name]
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{public_url}/v1/schemas/{dotted(name)}.v{cls.schema_version}.json",
    }
    opened: Schema = _open(cls.model_json_schema())
    return head | opened


def data_schemas(where: str) -> dict[str, Schema]:
    """The schemas of every event's data and of what they hold, by name, each named by `where`; for readers of draft-07 too."""
    classes = [(cls, "validation") for cls in EVENT_CLASSES.values()]
    found: dict[str, Schema] = _open(models_json_schema(classes, ref_template=where)[1]["$defs"])  # type: ignore[arg-type]
    return found


def _open(schema: Any) -> Any:  # noqa: ANN401 - any part of a schema
    if isinstance(schema, list):
        return [_open(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "prefixItems" in schema:
        # Our tuples are of one kind each: said so that draft-07, AsyncAPI's own, understands it as well.
        (kind,) = {orjson.dumps(each) for each in schema["prefixItems"]}
        schema = {name: value for name, value in schema.items() if name != "prefixItems"} | {
            "items": orjson.loads(kind)
        }
    left_out = {"additionalProperties", "discriminator"}
    return {name: _open(value) for name, value in schema.items() if name not in left_out or not _said(value)}


def _said(value: object) -> bool:
    return value is False or (isinstance(value, dict) and "propertyName" in value)
