"""Server-sent events: the log as a stream, from any position on, that its readers resume without a gap."""

from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.datastructures import QueryParams

from services.doors.parameters import check_names, whole
from services.projection.asked import provision_named
from services.projection.documented import TEXT, WHOLE, described
from services.projection.publish.event_stream import MEDIA_TYPE, EventStream
from services.projection.publish.open_streams import Streams
from services.projection.publish.wanted import Wanted, of_type

PARAMETERS = ("after", "type", "code", "affected")
LAST = "Last-Event-ID"


def router(streams: Streams) -> APIRouter:
    """The stream's endpoint; it has to come before the one that gives an event by its id."""
    routes = APIRouter(tags=["subscribers"])

    @routes.get("/v1/events/stream", response_class=Response, **_described())
    async def stream(request: Request) -> Response:
        """The events after a position, then each one as it is recorded, as server-sent events."""
        query = request.query_params
        check_names(request, PARAMETERS)
        wanted = Wanted(of_type(query.get("type")), query.get("code"), provision_named(query, "affected"))
        name, position = _start(request)
        return EventStream(streams, await streams.admitted(position, name), position, wanted)

    return routes


def _start(request: Request) -> tuple[str, int]:
    """The parameter that says which position the stream comes after, and that position."""
    after = whole(request.query_params, "after", 0, 10**18) or 0
    given = request.headers.get(LAST)
    if not given:
        return "after", after
    return LAST, whole(QueryParams({LAST: given}), LAST, 0, 10**18) or 0


def _described() -> dict[str, Any]:
    told = described(PARAMETERS)
    content = {MEDIA_TYPE: {"schema": TEXT}}
    told["responses"]["200"] = {
        "description": "The stream: `id` the position, `data` a CloudEvent.",
        "content": content,
    }
    resumed = "After this position, whatever `after` says: the `id` of the last event that was received."
    told["openapi_extra"]["parameters"].append(
        {"name": LAST, "in": "header", "required": False, "schema": WHOLE, "description": resumed}
    )
    return told
