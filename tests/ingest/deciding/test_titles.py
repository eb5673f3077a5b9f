import pytest

from services.ingest.documents import title_key
from services.ingest.reading import ReadChange
from tests.ingest.deciding.ledger import Ledger, did, document, row, told

POLICY = "Gateway Policy"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Recovery Procedure", "Recovery Procedures"),
        ("Recovery Procedure", "RECOVERY PROCEDURE Document"),
        ("Policies and Procedures", "Policy and Procedure"),
        ("Inventory, Enrolment and Withdrawal", "Inventory Enrolment & Withdrawal"),
        ("Self-Service Interface", "Self–Service Interface"),
    ],
)
def test_titles_that_are_one_document(one: str, other: str) -> None:
    assert title_key(one) == title_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SMKI Code of Connection", "DCCKI Code of Connection"),
        ("Document", "Procedure"),
        ("Access", "Acces"),
        ("SMKI Interface Design Specification", "SMKI Repository Interface Design Specification"),
    ],
)
def test_titles_that_are_two_documents(one: str, other: str) -> None:
    assert title_key(one) != title_key(other)


def test_a_document_gets_its_letter_once_right_before_the_change_that_gives_it() -> None:
    ledger = Ledger()
    ledger.take(row("1.0", "2015-01-01", document("designated", POLICY)))
    added = ledger.take(
        row("1.0", "2015-01-01", document("designated", POLICY)),
        row("2.0", "2016-01-01", did("redesignated", "appendix/G", "Gateway Policies Document")),
        row("3.0", "2017-01-01", did("redesignated", "appendix/G", POLICY)),
    )
    assert [each for each in told(added) if "Lettered" in each or "Appendix" in each] == [
        "DocumentLettered sec/document/gateway-policy",
        "AppendixRedesignated sec/appendix/G",
        "AppendixRedesignated sec/appendix/G",
    ]
    lettered = next(each.event for each in added if each.event.type == "DocumentLettered")
    assert lettered.model_dump(mode="json", include={"kind", "ref", "version", "effective", "title"}) == {
        "kind": "appendix",
        "ref": "G",
        "version": "2.0",
        "effective": "2016-01-01",
        "title": "Gateway Policies Document",
    }


def test_a_variant_of_a_title_without_a_letter_belongs_to_the_first() -> None:
    ledger = Ledger()
    ledger.take(row("1.0", "2015-01-01", document("designated", POLICY)))
    ledger.take(row("2.0", "2016-01-01", document("redesignated", "Gateway Policies"), document("amended", POLICY)))
    assert _places(ledger) == {"gateway-policies": "document/gateway-policy", "gateway-policy": None}


def test_a_title_whose_letter_is_known_belongs_to_the_letter() -> None:
    ledger = Ledger()
    ledger.take(row("1.0", "2015-01-01", did("designated", "schedule/9", POLICY)))
    added = ledger.take(row("2.0", "2016-01-01", document("designated", POLICY, spec_version="1.2")))
    assert _places(ledger) == {"gateway-policy": "schedule/9"}
    assert added[-1].stream == "sec/document/gateway-policy"
    assert not [
        each
        for each in told(ledger.take(row("3.0", "2017-01-01", did("amended", "schedule/9", POLICY))))
        if "Let" in each
    ]


def test_a_section_or_a_part_of_an_appendix_is_no_letter() -> None:
    ledger = Ledger()
    ledger.take(row("1.0", "2015-01-01", document("designated", POLICY)))
    ledger.take(
        row("2.0", "2016-01-01", did("activated", "section/H9", POLICY), did("amended", "appendix/G.2", POLICY))
    )
    ledger.take(row("3.0", "2017-01-01", did("deleted", "appendix/G", POLICY)))
    assert not [each for each in told(ledger.events) if "Lettered" in each]


@pytest.mark.parametrize("apart", [True, False])
def test_where_two_provisions_fit_none_is_chosen_and_a_warning_says_so(apart: bool) -> None:
    ledger = Ledger()
    two = [did("designated", "appendix/G", POLICY), did("designated", "schedule/3", POLICY)]
    if apart:
        ledger.take(row("1.0", "2015-01-01", two[0]), row("1.1", "2015-01-02", two[1]))
    else:
        ledger.take(row("1.0", "2015-01-01", *two))
    ledger.take(row("2.0", "2016-01-01", document("amended", POLICY)))
    assert _places(ledger) == {"gateway-policy": None}
    assert ledger.last is not None
    (warning,) = ledger.last.warnings
    assert warning.code == "ambiguous-title"
    assert "appendix/G, schedule/3" in warning.message


def test_two_provisions_of_one_row_with_the_title_of_a_document_letter_it_to_neither() -> None:
    ledger = Ledger()
    ledger.take(row("1.0", "2015-01-01", document("designated", POLICY)))
    ledger.take(
        row("2.0", "2016-01-01", did("designated", "appendix/G", POLICY), did("designated", "schedule/3", POLICY))
    )
    assert not [each for each in told(ledger.events) if "Lettered" in each]
    assert ledger.last is not None
    assert {each.code for each in ledger.last.warnings} == {"ambiguous-title"}


def test_an_earlier_row_that_comes_later_stays_with_the_document_of_its_day() -> None:
    ledger = Ledger()
    ledger.take(
        row("1.0", "2015-01-01", document("designated", POLICY)),
        row("3.0", "2017-01-01", did("redesignated", "appendix/G", POLICY)),
    )
    ledger.take(row("2.0", "2016-01-01", document("amended", POLICY)))
    assert _places(ledger) == {"gateway-policy": None}


def _places(ledger: Ledger) -> dict[str, str | None]:
    last: dict[str, str | None] = {}
    for each in ledger.events:
        change = getattr(each.event, "provision", ReadChange)
        if each.event.type.startswith("Document") and change is not ReadChange:
            last[each.event.ref] = change  # type: ignore[union-attr]
    return last
