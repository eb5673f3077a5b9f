"""A mirror against a service that lies in each way: an alarm, or it waits and says why; nothing false is ever taken over."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from events.store import read
from services.audit.alarm import Alarm
from services.audit.fetching import Remote
from services.audit.follow import begin, run
from services.projection.followed import followed_log
from tests.audit.ledgers import verifiers
from tests.audit.liar import Answer, Lie, lying
from tests.audit.mirrors import Two, begun, held


def _events(change: Callable[[list[dict[str, Any]]], object]) -> Lie:
    def lie(true: Answer) -> Answer:
        told = orjson.loads(true[1])
        return 200, orjson.dumps({"items": change(told["items"])})

    return lie


def _without(name: str) -> Lie:
    return _events(lambda items: [{key: each[key] for key in each if key != name} for each in items])


def _timed(time: object) -> Lie:
    return _events(lambda items: [each | ({"time": time} if each["sequence"] == "7" else {}) for each in items])


def _cut(true: Answer) -> Answer:
    return 200, true[1][:-1]


def _without_end(_: Answer) -> Iterator[bytes]:
    while True:
        yield b"x" * 1_000_000


def _drop_by_drop(_: Answer) -> Iterator[bytes]:
    while True:
        yield b"x"
        threading.Event().wait(0.05)


CHECKPOINT, ENTRIES, EVENTS = "/v1/log/checkpoint", "/v1/log/tile/entries/", "/v1/events"


LIES: list[tuple[str, Lie, str]] = [
    (CHECKPOINT, lambda true: (200, true[1].replace(b"\n238\n", b"\n237\n")), "is not that key's over this text"),
    (CHECKPOINT, lambda true: (200, true[1].replace(b"example.com", b"example.org", 1)), "not to be believed"),
    (CHECKPOINT, lambda true: (200, b"<html>hello</html>"), "not to be believed"),
    (CHECKPOINT, lambda true: (200, b"\xff" * 99), "not to be believed"),
    (ENTRIES, _cut, "ends within an entry"),
    (ENTRIES, lambda true: (200, b""), "entries after position 0"),
    (ENTRIES, lambda true: (200, true[1].replace(b'"actor":"tests"', b'"actor":"other"', 1)), "are not those of"),
    (EVENTS, lambda true: (200, b"<html>hello</html>"), "entries after position 0: "),
    (EVENTS, lambda true: (200, b"[]"), "it tells what is no list of events"),
    (EVENTS, _without("time"), "it tells what is no list of events"),
    (EVENTS, _timed(5), "id or time is no text"),
    (EVENTS, _timed("yesterday"), "holds what is no event"),
    (EVENTS, _timed("2026-01-01T00:00:00"), "has no time zone"),
    (EVENTS, _timed("1999-01-01T00:00:00Z"), "no log: position 7 was recorded 1999"),
    (EVENTS, _events(lambda items: items[::-1]), "at position 1 the service tells of event"),
    (EVENTS, _events(lambda items: []), "the service tells of 0 events after position 0"),
]
WITHHELD: list[tuple[str, Lie, str]] = [
    (CHECKPOINT, lambda true: (302, b""), "answered 302"),
    (CHECKPOINT, lambda true: (500, b"oh"), "answered 500, oh"),
    (ENTRIES, lambda true: (404, b"none"), "404, none"),
    ("/v1/log/tile/0/", lambda true: (404, b"none"), "404, none"),
    ("/v1/sources/", lambda true: (404, b"none"), "404, none"),
    (CHECKPOINT, _without_end, "answer"),
    (CHECKPOINT, _drop_by_drop, "the answer takes longer than 0.5 s"),
]


def test_a_service_that_lies_is_found_out(two: Two) -> None:
    with lying(str(two.client.base_url)) as liar, Remote(liar.url) as remote:
        own = two._replace(remote=remote)
        begun(own, verifiers(two.key_file)[0].text())
        for path, lie, why in LIES:
            liar.lies = {path: lie}
            with pytest.raises(Alarm, match=why):
                own.turn()
            with two.mirror.connect() as connection:
                assert read(connection) == []
                assert connection.execute(sa.select(followed_log.c.alarm)).scalar_one()
            begin(own.following(), None, resume=True)
        liar.lies = {}
        assert own.turn() == 238
    assert held(two.mirror) == held(two.engine)


def test_a_service_that_withholds_is_waited_for_and_told_of_and_no_alarm(two: Two) -> None:
    with lying(str(two.client.base_url)) as liar, Remote(liar.url, 0.5) as remote:
        own = two._replace(remote=remote)
        begun(own, verifiers(two.key_file)[0].text())
        for path, lie, why in WITHHELD:
            said, stop = list[str](), threading.Event()

            def tell(what: str, said: list[str] = said, stop: threading.Event = stop) -> None:
                said.append(what)
                stop.set()

            liar.lies = {path: lie}
            run(own.following(), stop, 0.01, lambda *_: None, tell)
            assert len(said) == 1
            assert why in said[0]
        liar.lies = {}
        assert own.turn() == 238
    assert held(two.mirror) == held(two.engine)
