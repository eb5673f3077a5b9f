"""What a bench has measured, as the table and the JSON give it."""

from collections.abc import Callable, Sequence
from statistics import median
from time import perf_counter
from typing import Any


def rate(work: Callable[[], int]) -> float:
    """How many a second: `work` returns how many it did."""
    begun = perf_counter()
    done = work()
    return done / (perf_counter() - begun)


def compared(
    name: str, database: str, ours: Sequence[float], raw: Sequence[float], target: str | None
) -> dict[str, Any]:
    """The medians of both, and the median over the rounds of what ours is to the other: a round's noise falls on both alike."""
    ratio = median(one / other for one, other in zip(ours, raw, strict=True))
    figures = {"ours": median(ours), "raw": median(raw), "ratio": ratio}
    return {"name": name, "database": database, **figures, "target": target}


def single(name: str, database: str, figure: float, target: str | None) -> dict[str, Any]:
    """A figure that stands by itself."""
    return {"name": name, "database": database, "ours": figure, "raw": None, "ratio": None, "target": target}
