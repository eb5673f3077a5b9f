"""What follows from an answer, at which moment: the rules alone, on a clock of the test's own."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from services.projection.publish.webhooks.retrying import FRESH, Policy, Standing, Verdict, judge, retry_after
from services.projection.publish.webhooks.sending import Answer

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
POLICY = Policy()
DAYS = timedelta(days=3)


def answered(status: int | None, wait: str | None = None) -> Answer:
    return Answer(status, None, 1, wait)


def waits(status: int | None, chance: float) -> list[float]:
    """The seconds between the attempts of an event that is always answered so, until it is dead."""
    now, standing, found = NOW, FRESH, list[float]()
    while True:
        verdict, standing = judge(POLICY, standing, answered(status), now, chance)
        if verdict is Verdict.dead:
            return found
        assert verdict is Verdict.retrying
        assert standing.next_at
        found.append((standing.next_at - now).total_seconds())
        now = standing.next_at


@pytest.mark.parametrize("status", [None, 500, 503, 301, 302, 307, 100, 600, 408, 425, 429])
def test_what_may_go_well_later_is_tried_after_1_2_and_4_seconds_then_less_often_for_three_days(
    status: int | None,
) -> None:
    found = waits(status, 0.5)
    assert found[:5] == [1, 2, 4, 8, 16]
    assert max(found) <= 6 * 3600
    assert sum(found) == DAYS.total_seconds()
    assert 20 <= len(found) <= 40


def test_chance_spreads_the_attempts_by_a_fifth() -> None:
    assert waits(500, 0.0)[:3] == pytest.approx([0.8, 1.6, 3.2])
    assert waits(500, 1.0)[:3] == pytest.approx([1.2, 2.4, 4.8])


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_an_answer_of_success_is_a_delivery_whatever_came_before(status: int) -> None:
    verdict, standing = judge(POLICY, Standing(9, 2, NOW - DAYS), answered(status), NOW, 0.5)
    assert (verdict, standing.attempts) == (Verdict.delivered, 10)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422, 451, 499])
def test_the_third_refusal_is_the_last(status: int) -> None:
    verdicts, standing = [], FRESH
    for given in (status, 500, status, 429, status):
        verdict, standing = judge(POLICY, standing, answered(given), NOW, 0.5)
        verdicts.append(verdict)
    assert verdicts == [*[Verdict.retrying] * 4, Verdict.dead]


def test_gone_ends_it_at_once() -> None:
    assert judge(POLICY, FRESH, answered(410), NOW, 0.5)[0] is Verdict.gone


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("120", 120),
        ("0", 1),
        ("-5", 1),
        ("999999999999999999", DAYS.total_seconds()),
        (format_datetime(NOW + timedelta(minutes=10), usegmt=True), 600),
        (format_datetime(NOW - timedelta(minutes=10), usegmt=True), 1),
        (format_datetime(NOW + timedelta(days=30), usegmt=True), DAYS.total_seconds()),
        ("Thu, 99 Foo 2026", 1),
        ("Wed, 21 Oct 2015 07:28:00 +99999999999999999999", 1),
        ("soon", 1),
        ("\u0661\u0662", 1),
        ("", 1),
    ],
)
@pytest.mark.parametrize("status", [429, 503, 301])
def test_retry_after_is_obeyed_up_to_three_days(status: int, asked: str, seconds: float) -> None:
    _, standing = judge(POLICY, FRESH, answered(status, asked), NOW, 0.5)
    assert standing.next_at == NOW + timedelta(seconds=seconds)


def test_who_asks_to_wait_beyond_the_three_days_is_asked_once_more_then_and_no_earlier() -> None:
    late = NOW + timedelta(days=2)
    _, standing = judge(POLICY, Standing(20, 0, NOW), answered(503, str(2 * 24 * 3600)), late, 0.5)
    assert standing.next_at == NOW + timedelta(days=4)
    assert judge(POLICY, standing, answered(503), NOW + timedelta(days=4), 0.5)[0] is Verdict.dead


def test_a_date_without_an_offset_is_read_as_utc() -> None:
    assert retry_after("Sun, 01 Mar 2026 12:01:00 -0000", NOW) == timedelta(minutes=1)
