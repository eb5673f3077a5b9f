import orjson
import pytest
from hypothesis import given

from events.catalogue import Event
from events.envelope import Pending, decode, seal
from events.upcasters import upcast
from tests.events.arbitrary import events

STEPS = {
    ("Moved", 1): lambda old: {**{k: v for k, v in old.items() if k != "place"}, "where": old["place"]},
    ("Moved", 2): lambda old: {**old, "why": None},
}


def test_an_old_payload_takes_every_step_to_today() -> None:
    old = {"type": "Moved", "place": "G"}

    assert upcast(old, 1, 3, STEPS) == {"type": "Moved", "where": "G", "why": None}
    assert upcast({"type": "Moved", "where": "G"}, 2, 3, STEPS) == {"type": "Moved", "where": "G", "why": None}
    assert old == {"type": "Moved", "place": "G"}


def test_todays_payload_stays_as_it_is() -> None:
    assert upcast({"type": "Moved"}, 3, 3, STEPS) == {"type": "Moved"}


def test_a_missing_step_and_a_newer_payload_are_errors_not_guesses() -> None:
    with pytest.raises(LookupError):
        upcast({"type": "Other"}, 1, 2, STEPS)
    with pytest.raises(LookupError, match="schema version 4, this release knows up to 3"):
        upcast({"type": "Moved"}, 4, 3, STEPS)


def test_an_entry_of_a_newer_release_is_not_read_as_if_it_were_ours() -> None:
    entry = orjson.dumps({"event": {"type": "SectionAmended"}})

    with pytest.raises(LookupError, match="schema version 99"):
        decode(entry, "SectionAmended", 99)
    with pytest.raises(LookupError, match="no such type"):
        decode(entry, "SectionPainted", 1)


@given(events)
def test_reading_a_current_entry_equals_reading_it_by_way_of_the_upcasters(event: Event) -> None:
    sealed = seal(Pending("0199d2a0-0000-7000-8000-000000000000", "s", event), 1, "2020-01-01T00:00:00Z")
    payload = orjson.loads(sealed.entry)["event"]

    assert type(event).model_validate(upcast(payload, sealed.schema_version, sealed.schema_version)) == event
