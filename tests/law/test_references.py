import pytest

from services.law.codes import shape
from services.law.described.sec import CODE as SEC
from services.law.references import fitting, holds, parse, reference, sort_key


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        ("H", "H15"),
        ("H", "H15.3"),
        ("H3", "H3.22"),
        ("H10", "H10.9-H10.13"),
        ("H10.9-H10.13", "H10.11"),
        ("H10.9-H10.13", "H10.11.2"),
        ("H10.9-H10.13", "H10.9-H10.10"),
        ("A-C", "B4"),
        ("H14.31", "H14.31(a)"),
    ],
)
def test_what_holds_what(outer: str, inner: str) -> None:
    whole, part = parse(outer, nested=True), parse(inner, nested=True)
    assert holds(whole, part)
    assert not holds(part, whole)


@pytest.mark.parametrize(
    ("outer", "inner"), [("H1", "H10"), ("H10.9-H10.13", "H10.14"), ("H3.2", "H3.22"), ("N4", "N4A"), ("H15", "H")]
)
def test_what_does_not_hold_what(outer: str, inner: str) -> None:
    assert not holds(parse(outer, nested=True), parse(inner, nested=True))


def test_references_are_listed_as_a_code_lists_them() -> None:
    listed = ["F", "F2", "H", "H2", "H3", "H3.9", "H3.22", "H10", "N4", "N4A", "N5", "X", "X9", "AA"]
    assert sorted(listed, key=lambda ref: sort_key(SEC.kind("section"), ref)) == listed


@pytest.mark.parametrize("text", ["", "h15", "H15-", "H9-H8", "H1-G2", "H1-H2-H3", "15", "H 15", "H" * 300])
def test_what_is_no_reference_is_refused_with_an_example(text: str) -> None:
    kind = SEC.kind("section")
    assert kind is not None
    with pytest.raises(ValueError, match=r"reference|range"):
        reference(kind, text)


def test_a_bare_reference_fits_the_kinds_that_write_it_so() -> None:
    assert [fitting(SEC, text) for text in ("H15", "AC", "9", "SEC")] == [
        ["section"],
        ["section", "appendix"],
        ["schedule", "document"],
        ["code"],
    ]


def test_a_code_nobody_described_takes_every_kind() -> None:
    clause = shape("dcusa").kind("clause")
    assert clause is not None
    assert holds(reference(clause, "12"), reference(clause, "12.3A"))
    assert not holds(reference(clause, "12.3A"), reference(clause, "12"))
