"""A legal day begins and ends at midnight in London, also where the clocks change."""

from datetime import UTC, date, datetime

import pytest

from services.law.days import london_day


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2097-03-30T23:59:59", "2097-03-30"),
        ("2097-03-31T00:00:00", "2097-03-31"),  # the clocks go on an hour later
        ("2097-03-31T22:59:59", "2097-03-31"),
        ("2097-03-31T23:00:00", "2097-04-01"),
        ("2097-10-26T22:59:59", "2097-10-26"),
        ("2097-10-26T23:00:00", "2097-10-27"),  # the clocks go back two hours later
        ("2097-10-27T23:59:59", "2097-10-27"),
        ("2097-10-28T00:00:00", "2097-10-28"),
    ],
)
def test_the_day_is_london_s(moment: str, day: str) -> None:
    assert london_day(datetime.fromisoformat(moment).replace(tzinfo=UTC)) == date.fromisoformat(day)
