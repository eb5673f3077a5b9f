"""What is recorded are RFC 8785 bytes: held against the reference implementation."""

from typing import Any

import orjson
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from events.catalogue import EVENT, EVENT_CLASSES, Event
from events.envelope import Pending, canonical, decode, seal
from tests.events.arbitrary import events

scalars = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text()
names = st.text(st.characters(max_codepoint=127), max_size=8)
entries = st.dictionaries(
    names, st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4))
)


@given(entries)
def test_canonical_bytes_are_those_of_rfc_8785(value: dict[str, Any]) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(events)
def test_an_entry_is_rfc_8785_and_gives_the_event_back(event: Event) -> None:
    sealed = seal(Pending("0199d2a0-0000-7000-8000-000000000000", "stream", event), 1, "2020-01-01T00:00:00Z")

    assert rfc8785.dumps(orjson.loads(sealed.entry)) == sealed.entry
    assert decode(sealed.entry, sealed.type, sealed.schema_version) == event


@given(events)
def test_an_entry_holds_what_the_event_says_and_no_nulls(event: Event) -> None:
    sealed = seal(Pending("0199d2a0-0000-7000-8000-000000000000", "stream", event), 1, "2020-01-01T00:00:00Z")

    assert orjson.loads(sealed.entry)["event"] == event.model_dump(mode="json", exclude_none=True)


@pytest.mark.parametrize("value", [2**53, -(2**53), {1: 2}, "\ud800", object()])
def test_what_has_no_one_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        canonical({"value": value})


@pytest.mark.parametrize("name", EVENT_CLASSES)
def test_no_event_has_a_field_that_holds_a_fraction(name: str) -> None:
    assert '"number"' not in orjson.dumps(EVENT_CLASSES[name].model_json_schema()).decode()


def test_every_class_of_the_catalogue_is_told_by_its_type() -> None:
    assert {cls.model_fields["type"].default for cls in EVENT_CLASSES.values()} == set(EVENT_CLASSES)
    assert set(EVENT.json_schema()["discriminator"]["mapping"]) == set(EVENT_CLASSES)
