"""Hypothesis strategies: any event of the catalogue with any words in it."""

from typing import Any, get_args

from hypothesis import strategies as st

from events.catalogue import EVENT_CLASSES, Event
from events.knowing_better import Claim, ConflictNoted, FactCorrected
from events.vocabulary import Quotation

words = st.text(max_size=40)
days = st.none() | st.dates()
hashes = st.text("0123456789abcdef", min_size=64, max_size=64)
spans = st.lists(st.tuples(st.integers(0, 2**53 - 1), st.integers(0, 2**53 - 1)), max_size=3).map(tuple)
quotations = st.builds(Quotation, sha256=hashes, spans=spans, quote=words)

_GIVEN: dict[str, st.SearchStrategy[Any]] = {"source": st.none() | quotations, "effective": days, "sha256": hashes}
_NESTED = {"fact", "claims"}


def of_class(cls: type[Event]) -> st.SearchStrategy[Event]:
    """Any event of a class."""
    fields = {}
    for name, field in cls.model_fields.items():
        if name in _GIVEN:
            fields[name] = _GIVEN[name]
        elif cls is FactCorrected and name == "fact":
            fields[name] = facts
        elif cls is ConflictNoted and name == "claims":
            fields[name] = st.tuples(claims, claims)
        elif field.annotation is int:
            fields[name] = st.integers(-(2**53) + 1, 2**53 - 1)
        elif type(None) in get_args(field.annotation) and str in get_args(field.annotation):
            fields[name] = st.none() | words
    return st.builds(cls, **fields)


facts = st.deferred(
    lambda: st.sampled_from(
        [
            cls
            for name, cls in EVENT_CLASSES.items()
            if not set(cls.model_fields) & {"fact", "claims", "supersedes", "change"}
            and not name.startswith(("Source", "Proposal"))
        ]
    ).flatmap(of_class)
)
claims = st.builds(Claim, source=st.none() | quotations, fact=st.none() | facts)
events = st.sampled_from(list(EVENT_CLASSES.values())).flatmap(of_class)
"""Any event."""
