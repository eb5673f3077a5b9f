"""What follows from an answer: done, once more and when, given up, or the end of the subscription. Pure."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import NamedTuple

from services.projection.publish.webhooks.sending import TIMEOUT, Answer

GONE = 410
NO_REFUSALS = frozenset({408, 425, 429})
"""Answers 4xx that say `later`, not `never`."""


class Policy(NamedTuple):
    """How long is waited and tried: seconds at first and at most between two attempts, days in all, seconds for one."""

    first: float = 1.0
    longest: float = 6 * 3600.0
    give_up: timedelta = timedelta(days=3)
    refusals: int = 3
    timeout: float = TIMEOUT


class Verdict(StrEnum):
    """What became of a delivery."""

    delivered = "delivered"
    retrying = "retrying"
    dead = "dead"
    gone = "gone"


class Standing(NamedTuple):
    """Where the event that is tried now stands: attempts so far, refusals among them, since when, and when again."""

    attempts: int = 0
    refusals: int = 0
    since: datetime | None = None
    next_at: datetime | None = None


FRESH = Standing()


def judge(policy: Policy, before: Standing, answer: Answer, now: datetime, chance: float) -> tuple[Verdict, Standing]:
    """What an answer that came now means, and where the event stands then; `chance`, from 0 to 1, spreads the waiting."""
    refused = answer.status is not None and 400 <= answer.status < 500 and answer.status not in NO_REFUSALS
    since = before.since or now
    after = Standing(before.attempts + 1, before.refusals + refused, since)
    if answer.delivered:
        return Verdict.delivered, after
    if answer.status == GONE:
        return Verdict.gone, after
    if after.refusals >= policy.refusals or now >= since + policy.give_up:
        return Verdict.dead, after
    return Verdict.retrying, after._replace(next_at=_again(policy, after, answer, now, chance))


def _again(policy: Policy, after: Standing, answer: Answer, now: datetime, chance: float) -> datetime:
    wait = min(policy.first * 2.0 ** min(after.attempts - 1, 60), policy.longest) * (0.8 + 0.4 * chance)
    # One last attempt when the time is up, not one after it.
    planned = min(now + timedelta(seconds=wait), (after.since or now) + policy.give_up)
    asked = retry_after(answer.retry_after, now)
    return max(planned, now + min(asked, policy.give_up)) if asked is not None else planned


def retry_after(text: str | None, now: datetime) -> timedelta | None:
    """How long a receiver asks to be left alone, in seconds or until an HTTP date; null where it does not say."""
    if text is None:
        return None
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:12]), 10**9))
    try:
        until = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    return max((until if until.tzinfo else until.replace(tzinfo=UTC)) - now, timedelta())
