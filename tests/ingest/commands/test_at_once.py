"""Many callers at once: each gets its own answer, nothing is lost and nothing recorded twice."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import httpx
from sqlalchemy import Engine

from events.knowing_better import ChangeRescheduled, TookEffect
from events.store import stream
from services.ingest.clock import take_effect
from tests.ingest.commands.asking import SOURCE, ask, did, direction, done, event_of, get, written

CALLERS = 16
DAYS = ("2096-12-31", "2097-06-01")


def at_once(number: int, one: Callable[[int], httpx.Response]) -> list[httpx.Response]:
    start = threading.Barrier(number)

    def ready(which: int) -> httpx.Response:
        start.wait(30)
        return one(which)

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(ready, range(number)))


def test_sixteen_callers_are_all_recorded(client: httpx.Client, engine: Engine) -> None:
    def one(number: int) -> httpx.Response:
        return ask(client, "directions", direction(did("amended", "section/H"), version=f"6.{number}"))

    answers = at_once(CALLERS, one)
    assert [each.status_code for each in answers] == [201] * CALLERS
    ids = [event["id"] for each in answers for event in each.json()["events"]]
    positions = [event["position"] for each in answers for event in each.json()["events"]]
    assert sorted(positions) == list(range(239, 239 + len(positions)))
    with engine.connect() as connection:
        assert {each.id for each in stream(connection, 238)} == set(ids)
    assert len(set(ids)) == 3 * CALLERS + 1
    labels = [each["label"] for each in get(client, "versions", as_of="2018-07-01", limit=1000)["items"]]
    assert sorted(labels[-CALLERS:]) == sorted(f"6.{number}" for number in range(CALLERS))


def test_of_many_that_want_a_label_one_gets_it(client: httpx.Client) -> None:
    answers = at_once(CALLERS, lambda _: ask(client, "directions", direction()))
    assert sorted(each.status_code for each in answers) == [201] + [409] * (CALLERS - 1)


def test_many_with_one_key_are_one(client: httpx.Client, engine: Engine) -> None:
    answers = at_once(CALLERS, lambda _: ask(client, "directions", direction(), Idempotency_Key="k"))
    assert {each.status_code for each in answers} == {201}
    assert len({each.content for each in answers}) == 1
    assert written(engine)["event_log"] == 238 + 4


def test_two_that_move_the_same_change_both_move_it_one_after_the_other(client: httpx.Client, engine: Engine) -> None:
    told = done(ask(client, "directions", direction(did("amended", "section/K"), effective="2097-01-01")))
    change = event_of(told, "SectionAmended")
    days = ["2097-02-01", "2097-03-01"]
    answers = at_once(
        2, lambda n: ask(client, "reschedulings", {"change": change, "effective": days[n], "source": SOURCE})
    )
    assert [each.status_code for each in answers] == [201, 201]
    with engine.connect() as connection:
        moves = [each.event for each in stream(connection) if each.type == "ChangeRescheduled"]
    assert [str(each.was) for each in moves] == ["2097-01-01", str(moves[0].effective)]  # type: ignore[union-attr]


def test_of_two_that_saw_the_same_version_one_moves_it(client: httpx.Client) -> None:
    first = ask(client, "directions", direction(did("amended", "section/K"), effective="2097-01-01"))
    days = ["2097-02-01", "2097-03-01"]

    def one(number: int) -> httpx.Response:
        body = {"instrument": "5.17-1", "effective": days[number], "source": SOURCE}
        return ask(client, "reschedulings", body, If_Match=first.headers["etag"])

    answers = at_once(2, one)
    assert sorted(each.status_code for each in answers) == [201, 412]
    won = next(number for number, each in enumerate(answers) if each.status_code == 201)
    assert get(client, "versions/5.17")["effective"] == days[won]


def test_a_clock_beside_moves_tells_only_of_days_that_were_expected_then_and_once(
    client: httpx.Client, engine: Engine
) -> None:
    done(ask(client, "directions", direction(*[did("amended", f"section/K{n}") for n in range(20)], effective=DAYS[0])))
    stop = threading.Event()

    def tick() -> int:
        told = 0
        while not stop.is_set():
            told += take_effect(engine, date(2097, 1, 1))
        return told

    with ThreadPoolExecutor(2) as pool:
        ticking = [pool.submit(tick) for _ in range(2)]
        moves = [
            ask(client, "reschedulings", {"version": "5.17", "effective": DAYS[n % 2], "source": SOURCE})
            for n in range(1, 8)
        ]
        stop.set()
        told = sum(each.result(60) for each in ticking)
    assert [each.status_code for each in moves] == [201] * 7
    told += take_effect(engine, date(2097, 1, 1))
    expected: dict[str, date | None] = {}
    seen: list[tuple[str, int]] = []
    with engine.connect() as connection:
        for each in stream(connection, 238):
            event = each.event
            if isinstance(event, TookEffect):
                assert event.effective == expected[event.change]
                assert event.effective <= date(2097, 1, 1)
                seen.append((event.change, each.position))
                expected[event.change] = None  # told: only another move makes it due again
            elif isinstance(event, ChangeRescheduled):
                expected[event.change] = event.effective
            elif each.type == "SectionAmended":
                expected[each.id] = event.effective
    assert len(seen) == told >= 20
