from datetime import date

import pytest

from services.law.described.sec import CODE as SEC
from services.law.fold import Act, Family

D1, D2, D3, D4 = date(2015, 1, 26), date(2016, 11, 8), date(2017, 9, 14), date(2018, 5, 31)


def act(position: int, effective: date | None, action: str, ref: str, **more: object) -> Act:
    return Act(id=f"e{position}", position=position, effective=effective, action=action, ref=ref, **more)  # type: ignore[arg-type]


SECTION_H = [
    act(1, D1, "activated", "H15", version="4.1"),
    act(2, D2, "activated", "H3", version="5.0", exclusions=("H3.27",)),
    act(3, D2, "activated", "H10.9-H10.13", version="5.0"),
    act(4, D3, "amended", "H", version="5.10"),
]


@pytest.mark.parametrize(
    ("ref", "day", "state"),
    [
        ("H15", date(2015, 1, 25), "unrecorded"),
        ("H15", D1, "active"),
        ("H", D1, "partly_active"),
        ("H3", D2, "partly_active"),
        ("H3.27", D2, "inactive"),
        ("H3.27.1", D2, "inactive"),
        ("H3.5", D2, "active"),
        ("H10", D2, "partly_active"),
        ("H10.11", D2, "active"),
        ("H10.9-H10.13", D2, "active"),
        ("H10.14", D2, "unrecorded"),
        ("H10.14", D3, "designated"),
        ("H99", D3, "designated"),
        ("H15", D3, "active"),
        ("H3.27", D3, "inactive"),
        ("H", D3, "partly_active"),
    ],
)
def test_sections_hold_sections(ref: str, day: date, state: str) -> None:
    assert Family(SEC, "section", SECTION_H).answer(ref, day).state == state


def test_reasons_name_the_holder_through_which_they_reach() -> None:
    answer = Family(SEC, "section", SECTION_H).answer("H10.11", D4)
    assert [(touch.act.version, touch.via) for touch in answer.because] == [("5.0", "H10.9-H10.13"), ("5.10", "H")]
    assert (answer.version, answer.valid_from, answer.valid_to) == ("5.10", D3, None)


def test_activating_the_exclusion_completes_the_whole() -> None:
    later = [*SECTION_H, act(5, D4, "activated", "H3.27", version="6.0")]
    assert Family(SEC, "section", later).answer("H3", D4).state == "active"
    assert Family(SEC, "section", later).answer("H3", D3).exclusions == ("H3.27",)


def test_deleted_and_redesignated_on_one_day_is_designated() -> None:
    acts = [act(1, D1, "deleted", "A"), act(2, D1, "redesignated", "A")]
    answer = Family(SEC, "appendix", acts).answer("A", D1)
    assert answer.state == "designated"
    assert [touch.act.action for touch in answer.because] == ["redesignated"]
    assert [touch.act.action for touch in answer.history] == ["deleted", "redesignated"]


def test_what_a_deletion_of_the_whole_took_a_new_form_of_the_whole_brings_back_but_not_what_was_deleted_by_name() -> (
    None
):
    acts = [
        act(1, D1, "activated", "H15"),
        act(2, D1, "deleted", "H16"),
        act(3, D2, "deleted", "H"),
        act(4, D3, "redesignated", "H"),
    ]
    family = Family(SEC, "section", acts)
    assert family.answer("H15", D2).state == "deleted"
    assert family.answer("H15", D3).state == "designated"
    assert family.answer("H16", D3).state == "deleted"


def test_parallel_specification_versions_stand_together() -> None:
    acts = [
        act(1, D1, "designated", "8"),
        act(2, D2, "designated", "8", spec="GBCS", spec_version="2.0", alongside=True),
        act(3, D2, "designated", "8", spec="GBCS", spec_version="3.0", alongside=True),
        act(4, D3, "redesignated", "8", spec="GBCS", spec_version="2.0"),
        act(5, D4, "deleted", "8", spec="GBCS", spec_version="3.0"),
    ]
    family = Family(SEC, "schedule", acts)
    assert [(s.spec, s.version) for s in family.answer("8", D3).spec_versions] == [("GBCS", "2.0"), ("GBCS", "3.0")]
    answer = family.answer("8", D4)
    assert (answer.state, [s.version for s in answer.spec_versions]) == ("designated", ["2.0"])


def test_a_new_form_with_its_own_number_replaces_the_earlier_number() -> None:
    acts = [
        act(1, D1, "redesignated", "AC", spec_version="1.2"),
        act(2, D2, "designated", "AC", spec="DUIS", spec_version="2.0", alongside=True),
        act(3, D3, "redesignated", "AC", spec_version="1.3"),
    ]
    answer = Family(SEC, "appendix", acts).answer("AC", D3)
    assert [(s.spec, s.version, s.since) for s in answer.spec_versions] == [("DUIS", "2.0", D2), (None, "1.3", D3)]


def test_what_lies_ahead_is_dated_first_then_undated_and_bounds_the_answer() -> None:
    acts = [act(1, None, "deleted", "AC"), act(2, D1, "designated", "AC"), act(3, D3, "redesignated", "AC")]
    answer = Family(SEC, "appendix", acts).answer("AC", D2)
    assert [touch.act.effective for touch in answer.upcoming] == [D3, None]
    assert (answer.state, answer.valid_to) == ("designated", D3)


def test_a_cancelled_change_bears_on_nothing() -> None:
    acts = [act(1, D1, "designated", "AC", cancelled=True)]
    assert Family(SEC, "appendix", acts).answer("AC", D2).state == "unrecorded"


def test_a_range_of_letters_answers_for_each() -> None:
    assert Family(SEC, "appendix", [act(1, D1, "deleted", "A-C")]).answer("B", D2).state == "deleted"


def test_a_range_of_which_only_some_was_switched_is_partly_active() -> None:
    family = Family(SEC, "section", SECTION_H)
    answer = family.answer("H10.12-H10.14", D2)
    assert (answer.state, answer.version) == ("partly_active", "5.0")
    assert [(touch.act.version, touch.via) for touch in answer.because] == [("5.0", "H10.9-H10.13")]
    assert family.answer("H10.14-H10.16", D2).state == "unrecorded"


def test_a_range_that_an_exclusion_reaches_into_is_partly_active() -> None:
    family = Family(SEC, "section", [act(1, D1, "activated", "H10", exclusions=("H10.12-H10.15",))])
    answer = family.answer("H10.9-H10.13", D2)
    assert (answer.state, answer.exclusions) == ("partly_active", ("H10.12-H10.15",))
    assert family.answer("H10.13-H10.14", D2).state == "inactive"
