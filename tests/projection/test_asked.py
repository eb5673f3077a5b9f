from datetime import UTC, datetime

import pytest

from services.doors.parameters import BadParameter
from services.projection.asked import known_time


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-31T12:00:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31t12:00:00z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T12:00:00+00:00", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T12:00:00-00:00", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T12:00:00.5Z", datetime(2026, 1, 31, 12, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-01-31T12:00:00.123456789Z", datetime(2026, 1, 31, 12, 0, 0, 123_456, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)),
    ],
)
def test_an_instant_may_be_written_in_any_form_that_rfc_3339_has_for_utc(text: str, moment: datetime) -> None:
    assert known_time(text, "known_at") == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "pos:",
        "pos:-1",
        "pos:1.0",
        "pos:٣",
        "2026-01-31",
        "2026-01-31T12:00:00",
        "2026-01-31T13:00:00+01:00",
        "2026-01-31T12:00:00 00:00",
        "2026-01-31 12:00:00Z",
        "2026-01-31T12:00:60Z",
        "2026-02-30T12:00:00Z",
        "2026-01-31T24:00:01Z",
        "0000-01-01T00:00:00Z",
    ],
)
def test_a_time_of_knowledge_that_is_none_is_refused_by_name(text: str) -> None:
    with pytest.raises(BadParameter, match="known_at"):
        known_time(text, "known_at")
