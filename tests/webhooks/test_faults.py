"""Receivers that are slow, lie, redirect, refuse, are gone or dead: each has its own trouble, and no other feels it."""

import asyncio
import socket
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from services.projection.publish.webhooks import deliveries, dispatcher, subscriptions
from services.settings import Settings
from tests.waiting import wait_for
from tests.webhooks.ledger import QUICK, amend, delivering, listed, settings_for, shown, subscribe
from tests.webhooks.receiver import OK, Got, receiving, status


@pytest.fixture
def settings(engine: sa.Engine, tmp_path: Path) -> Settings:
    return settings_for(engine, tmp_path)


def in_turn(*answers: Any) -> Any:
    """Answers one after the other, then well."""
    left = list(answers)

    def answer(got: Got) -> Any:
        told = left.pop(0) if left else OK
        return told(got) if callable(told) else told

    return answer


async def never(_: Got) -> bytes:
    await asyncio.Event().wait()
    return OK


LIES: dict[str, bytes | None] = {
    "closes without a word": None,
    "garbage": b"\x00\xff\x01 nothing that HTTP has\r\n\r\n",
    "another protocol": b"SSH-2.0-OpenSSH_9.6\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "a length that is none": b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
    "a negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
    "a head without an end": b"HTTP/1.1 200 OK\r\nX: " + b"x" * 300_000,
    "half a head": b"HTTP/1.1 200 O",
    "a status that is none": b"HTTP/1.1 20 OK\r\n\r\n",
    "only early hints": b"HTTP/1.1 103 Early Hints\r\n\r\n" * 3,
    "another protocol on the same connection": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
}


def test_every_kind_of_lie_is_an_answer_that_failed_and_the_event_comes_again(
    engine: sa.Engine, settings: Settings
) -> None:
    answers = [(each + b"connection: close" if each is not None else None) for each in LIES.values()]
    amend(engine, 2)
    with receiving(in_turn(*answers)) as receiver, delivering(engine, settings, timeout=5.0):
        own, _ = subscribe(engine, settings, receiver.url)
        wait_for(lambda: shown(engine, own)["position"] == 2, 60)
    assert receiver.sequences() == [1] * (len(LIES) + 1) + [2]
    assert len({each.id for each in receiver.got}) == 2
    first, second = listed(engine, own)
    assert (first["status"], first["attempts"], second["attempts"]) == ("delivered", len(LIES) + 1, 1)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 10485760\r\n\r\n" + b"x" * 10_485_760, id="10 MiB"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort\r\nconnection: close", id="shorter than said"
        ),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nconnection: close", id="chunks that are none"
        ),
        pytest.param(b"HTTP/1.0 204 No Content\r\n\r\nconnection: close", id="HTTP/1.0"),
    ],
)
def test_whatever_follows_a_head_that_says_success_it_is_delivered_once(
    engine: sa.Engine, settings: Settings, answer: bytes
) -> None:
    amend(engine, 3)
    with receiving(in_turn(answer)) as receiver, delivering(engine, settings):
        own, _ = subscribe(engine, settings, receiver.url)
        wait_for(lambda: shown(engine, own)["position"] == 3)
    assert receiver.sequences() == [1, 2, 3]


def test_a_redirect_is_not_followed(engine: sa.Engine, settings: Settings) -> None:
    amend(engine, 1)
    with receiving() as other, receiving() as receiver:
        receiver.answer = in_turn(*[status(code, f"Location: {other.url}") for code in (301, 302, 303, 307, 308)])
        with delivering(engine, settings):
            own, _ = subscribe(engine, settings, receiver.url)
            wait_for(lambda: shown(engine, own)["position"] == 1)
    assert other.got == []
    assert len(receiver.got) == 6


def test_a_receiver_that_fails_for_a_while_gets_each_event_in_order(engine: sa.Engine, settings: Settings) -> None:
    amend(engine, 3)
    answers = in_turn(*[status(code) for code in (500, 503, 408, 429, 425)], OK, status(502))
    with receiving(answers) as receiver, delivering(engine, settings):
        own, _ = subscribe(engine, settings, receiver.url)
        wait_for(lambda: shown(engine, own)["position"] == 3)
    assert receiver.sequences() == [1] * 6 + [2, 2, 3]
    assert [(each["attempts"], each["status"]) for each in listed(engine, own)] == [
        (6, "delivered"), (2, "delivered"), (1, "delivered"),
    ]  # fmt: skip


def test_three_refusals_make_a_dead_letter_and_the_next_event_is_tried(engine: sa.Engine, settings: Settings) -> None:
    amend(engine, 3)
    with receiving(lambda got: status(422) if got.sequence == 2 else OK) as receiver, delivering(engine, settings):
        own, _ = subscribe(engine, settings, receiver.url)
        wait_for(lambda: shown(engine, own)["position"] == 3)
        assert receiver.sequences() == [1, 2, 2, 2, 3]
        (dead,) = listed(engine, own, "dead")
        assert (dead["position"], dead["attempts"], dead["answer"], dead["next_at"]) == (2, 3, 422, None)
        receiver.answer = OK
        with engine.begin() as connection:
            assert deliveries.told(connection)["dead_letters"] == 1
            subscriptions.replay(connection, own, 1)
        wait_for(lambda: [each["status"] for each in listed(engine, own)] == ["delivered"] * 3)
    assert receiver.sequences()[5:] == [2, 3]


def test_an_event_that_was_never_taken_is_given_up_when_its_time_is_over(engine: sa.Engine, settings: Settings) -> None:
    amend(engine, 2)
    soon = timedelta(seconds=0.3)
    failing = receiving(lambda got: status(500) if got.sequence == 1 else OK)
    with failing as receiver, delivering(engine, settings, give_up=soon):
        own, _ = subscribe(engine, settings, receiver.url)
        wait_for(lambda: shown(engine, own)["position"] == 2)
    assert [each["status"] for each in listed(engine, own)] == ["dead", "delivered"]
    assert receiver.sequences().count(1) > 2


def test_gone_ends_the_subscription_and_nothing_more_is_sent(engine: sa.Engine, settings: Settings) -> None:
    amend(engine, 3)
    with receiving(in_turn(OK, status(410))) as receiver, receiving() as other, delivering(engine, settings):
        own, _ = subscribe(engine, settings, receiver.url)
        wait_for(lambda: shown(engine, own)["status"] == "gone")
        subscribe(engine, settings, other.url)
        wait_for(lambda: len(other.got) == 3)
        assert receiver.sequences() == [1, 2]
    assert [each["status"] for each in listed(engine, own)] == ["delivered", "dead"]
    with engine.begin() as connection, pytest.raises(subscriptions.Ended):
        subscriptions.set_status(connection, own, "active")


def test_retry_after_is_obeyed_and_told(engine: sa.Engine, settings: Settings) -> None:
    amend(engine, 2)
    answers = in_turn(status(429, "Retry-After: 1"), status(503, "Retry-After: 3600"))
    with receiving(answers) as receiver, delivering(engine, settings):
        own, _ = subscribe(engine, settings, receiver.url)
        wait_for(lambda: len(receiver.got) == 2)
        moments = [int(each.headers["webhook-timestamp"]) for each in receiver.got]
        assert moments[1] - moments[0] >= 1
        wait_for(lambda: (shown(engine, own)["failing"] or {}).get("attempts") == 2)
        told = shown(engine, own)
        assert told["failing"]["next_at"] > told["failing"]["since"]
        (held,) = listed(engine, own)
        assert (held["status"], held["answer"], held["next_at"]) == ("retrying", 503, told["failing"]["next_at"])
        with engine.begin() as connection:
            assert deliveries.told(connection)["trouble"][0]["id"] == own
            subscriptions.set_status(connection, own, "active")
        wait_for(lambda: shown(engine, own)["position"] == 2)
    assert receiver.sequences() == [1, 1, 1, 2]


def test_a_receiver_that_is_slow_is_left_and_tried_again(engine: sa.Engine, settings: Settings) -> None:
    amend(engine, 2)

    async def dripping(_: Got) -> bytes:
        await asyncio.sleep(3)
        return OK

    with receiving(in_turn(never, dripping)) as receiver, delivering(engine, settings, timeout=0.5):
        own, _ = subscribe(engine, settings, receiver.url)
        wait_for(lambda: shown(engine, own)["position"] == 2)
    assert receiver.sequences() == [1, 1, 1, 2]
    assert listed(engine, own)[0]["attempts"] == 3


def test_receivers_that_are_dead_or_silent_slow_no_other(engine: sa.Engine, settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, receiving() as live:
        closed = socket.create_server(("127.0.0.1", 0))
        ports = [silent.getsockname()[1], closed.getsockname()[1]]
        closed.close()
        dead = [subscribe(engine, settings, f"http://127.0.0.1:{port}/{n}")[0] for port in ports for n in range(40)]
        own, _ = subscribe(engine, settings, live.url)
        with delivering(engine, settings, dispatcher.World(QUICK._replace(timeout=10.0))):
            amend(engine, 200)
            wait_for(lambda: shown(engine, own)["position"] == 200)
            assert all(shown(engine, each)["position"] == 0 for each in dead)
            wait_for(lambda: "Connect" in str(shown(engine, dead[-1])["error"]))
    assert live.sequences() == list(range(1, 201))


def test_the_same_event_has_the_same_id_at_every_subscription(engine: sa.Engine, settings: Settings) -> None:
    amend(engine, 5)
    with receiving() as one, receiving() as other, delivering(engine, settings):
        for receiver in (one, other):
            subscribe(engine, settings, receiver.url)
        wait_for(lambda: len(one.got) == len(other.got) == 5)
    assert [each.id for each in one.got] == [each.id for each in other.got]
    assert [each.body for each in one.got] == [each.body for each in other.got]
