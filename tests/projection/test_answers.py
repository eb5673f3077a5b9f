"""What the read models answer, from hand-made events, on both databases."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from events.changes import DocumentLettered
from events.knowing_better import ChangeCancelled, ChangeRescheduled, FactCorrected, FactRetracted
from services.doors.parameters import BadParameter
from services.projection import queries
from services.projection.point import BeforeFirstVersion, KnownAtInFuture, UnknownCode
from services.projection.provisions import UnknownProvision
from services.projection.publish import cursors
from tests.projection.ledger import Ledger


@pytest.fixture
def ledger(engine: sa.Engine) -> Ledger:
    made = Ledger(engine)
    made.record(
        made.directed("1.0-1", "2013-09-23"),
        made.version("1.0", "2013-09-23", instruments=("1.0-1",)),
        made.directed("4.1-1", "2015-01-26"),
        made.version("4.1", "2015-01-26", instruments=("4.1-1",)),
        made.changed("activated", "section/H15", "4.1", "2015-01-26"),
        made.changed("designated", "document/gateway-code", "4.1", "2015-01-26", title="Gateway Code"),
        made.directed("5.0-1", "2016-11-08"),
        made.version("5.0", "2016-11-08", instruments=("5.0-1",)),
        made.changed("activated", "section/H3", "5.0", "2016-11-08", title="DCC User Interface", exclusions=("H3.27",)),
        made.changed("activated", "section/H10.9-H10.13", "5.0", "2016-11-08"),
    )
    made.record(
        DocumentLettered(
            code="sec", actor="t", document="gateway-code", kind="appendix", ref="G", effective=date(2016, 11, 8)
        ),
        made.changed("redesignated", "appendix/G", "5.0", "2016-11-08", title="Gateway Code"),
    )
    return made


@pytest.fixture
def ask(ledger: Ledger) -> Callable[..., Any]:
    def asked(query: Callable[..., Any], *arguments: Any, as_of: str = "2018-05-31", known: Any = None) -> Any:
        with ledger.engine.connect() as connection:
            return query(connection, ledger.point(connection, as_of, known), *arguments)

    return asked


def test_a_provision_says_its_state_its_interval_and_its_reasons(ask: Callable[..., Any]) -> None:
    answer = ask(queries.provision, "section", "H15")
    assert (answer["state"], answer["version"], answer["valid"]) == (
        "active",
        "4.1",
        {"from": "2015-01-26", "to": None},
    )
    assert [item["authority"] for item in answer["because"]] == ["Secretary of State"]
    assert ask(queries.provision, "section", "H15", as_of="2014-01-01")["state"] == "unrecorded"


def test_a_document_that_got_a_letter_is_one_provision_under_either_name(ask: Callable[..., Any]) -> None:
    for kind, ref in (("appendix", "G"), ("document", "gateway-code")):
        answer = ask(queries.provision, kind, ref)
        assert (answer["kind"], answer["ref"], answer["state"]) == ("appendix", "G", "designated")
        assert [item["version"] for item in ask(queries.history, kind, ref)] == ["4.1", "5.0"]
    assert answer["also_known_as"] == [
        {"kind": "document", "ref": "gateway-code", "title": "Gateway Code", "from": "2015-01-26", "to": "2016-11-08"}
    ]


def test_before_we_knew_the_letter_the_document_answers_under_its_own_name(ask: Callable[..., Any]) -> None:
    answer = ask(queries.provision, "document", "gateway-code", known=10)
    assert (answer["kind"], answer["ref"]) == ("document", "gateway-code")
    with pytest.raises(UnknownProvision):
        ask(queries.provision, "appendix", "G", known=10)


def test_a_part_never_named_answers_through_its_holder_and_an_unknown_root_is_refused(ask: Callable[..., Any]) -> None:
    assert ask(queries.provision, "section", "H10.11")["because"][0]["via"] == "H10.9-H10.13"
    assert ask(queries.provision, "section", "H99")["state"] == "unrecorded"
    with pytest.raises(UnknownProvision) as refused:
        ask(queries.provision, "section", "Q7")
    assert "section/H3" in refused.value.extra["nearest"]


def test_the_first_version_and_the_last_position_bound_what_can_be_asked(ask: Callable[..., Any]) -> None:
    with pytest.raises(BeforeFirstVersion):
        ask(queries.in_force, as_of="2013-09-22")
    with pytest.raises(BeforeFirstVersion):
        ask(queries.in_force, known=0)
    with pytest.raises(KnownAtInFuture):
        ask(queries.in_force, known=13)


def test_a_code_nobody_recorded_is_unknown(engine: sa.Engine) -> None:
    with engine.connect() as connection, pytest.raises(UnknownCode):
        Ledger(engine, "dcusa").point(connection)


def test_provisions_are_listed_in_the_codes_order_with_exclusions(ask: Callable[..., Any]) -> None:
    listed = [(item["kind"], item["ref"], item["state"]) for item in ask(queries.provisions)]
    assert listed == [
        ("section", "H3", "partly_active"),
        ("section", "H3.27", "inactive"),
        ("section", "H10.9-H10.13", "active"),
        ("section", "H15", "active"),
        ("appendix", "G", "designated"),
    ]
    assert ask(queries.in_force)["counts"] == {"active": 2, "designated": 1, "inactive": 1, "partly_active": 1}


def test_a_correction_is_known_from_its_position_on_and_not_before(ledger: Ledger, ask: Callable[..., Any]) -> None:
    fact = ledger.changed("activated", "section/H16", "6.0", "2018-01-01")
    (recorded,) = ledger.record(fact)
    right = ledger.changed("activated", "section/K1", "6.0", "2018-02-01")
    ledger.record(
        FactCorrected(code="sec", actor="t", supersedes=recorded.id, fact=right, reason="misread"),
        streams={0: recorded.stream},
    )
    assert ask(queries.provision, "section", "H16", known=13)["state"] == "active"
    assert ask(queries.provision, "section", "H16")["state"] == "unrecorded"
    (cause,) = ask(queries.provision, "section", "K1")["because"]
    assert (cause["id"], cause["position"], cause["effective"]) == (recorded.id, 13, "2018-02-01")


def test_a_part_said_to_be_active_by_mistake_no_longer_makes_its_holder_so(
    ledger: Ledger, ask: Callable[..., Any]
) -> None:
    (recorded,) = ledger.record(ledger.changed("activated", "section/K1.2", "6.0", "2018-01-01"))
    right = ledger.changed("amended", "section/K1.2", "6.0", "2018-01-01")
    ledger.record(
        FactCorrected(code="sec", actor="t", supersedes=recorded.id, fact=right, reason="misread"),
        streams={0: recorded.stream},
    )
    assert ask(queries.provision, "section", "K1", known=13)["state"] == "partly_active"
    assert ask(queries.provision, "section", "K1")["state"] == "unrecorded"
    assert ask(queries.provision, "section", "K1.2")["state"] == "designated"


def test_a_change_is_told_with_its_instrument_as_known_at_the_point(ledger: Ledger, ask: Callable[..., Any]) -> None:
    (first,) = ledger.record(ledger.directed("6.0-1", "2018-01-01"))
    ledger.record(ledger.changed("amended", "section/K", "6.0", "2018-01-01"))
    right = ledger.directed("6.0-1", "2018-01-01", authority="Authority")
    given = {"code": "sec", "actor": "t", "supersedes": first.id, "reason": "known better"}
    ledger.record(FactCorrected(fact=right, **given), streams={0: first.stream})
    ledger.record(FactRetracted(**given), streams={0: first.stream})
    told = [ask(queries.provision, "section", "K", known=known)["because"][0] for known in (14, 15, 16)]
    assert [each["authority"] for each in told] == ["Secretary of State", "Authority", None]
    assert [each["legal_basis"] for each in told] == [["Energy Act 2008 s88(1)"], ["Energy Act 2008 s88(1)"], []]


def test_a_retraction_withdraws_and_a_rescheduling_moves(ledger: Ledger, ask: Callable[..., Any]) -> None:
    facts = [ledger.changed("amended", f"appendix/{letter}", "6.0", "2018-03-01") for letter in ("J", "K", "L")]
    j, k, last = ledger.record(*facts)
    ledger.record(
        FactRetracted(code="sec", actor="t", supersedes=j.id, reason="no such thing"),
        ChangeRescheduled(code="sec", actor="t", change=k.id, was=date(2018, 3, 1), effective=date(2030, 1, 1)),
        ChangeCancelled(code="sec", actor="t", change=last.id),
        streams={0: j.stream, 1: k.stream, 2: last.stream},
    )
    statuses = {item["ref"]: item["status"] for item in ask(queries.changes, {}) if item["version"] == "6.0"}
    assert statuses == {"K": "scheduled", "L": "cancelled"}
    answer = ask(queries.provision, "appendix", "K")
    assert (answer["state"], answer["valid"]["to"]) == ("unrecorded", "2030-01-01")
    assert [item["effective"] for item in answer["next"]] == ["2030-01-01"]
    assert [item["ref"] for item in ask(queries.prospective)] == ["K"]
    assert ask(queries.provision, "appendix", "J", known=15)["state"] == "designated"


@pytest.mark.parametrize(
    ("affected", "refs"),
    [
        ("section/H", ["H15", "H3", "H10.9-H10.13"]),
        ("section/H3", ["H3"]),
        ("section/H10", ["H10.9-H10.13"]),
        ("section/H10.11", ["H10.9-H10.13"]),
        ("section/H15.1", []),
        ("appendix/G", ["gateway-code", "G"]),
        ("document/gateway-code", ["gateway-code"]),
    ],
)
def test_affected_takes_in_parts_and_not_holders(ask: Callable[..., Any], affected: str, refs: list[str]) -> None:
    assert [item["ref"] for item in ask(queries.changes, {"affected": affected})] == refs


def test_versions_are_ordered_by_day_and_filtered(ask: Callable[..., Any]) -> None:
    assert [(v["label"], v["seq"], v["status"]) for v in ask(queries.versions, {}, as_of="2016-01-01")] == [
        ("1.0", 1, "superseded"),
        ("4.1", 2, "in_force"),
        ("5.0", 3, "scheduled"),
    ]
    assert [
        v["label"] for v in ask(queries.versions, {"effective[gte]": "2015-01-26", "effective[lte]": "2015-12-31"})
    ] == ["4.1"]
    assert [v["label"] for v in ask(queries.versions, {"provision": "section/H"})] == ["4.1", "5.0"]


def test_a_difference_in_law_names_changes_and_provisions_of_both_sides(ask: Callable[..., Any]) -> None:
    found = ask(queries.diff_law, "4.1", "2016-12-31")
    assert (found["from"]["version"], found["to"]["version"]) == ("4.1", "5.0")
    assert [item["version"] for item in found["changes"]] == ["5.0", "5.0", "5.0"]
    states = {item["ref"]: (item["before"]["state"], item["after"]["state"]) for item in found["provisions"]}
    assert states["H3.27"] == ("unrecorded", "inactive")
    assert "H15" not in states
    with pytest.raises(BadParameter):
        ask(queries.diff_law, "5.0", "4.1")
    with pytest.raises(BeforeFirstVersion):
        ask(queries.diff_law, "2000-01-01", "4.1")


def test_a_poison_event_stops_its_code_and_no_other(engine: sa.Engine) -> None:
    bad, good = Ledger(engine, "bad"), Ledger(engine, "good")
    bad.record(bad.version("1", "2020-01-01"))
    bad.record(
        FactRetracted(code="bad", actor="t", supersedes="0190-no-such", reason="x"), streams={0: "bad/version/1"}
    )
    bad.record(bad.version("2", "2021-01-01"))
    good.record(good.version("1", "2020-01-01"))
    with engine.connect() as connection:
        told = queries.status(connection)
        assert good.point(connection).position == 4
    stood = [(each["code"], each["position"], each["error"]) for each in told["projection"]["codes"]]
    assert [(code, position) for code, position, _ in stood] == [("bad", 1), ("good", 4)]
    assert [error and error["position"] for _, _, error in stood] == [2, None]
    assert not told["healthy"]


def test_a_channel_that_stands_still_is_not_healthy_and_its_ledger_answers_all_the_same(
    engine: sa.Engine, ledger: Ledger
) -> None:
    with engine.connect() as connection:
        assert queries.status(connection)["healthy"]
        cursors.note_failure(connection, "kafka.events", "no broker")
        told = queries.status(connection)
        assert not told["healthy"]
        assert [each["error"] for each in told["projection"]["codes"]] == [None]
        cursors.move(connection, "kafka.events", told["log"]["position"])
        assert queries.status(connection)["healthy"]
