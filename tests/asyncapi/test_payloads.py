"""What is really published fits what the document and the schemas say of it."""

import copy
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import httpx
import orjson
import pytest
import sqlalchemy as sa
from hypothesis import given
from jsonschema import Draft7Validator, Draft202012Validator

from events.catalogue import EVENT_CLASSES, Event
from events.envelope import Recorded
from events.store import stream
from services.projection.proof.checkpoints import Signed
from services.projection.publish import checkpoints
from services.projection.publish.asyncapi import document
from services.projection.publish.messages import of_event
from services.projection.publish.schemas import schema_of
from tests.events.arbitrary import events
from tests.feeds.served import PUBLIC, published
from tests.ingest.recording.table import take

TOLD = document(PUBLIC, None, "PLAINTEXT")


@pytest.fixture
def client(engine: sa.Engine, tmp_path: Path) -> Iterator[httpx.Client]:
    """A service whose ledger holds the shipped table."""
    take(engine)
    with published(engine, tmp_path) as served:
        yield served


@cache
def validator(message: str, part: str) -> Draft7Validator:
    """Checks the payload or the headers of a message, in the dialect of AsyncAPI."""
    schema = {"allOf": [TOLD["components"]["messages"][message][part]], "components": TOLD["components"]}
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema, format_checker=Draft7Validator.FORMAT_CHECKER)


def class_of(wire_type: str) -> str:
    return next(name for name in EVENT_CLASSES if name.lower() == "".join(wire_type.split(".")[2:-1]))


def test_every_event_of_the_shipped_table_fits_its_message_on_each_channel(
    client: httpx.Client, engine: sa.Engine
) -> None:
    answered = client.get("/v1/events?limit=1000").json()["items"]
    assert len(answered) == 238
    for event in answered:
        name = class_of(event["type"])
        validator(f"{name}CloudEvent", "payload").validate(event)
        validator(name, "payload").validate(event["data"])
    with engine.connect() as connection:
        for recorded in stream(connection):
            _fits_in_kafka(recorded)


def _fits_in_kafka(recorded: Recorded) -> None:
    message = of_event(recorded, PUBLIC)
    validator(recorded.type, "headers").validate({name: value.decode() for name, value in message.headers})
    validator(recorded.type, "payload").validate(orjson.loads(message.value or b""))


@given(events)
def test_any_event_fits_its_message_and_its_schema(event: Event) -> None:
    data = event.model_dump(mode="json")
    validator(event.type, "payload").validate(data)
    schema(event.type).validate(data)


@cache
def schema(name: str) -> Draft202012Validator:
    told = schema_of(name, PUBLIC)
    Draft202012Validator.check_schema(told)
    return Draft202012Validator(told)


@pytest.mark.parametrize(
    ("field", "value"), [("code", None), ("effective", 3), ("kind", "appendix"), ("exclusions", "H1"), ("source", {})]
)
def test_what_does_not_fit_is_noticed(field: str, value: object) -> None:
    data = {"code": "sec", "actor": "t", "kind": "section", "ref": "H15", "type": "SectionAmended", "exclusions": []}
    assert validator("SectionAmended", "payload").is_valid(data)
    assert schema("SectionAmended").is_valid(data)
    wrong = copy.deepcopy(data) | {field: value}
    assert not validator("SectionAmended", "payload").is_valid(wrong)
    assert not schema("SectionAmended").is_valid(wrong)


def test_the_schema_of_an_event_is_served_where_the_event_says(client: httpx.Client) -> None:
    named = {event["dataschema"]: event for event in client.get("/v1/events?limit=1000").json()["items"]}
    assert len(named) > 15
    for url, event in named.items():
        answer = client.get(url.removeprefix(PUBLIC))
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/schema+json")
        assert answer.json()["$id"] == url
        Draft202012Validator(answer.json()).validate(event["data"])


def test_a_schema_that_is_not_there_is_not_found(client: httpx.Client) -> None:
    for name in ("section.activated.v2.json", "section.activated.json", "widget.activated.v1.json", "x"):
        answer = client.get(f"/v1/schemas/{name}")
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/unknown-schema")


def test_the_document_is_served_with_the_servers_that_are_set(client: httpx.Client) -> None:
    told = client.get("/asyncapi.json")
    assert told.json()["servers"]["http"] == {
        "host": "changes.example",
        "protocol": "https",
        "description": "The API and its pages.",
    }
    again = client.get("/asyncapi.json", headers={"If-None-Match": told.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("channel", ["events", "provisions", "checkpoints"])
def test_a_topic_is_as_the_document_says(channel: str) -> None:
    from services.projection.publish import topics

    topic: topics.Topic = getattr(topics, channel.upper())
    told = TOLD["channels"][channel]
    binding = told["bindings"]["kafka"]
    settings = {name: _joined(value) for name, value in binding["topicConfiguration"].items()}
    assert (told["address"], binding["topic"], settings) == (topic.name, topic.name, dict(topic.settings))


def _joined(value: object) -> str:
    return ",".join(value) if isinstance(value, list) else str(value)


def test_every_event_is_a_message_of_every_channel_of_events() -> None:
    channels = TOLD["channels"]
    assert set(channels["events"]["messages"]) == set(EVENT_CLASSES)
    whole = {f"{event}CloudEvent" for event in EVENT_CLASSES}
    assert set(channels["stream"]["messages"]) == whole
    assert set(channels["webhook"]["messages"]) == whole | {"CheckpointCloudEvent"}


def test_a_checkpoint_fits_its_message_on_each_channel() -> None:
    signed = Signed(1, "example.com/log", 0, bytes(32), b"text\n\n\xe2\x80\x94 name c2ln\n", datetime.now(UTC))
    message = checkpoints.message(signed)
    told = {name: value.decode() for name, value in message.headers}
    validator("Checkpoint", "headers").validate(told)
    validator("Checkpoint", "payload").validate((message.value or b"").decode())
    validator("CheckpointCloudEvent", "payload").validate(orjson.loads(checkpoints.body(signed)))
    assert not validator("Checkpoint", "headers").is_valid(told | {"ce_type": "uk.inforce.section.amended.v1"})
