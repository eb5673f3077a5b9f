"""The channels on a real broker: what comes, in which order, how it is written, under which settings."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import sqlalchemy as sa
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.formats.json import JSONFormat
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from events import notes
from events.envelope import cloud_event
from events.store import append, read
from services.projection.proof import keys, rotation
from services.projection.runner import catch_up
from services.settings import Settings
from tests.factories import amended, pending
from tests.ingest.recording.table import TABLE, take
from tests.kafka.broker import Broker
from tests.kafka.conftest import LEFT_TO_THE_COLLECTOR, delete
from tests.kafka.ledgers import fill, ids
from tests.kafka.publishing import CHECKPOINTS, EVENTS, PROVISIONS, cursor, position, publisher, publishing
from tests.kafka.reading import Reader, header
from tests.projection.ledger import Ledger
from tests.proof.logs import ORIGIN, made_key, signing
from tests.serving import serving
from tests.waiting import wait_for

pytestmark = LEFT_TO_THE_COLLECTOR
on_postgresql = pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)


def test_every_event_comes_once_in_order_as_the_cloud_event_that_rest_gives(
    engine: sa.Engine, settings: Settings, broker: Broker
) -> None:
    take(engine)
    with publishing(engine, settings, EVENTS), Reader(broker.bootstrap, EVENTS.topic.name) as reader:
        reader.read_until(238)
        wait_for(lambda: position(engine, "kafka.events") == 238)
    with engine.connect() as connection:
        events = read(connection, 0, 1_000)
    assert reader.ids() == [each.id for each in events]
    for message, recorded in zip(reader.messages, events, strict=True):
        told = cloud_event(recorded, settings.links_url())
        assert message.key == b"sec"
        assert orjson.loads(message.value) == told.pop("data")
        names = {"content-type" if name == "datacontenttype" else f"ce_{name}": told[name] for name in told}
        assert {name: value.decode() for name, value in message.headers} == names
        assert header(message, "ce_dataschema").startswith("http://")


def test_the_cloudevents_package_reads_the_messages(engine: sa.Engine, settings: Settings, broker: Broker) -> None:
    take(engine)
    catch_up(engine)
    with publishing(engine, settings, EVENTS, PROVISIONS), Reader(broker.bootstrap, EVENTS.topic.name) as reader:
        reader.read_until(238)
        wait_for(lambda: position(engine, "kafka.provisions") == 238)
    with Reader(broker.bootstrap, PROVISIONS.topic.name) as states:
        states.read_until(1)
    for message in [*reader.messages, *(each for each in states.messages if each.value)]:
        event = from_binary(KafkaMessage(dict(message.headers), message.key, message.value), JSONFormat())
        assert event.get_extension("sequence") == header(message, "ce_sequence")
        assert event.get_type().startswith("uk.inforce.")
        assert event.get_source() == "/codes/sec"
        assert event.get_data() == orjson.loads(message.value)
        assert event.get_time().tzinfo is not None


def test_the_view_of_the_compacted_topic_is_what_rest_gives_for_every_provision(
    engine: sa.Engine, settings: Settings, broker: Broker
) -> None:
    take(engine)
    with publishing(engine, settings, PROVISIONS), Reader(broker.bootstrap, PROVISIONS.topic.name) as reader:
        catch_up(engine)
        wait_for(lambda: position(engine, "kafka.provisions") == 238)
        reader.read_until(1)
        wait_for(lambda: len(reader.messages) == len(reader.read()))
    view = reader.view()
    plain = settings.model_copy(update={"kafka_bootstrap": None})
    with serving(plain) as client:
        known = client.get("/v1/codes/sec/provisions", params={"limit": 1000}).json()["items"]
        live = {f"sec/{each['kind']}/{each['ref']}" for each in known if each["state"] != "deleted"}
        assert set(view) == live
        for name, value in view.items():
            meta = orjson.loads(value)["meta"]
            asked = {"as_of": meta["as_of"], "known_at": meta["known_at"]}
            code, kind, ref = name.split("/")
            assert client.get(f"/v1/codes/{code}/provisions/{kind}/{ref}", params=asked).content == value
    gone = {each.key.decode() for each in reader.messages if each.value is None}
    assert any(name.startswith("sec/document/") for name in gone - set(view))


@on_postgresql
def test_a_change_that_lies_ahead_is_published_when_its_day_comes(
    engine: sa.Engine, settings: Settings, broker: Broker
) -> None:
    ledger = Ledger(engine)
    ledger.record(ledger.version("1.0", "2014-01-01"))
    ledger.record(ledger.changed("designated", "section/B2", "1.0", "2014-01-01"))
    ledger.record(ledger.changed("deleted", "section/B2", "1.1", "2026-12-01"))
    times = [datetime(2026, 11, 30, 23, 59, tzinfo=UTC)]
    with (
        publishing(engine, settings, PROVISIONS, clock=lambda: times[-1]),
        Reader(broker.bootstrap, PROVISIONS.topic.name) as reader,
    ):
        wait_for(lambda: position(engine, "kafka.provisions") == 3)
        [first] = reader.read_until(1)
        assert orjson.loads(first.value)["state"] == "designated"
        times.append(datetime(2026, 12, 1, 0, 0, tzinfo=UTC))
        last = reader.read_until(2)[-1]
        assert (last.key, last.value, header(last, "ce_sequence")) == (b"sec/section/B2", None, "3")
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT day FROM publish_cursor")) == date(2026, 12, 1)


@on_postgresql
def test_a_provision_with_more_changes_than_a_message_holds_as_a_rule_stops_nothing(
    engine: sa.Engine, settings: Settings, broker: Broker
) -> None:
    changes = [pending(amended("H15")) for _ in range(3_000)]
    with engine.begin() as connection:
        append(connection, changes, {changes[0].stream: 0})
    catch_up(engine)
    with publishing(engine, settings, PROVISIONS), Reader(broker.bootstrap, PROVISIONS.topic.name) as reader:
        wait_for(lambda: position(engine, "kafka.provisions") == 3_000, 60)
        wait_for(lambda: reader.read() and header(reader.messages[-1], "ce_sequence") == "3000")
    state = reader.view()["sec/section/H15"]
    assert len(state) > 1_048_576
    assert len(orjson.loads(state)["because"]) == 3_000


def test_every_checkpoint_comes_as_it_was_signed_whoever_is_killed_meanwhile(
    engine: sa.Engine, settings: Settings, broker: Broker, tmp_path: Path
) -> None:
    key, signed = made_key(tmp_path / "elsewhere"), list[bytes]()
    for size in (3, 5):
        fill(engine, size - position(engine, "tree"), position(engine, "tree"))
        signed.append(signing(engine, key))
    with engine.begin() as connection:
        rotation.rotate(connection, key)
    signed.append(signing(engine, key))  # the same size, with one signature more
    with publisher(settings) as process, Reader(broker.bootstrap, CHECKPOINTS.topic.name) as reader:
        wait_for(lambda: position(engine, CHECKPOINTS.name) == 5)
        process.kill()
        process.wait()
        fill(engine, 4, 5)
        signed.append(signing(engine, key))
        with publishing(engine, settings, CHECKPOINTS):
            wait_for(lambda: position(engine, CHECKPOINTS.name) == 9)
        reader.read_until(4)
    assert list({each.value: None for each in reader.messages}) == signed
    own = notes.verifier(notes.signer(key.read_text().splitlines()[-1]).verifier.text())
    for message in reader.messages:
        checkpoint = notes.checkpoint_in(message.value, [own])
        assert (message.key.decode(), header(message, "ce_sequence")) == (ORIGIN, str(checkpoint.size))
        event = from_binary(KafkaMessage(dict(message.headers), message.key, message.value), JSONFormat())
        assert (event.get_type(), event.get_source(), event.get_subject()) == (
            "uk.inforce.log.checkpoint.v1",
            "/log",
            ORIGIN,
        )
        assert event.get_datacontenttype() == "text/plain; charset=utf-8"
    assert len(set(reader.ids())) == 4


@on_postgresql
def test_the_topics_are_made_with_their_settings(engine: sa.Engine, settings: Settings, broker: Broker) -> None:
    with publishing(engine, settings, EVENTS, PROVISIONS, CHECKPOINTS):
        wait_for(lambda: all(cursor(engine, each.name) for each in (EVENTS, PROVISIONS, CHECKPOINTS)))
    assert _setting(broker, CHECKPOINTS.topic.name, "retention.ms") == "-1"
    assert _setting(broker, CHECKPOINTS.topic.name, "cleanup.policy") == "delete"
    assert _setting(broker, EVENTS.topic.name, "retention.ms") == "-1"
    assert _setting(broker, EVENTS.topic.name, "cleanup.policy") == "delete"
    assert _setting(broker, PROVISIONS.topic.name, "cleanup.policy") == "compact"


@on_postgresql
@pytest.mark.parametrize(
    ("channel", "name", "found", "expected"),
    [
        (EVENTS, "retention.ms", "604800000", "-1"),
        (EVENTS, "cleanup.policy", "compact", "delete"),
        (PROVISIONS, "cleanup.policy", "delete", "compact"),
        (CHECKPOINTS, "retention.ms", "604800000", "-1"),
    ],
)
def test_a_topic_with_other_settings_is_refused_by_name_until_it_has_the_right_ones(
    engine: sa.Engine, settings: Settings, broker: Broker, channel: Any, name: str, found: str, expected: str
) -> None:
    right = channel.topic.settings
    with KafkaAdminClient(bootstrap_servers=broker.bootstrap) as admin:
        admin.create_topics({channel.topic.name: {"num_partitions": 1, "configs": right | {name: found}}})
        with publishing(engine, settings, channel) as said:
            wait_for(lambda: cursor(engine, channel.name).get("error"))
            why = cursor(engine, channel.name)["error"]["why"]
            assert why == f"the topic {channel.topic.name} has {name}={found}, expected {name}={expected}"
            assert any(why in line for line in said)
            admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, channel.topic.name, {name: expected})])
            wait_for(lambda: cursor(engine, channel.name)["error"] is None)


@on_postgresql
def test_a_topic_that_was_deleted_is_made_again_and_gets_everything_again(
    engine: sa.Engine, settings: Settings, broker: Broker
) -> None:
    fill(engine, 300)
    with publishing(engine, settings, EVENTS) as said:
        wait_for(lambda: position(engine, "kafka.events") == 300)
        delete(broker, EVENTS.topic.name)
        fill(engine, 50, begin=300)
        wait_for(lambda: any("all of it is sent again" in line for line in said))
        with Reader(broker.bootstrap, EVENTS.topic.name) as reader:
            reader.read_until(350)
        wait_for(lambda: position(engine, "kafka.events") == 350)
    assert reader.ids() == ids(engine)
    assert _setting(broker, EVENTS.topic.name, "retention.ms") == "-1"
    assert cursor(engine, "kafka.events")["error"] is None


@on_postgresql
def test_a_topic_deleted_and_made_by_somebody_while_nobody_publishes_gets_everything_again(
    engine: sa.Engine, settings: Settings, broker: Broker
) -> None:
    fill(engine, 20)
    with publishing(engine, settings, EVENTS):
        wait_for(lambda: position(engine, "kafka.events") == 20)
    delete(broker, EVENTS.topic.name)
    with publishing(engine, settings, EVENTS), Reader(broker.bootstrap, EVENTS.topic.name) as reader:
        reader.read_until(20)
    assert reader.ids() == ids(engine)


def test_a_service_that_does_everything_publishes_and_its_status_says_how_far(
    settings: Settings, broker: Broker
) -> None:
    keys.make(settings.key_file(), ORIGIN)
    with serving(settings) as client, Reader(broker.bootstrap, EVENTS.topic.name) as reader:
        assert client.post("/v1/ingestions", content=TABLE).status_code == 201
        reader.read_until(238)
        wait_for(lambda: set(_stands(client).values()) == {238})
        channels = client.get("/v1/status").json()["channels"]
    told = {each["channel"]: (each["lag"], each["error"]) for each in channels}
    assert told["kafka.events"] == told["kafka.provisions"] == told["kafka.checkpoints"] == (0, None)


def _stands(client: httpx.Client) -> dict[str, int]:
    channels = client.get("/v1/status").json()["channels"]
    return {each["channel"]: each["position"] for each in channels if each["channel"].startswith("kafka.")}


def _setting(broker: Broker, topic: str, name: str) -> str:
    with KafkaAdminClient(bootstrap_servers=broker.bootstrap) as admin:
        asked = ConfigResource(ConfigResourceType.TOPIC, topic, {name: None})
        return str(admin.describe_configs([asked], config_filter="all")["topic"][topic][name]["value"])
