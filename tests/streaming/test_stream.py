"""The stream as events are recorded: told at once, kept alive, resumed, on both databases."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

import httpx
import sqlalchemy as sa

from events.vocabulary import Quotation
from services.projection.publish.stream_limits import Limits
from tests.factories import SHA256, amended, implemented, received
from tests.streaming.service import STREAM, dispatched, record, streaming, told
from tests.waiting import wait_for

BUSY = Limits(heartbeat=0.05)


def test_an_event_is_told_as_it_is_recorded(engine: sa.Engine) -> None:
    with streaming(engine) as service, service.client.stream("GET", STREAM) as answer:
        found = dispatched(answer.iter_lines())
        for position in range(1, 6):
            record(engine, amended(f"H{position}"))
            assert (each := next(found)).position == position
            assert each.data["subject"] == f"section/H{position}"


def test_a_quiet_stream_is_kept_alive_by_comments(engine: sa.Engine) -> None:
    with streaming(engine, BUSY) as service, service.client.stream("GET", STREAM) as answer:
        assert list(islice(answer.iter_lines(), 4)) == [":", ":", ":", ":"]


def test_a_stream_that_wants_nothing_of_what_comes_still_moves_the_place_to_resume_from(engine: sa.Engine) -> None:
    with streaming(engine, BUSY) as service, service.client.stream("GET", STREAM, params={"code": "other"}) as answer:
        record(engine, *(amended(f"H{number}") for number in range(1, 301)))
        lines = answer.iter_lines()
        assert next(line for line in lines if line == "id: 300")
        assert next(lines) == ""
        record(engine, received(code="other"))
        assert next(dispatched(lines)).position == 301


def test_words_that_some_take_for_the_end_of_a_line_stay_on_theirs(engine: sa.Engine) -> None:
    quote = "next\x85line \u2028 separated \u2029 and \n \r \x0b \x1c broken"
    record(engine, amended(source=Quotation(sha256=SHA256, spans=((0, 1),), quote=quote)))
    with streaming(engine) as service:
        assert told(service.client, 1)[0].data["data"]["source"]["quote"] == quote


def test_a_stream_too_many_is_told_to_come_back(engine: sa.Engine) -> None:
    with streaming(engine, Limits(streams=2)) as service:
        with _open(service.client), _open(service.client):
            refused = service.client.get(STREAM)
            assert (refused.status_code, refused.json()["type"]) == (503, "/problems/too-many-streams")
            assert refused.headers["retry-after"]
        wait_for(lambda: service.connections() == 1)
        with _open(service.client) as lines:
            record(engine, implemented())
            assert next(dispatched(lines)).position == 1


@contextmanager
def _open(client: httpx.Client) -> Iterator[Iterator[str]]:
    with client.stream("GET", STREAM) as answer:
        lines = answer.iter_lines()
        assert next(lines) == ":"
        yield lines
