"""Events reach their receivers: signed, in order, those asked for, each until it is taken."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from standardwebhooks import Webhook, WebhookVerificationError

from events import notes
from events.store import read
from services.projection.publish.webhooks import checkpoints, deliveries, subscriptions
from services.settings import Settings
from tests.factories import amended, implemented, received
from tests.proof.logs import made_key, signing
from tests.waiting import wait_for
from tests.webhooks.ledger import amend, delivering, listed, record, settings_for, shown, subscribe
from tests.webhooks.receiver import Got, receiving, status


@pytest.fixture
def settings(engine: sa.Engine, tmp_path: Path) -> Settings:
    return settings_for(engine, tmp_path)


def test_each_event_arrives_once_in_order_as_a_signed_cloud_event(engine: sa.Engine, settings: Settings) -> None:
    with receiving() as receiver, delivering(engine, settings):
        amend(engine, 300)
        own, secret = subscribe(engine, settings, receiver.url)
        wait_for(lambda: len(receiver.got) >= 300)
        amend(engine, 5)
        wait_for(lambda: len(receiver.got) >= 305)
        wait_for(lambda: shown(engine, own)["position"] == 305)
    assert receiver.sequences() == list(range(1, 306))
    for each in receiver.got:
        assert Webhook(secret).verify(each.body, each.headers)["id"] == each.id == each.event["id"]
        assert each.headers["content-type"] == "application/cloudevents+json"
        assert each.event["type"] == "uk.inforce.section.amended.v1"
        assert each.event["data"]["ref"] == "H15"
    told = listed(engine, own)
    assert [each["position"] for each in told] == list(range(1, 306))
    assert {(each["status"], each["attempts"], each["answer"]) for each in told} == {("delivered", 1, 200)}
    assert all(each["latency_ms"] >= 0 and each["error"] is None for each in told)


def test_only_what_was_asked_for_arrives(engine: sa.Engine, settings: Settings) -> None:
    record(engine, received(), implemented(), amended("H15.2"), amended("D1"), amended("H15", code="other"))
    with receiving() as types, receiving() as codes, receiving() as affected, delivering(engine, settings):
        ids = [
            subscribe(engine, settings, types.url, types=["version.*", "source.received"])[0],
            subscribe(engine, settings, codes.url, codes=["sec"], types=["section.*"])[0],
            subscribe(engine, settings, affected.url, affected=["section/H"], codes=["sec"])[0],
        ]
        wait_for(lambda: all(shown(engine, own)["position"] == 5 for own in ids))
    assert types.sequences() == [1, 2]
    assert codes.sequences() == [3, 4]
    assert affected.sequences() == [3]


def test_signed_checkpoints_come_to_those_alone_who_ask_for_them(
    engine: sa.Engine, settings: Settings, tmp_path: Path
) -> None:
    key = made_key(tmp_path / "elsewhere")
    amend(engine, 2)
    first = signing(engine, key)
    with receiving() as own, receiving() as both, receiving() as everything:
        only, secret = subscribe(engine, settings, own.url, types=["log.checkpoint"])
        subscribe(engine, settings, both.url, types=["log.checkpoint", "section.*"])
        usual, _ = subscribe(engine, settings, everything.url, types=["*"])
        with delivering(engine, settings):
            wait_for(lambda: own.got and len(both.got) == 3)
            amend(engine, 1)
            second = signing(engine, key)
            wait_for(lambda: len(own.got) == 2 and len(both.got) == 5 and shown(engine, usual)["position"] == 3)
            wait_for(lambda: _checkpoint(engine, only)["size"] == 3)
        with delivering(engine, settings):  # what was taken does not come again
            amend(engine, 1)
            third = signing(engine, key)
            wait_for(lambda: len(own.got) == 3)
    assert [each.event["data"].encode() for each in own.got] == [first, second, third]
    assert {each.event["type"] for each in everything.got} == {"uk.inforce.section.amended.v1"}
    for each in own.got:
        event = Webhook(secret).verify(each.body, each.headers)
        assert (event["id"], event["type"]) == (each.id, "uk.inforce.log.checkpoint.v1")
        verifier = notes.signer(key.read_text().strip()).verifier
        assert notes.checkpoint_in(event["data"].encode(), [verifier]).size == int(event["sequence"])


def test_who_was_away_gets_the_newest_checkpoint_and_its_events_wait_for_none(
    engine: sa.Engine, settings: Settings, tmp_path: Path
) -> None:
    key = made_key(tmp_path / "elsewhere")

    def answer(got: Got) -> bytes:
        return status(503) if b"log.checkpoint" in got.body and away else status(204)

    away = True
    with receiving(answer) as receiver, delivering(engine, settings):
        own, _ = subscribe(engine, settings, receiver.url, types=["log.checkpoint", "section.*"])
        for _ in range(3):
            amend(engine, 1)
            last = signing(engine, key)
        wait_for(lambda: "answered 503 (attempt" in (_checkpoint(engine, own).get("error") or ""))
        wait_for(lambda: shown(engine, own)["position"] == 3)
        tried, away = len(receiver.got), False
        wait_for(lambda: _checkpoint(engine, own) == {"size": 3, "error": None})
    taken = [
        each.event["data"] for each in receiver.got[tried:] if each.event["type"] == "uk.inforce.log.checkpoint.v1"
    ]
    assert taken[-1].encode() == last
    with engine.begin() as connection:
        subscriptions.delete(connection, own)
        checkpoints.forget_orphans(connection)
        assert checkpoints.told(connection, own) == {}


def test_a_receiver_that_is_gone_for_a_checkpoint_ends_its_subscription(
    engine: sa.Engine, settings: Settings, tmp_path: Path
) -> None:
    amend(engine, 1)
    signing(engine, made_key(tmp_path / "elsewhere"))
    with receiving(status(410)) as receiver, delivering(engine, settings):
        own, _ = subscribe(engine, settings, receiver.url, types=["log.checkpoint"])
        wait_for(lambda: shown(engine, own)["status"] == "gone")
    assert len(receiver.got) == 1


def _checkpoint(engine: sa.Engine, own: str) -> dict[str, Any]:
    with engine.connect() as connection:
        return dict(checkpoints.told(connection, own).get("checkpoint", {}))


def test_while_a_secret_is_rotated_both_verify_and_a_stranger_does_not(engine: sa.Engine, settings: Settings) -> None:
    from datetime import UTC, datetime

    from services.projection.publish.webhooks import keys

    with receiving() as receiver, delivering(engine, settings):
        own, old = subscribe(engine, settings, receiver.url)
        amend(engine, 1)
        wait_for(lambda: len(receiver.got) == 1)
        with engine.begin() as connection:
            _, new = subscriptions.rotate(connection, own, keys.key(settings), datetime.now(UTC))
        wait_for(lambda: amend(engine, 1) or len(receiver.got[-1].headers["webhook-signature"].split(" ")) == 2)
    last = receiver.got[-1]
    for secret in (old, new):
        Webhook(secret).verify(last.body, last.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(new).verify(receiver.got[0].body, receiver.got[0].headers)
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + "A" * 44).verify(last.body, last.headers)


def test_a_paused_subscription_gets_nothing_until_it_goes_on_where_it_stopped(
    engine: sa.Engine, settings: Settings
) -> None:
    with receiving() as receiver, receiving() as other, delivering(engine, settings):
        own, _ = subscribe(engine, settings, receiver.url)
        subscribe(engine, settings, other.url)
        amend(engine, 3)
        wait_for(lambda: len(receiver.got) == 3)
        _set(engine, own, "paused")
        wait_for(lambda: amend(engine, 1) or len(other.got) > len(receiver.got) + 50)
        before = len(receiver.got)
        amend(engine, 20)
        wait_for(lambda: other.sequences()[-1] == _end(engine))
        assert len(receiver.got) == before
        _set(engine, own, "active")
        wait_for(lambda: receiver.sequences()[-1] == _end(engine))
    assert sorted(set(receiver.sequences())) == other.sequences()


def test_a_replay_delivers_again_what_comes_after_the_position(engine: sa.Engine, settings: Settings) -> None:
    with receiving() as receiver, delivering(engine, settings):
        amend(engine, 10)
        own, _ = subscribe(engine, settings, receiver.url)
        wait_for(lambda: shown(engine, own)["position"] == 10)
        with engine.begin() as connection:
            subscriptions.replay(connection, own, 7)
        wait_for(lambda: len(receiver.got) == 13)
        wait_for(lambda: shown(engine, own)["position"] == 10)
    assert receiver.sequences() == [*range(1, 11), 8, 9, 10]
    assert receiver.got[7].id == receiver.got[10].id


def test_a_deleted_subscription_gets_nothing_more_and_leaves_nothing(engine: sa.Engine, settings: Settings) -> None:
    with receiving() as receiver, receiving() as other, delivering(engine, settings):
        own, _ = subscribe(engine, settings, receiver.url)
        amend(engine, 3)
        wait_for(lambda: len(listed(engine, own)) == 3)
        with engine.begin() as connection:
            subscriptions.delete(connection, own)
        subscribe(engine, settings, other.url, **{"from": "now"})
        wait_for(lambda: amend(engine, 1) or other.got)
        before = len(receiver.got)
        amend(engine, 5)
        wait_for(lambda: other.sequences()[-1] == _end(engine))
        assert len(receiver.got) == before
    assert listed(engine, own) == []


def test_of_what_was_delivered_the_last_thousand_are_kept_and_every_dead_letter(
    engine: sa.Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "KEPT", 100)
    amend(engine, 1_200)
    with receiving(lambda got: _refusing(got.sequence == 3)) as receiver, delivering(engine, settings):
        own, _ = subscribe(engine, settings, receiver.url)
        wait_for(lambda: shown(engine, own)["position"] == 1_200)
    kept = listed(engine, own)
    assert [each["position"] for each in kept if each["status"] == "dead"] == [3]
    assert 100 <= len(kept) <= 700
    assert kept[-1]["position"] == 1_200


def _refusing(yes: bool) -> bytes:
    from tests.webhooks.receiver import OK, status

    return status(422) if yes else OK


def _set(engine: sa.Engine, own: str, status: str) -> None:
    with engine.begin() as connection:
        subscriptions.set_status(connection, own, status)


def _end(engine: sa.Engine) -> int:
    with engine.connect() as connection:
        return read(connection, 0, 10_000)[-1].position
