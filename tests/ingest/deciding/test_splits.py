from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.ingest.reading import ReadChange, ReadVersion
from tests.ingest.deciding.ledger import Ledger, act, did, document, topic

TITLES = (
    "Gateway Policy",
    "Gateway Policies",
    "Gateway Policy Document",
    "Key Procedure",
    "Key Procedures",
    "Test Scenarios",
)
TITLE = st.sampled_from(TITLES)
CHANGES = st.one_of(
    st.builds(document, st.sampled_from(("designated", "redesignated", "amended")), TITLE),
    st.builds(did, st.sampled_from(("designated", "redesignated", "amended", "deleted")),
              st.sampled_from(("appendix/G", "appendix/H", "schedule/3")), st.none() | TITLE),
    st.builds(did, st.sampled_from(("activated", "amended")), st.sampled_from(("section/A", "section/H3.22"))),
)  # fmt: skip
ACTS = st.sampled_from(
    ((act(),), (act("Change Board", proposals=("SECMP0001",)),), (act(), act("SEC Panel", effective=date(2016, 8, 17))))
)


@st.composite
def documents(draw: st.DrawFn) -> list[ReadVersion]:
    rows: list[ReadVersion] = []
    day = date(2014, 1, 1)
    for number in range(draw(st.integers(1, 7))):
        day += timedelta(days=draw(st.integers(0, 2)))
        changes: tuple[ReadChange, ...] = tuple(draw(st.lists(CHANGES, max_size=4)))
        topics = (topic("Other changes"),) if draw(st.booleans()) else ()
        acts = draw(ACTS)
        if rows:
            acts = tuple(replace(each, base_version=rows[-1].label, base_inferred=True) for each in acts)
        rows.append(ReadVersion(f"4.{number}", day, acts, changes, topics, ((0, 4),)))
    return rows


@given(documents(), st.data())
def test_growing_editions_end_in_the_facts_of_the_last_one(rows: list[ReadVersion], data: st.DataObject) -> None:
    ends = sorted({*data.draw(st.lists(st.integers(1, len(rows)), max_size=4)), len(rows)})
    parts = Ledger()
    for end in ends:
        parts.take(*rows[:end])
    assert parts.facts() == _at_once(rows)


@given(documents(), st.data())
def test_overlapping_slices_end_in_the_facts_of_the_whole(rows: list[ReadVersion], data: st.DataObject) -> None:
    parts, end = Ledger(), 0
    while end < len(rows):
        start = data.draw(st.integers(0, end))
        end = data.draw(st.integers(end + 1, len(rows)))
        parts.take(*_cut(rows, start, end))
    assert parts.facts() == _at_once(rows)


def _cut(rows: list[ReadVersion], start: int, end: int) -> list[ReadVersion]:
    """A slice as its reader sees it: the first row has none before it to infer its base from."""
    first = rows[start]
    unbased = tuple(replace(each, base_version=None, base_inferred=False) for each in first.instruments)
    return [replace(first, instruments=unbased), *rows[start + 1 : end]]


def _at_once(rows: list[ReadVersion]) -> list[dict[str, object]]:
    whole = Ledger()
    whole.take(*rows)
    assert [each for each in whole.facts() if each["type"] == "ConflictNoted"] == []
    return whole.facts()
