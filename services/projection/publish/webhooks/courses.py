"""A subscription under way: its next events, one after the other, each until it is done with."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import random
from typing import Any

import orjson
import sqlalchemy as sa

from services.projection.kept import Clock
from services.projection.publish.checkpoints import NAME as CHECKPOINT
from services.projection.publish.wanted import of_type
from services.projection.publish.webhooks import sealing, signing
from services.projection.publish.webhooks.letters import Letter, Letters, Post, Wanted
from services.projection.publish.webhooks.outcomes import Outcomes
from services.projection.publish.webhooks.retrying import FRESH, Policy, Standing, Verdict, judge
from services.projection.publish.webhooks.sending import Answer, Sender
from services.projection.publish.webhooks.tables import subscription

AHEAD, AHEAD_BYTES = 16, 64 * 1024
"""What a subscription takes from the log at once."""

LONGEST_SLEEP = 30.0
AFTER_TROUBLE = 5.0


@dataclass
class Course:
    """A subscription as its row had it when it started, and how far it has come since."""

    id: str
    url: str
    wanted: Wanted
    checkpoints: bool
    secrets: list[sealing.Secret] = field(repr=False)
    position: int
    standing: Standing
    replays: int
    revision: int

    @classmethod
    def of(cls, row: sa.Row[Any], key: bytes) -> "Course":
        """The course that a row of subscription describes; WrongKey where its secrets cannot be had."""
        globs = orjson.loads(row.types)
        types = frozenset(name for glob in globs if glob != CHECKPOINT for name in of_type(glob) or ())
        wanted = Wanted(
            types if globs else None,
            frozenset(orjson.loads(row.codes)),
            tuple(orjson.loads(row.affected)),
        )
        standing = Standing(row.attempts, row.refusals, row.failing_since, row.next_at)
        secrets = sealing.unseal(key, row.id, row.secrets)
        return cls(
            row.id, row.url, wanted, CHECKPOINT in globs, secrets, row.position, standing, row.replays, row.revision
        )

    def valid(self, now: datetime) -> list[str]:
        """The secrets that sign now."""
        return [each.value for each in self.secrets if sealing.valid(each, now)]


@dataclass
class Office:
    """What all courses of a process share."""

    letters: Letters
    outcomes: Outcomes
    sender: Sender
    policy: Policy
    clock: Clock
    healthy: asyncio.Semaphore
    failing: asyncio.Semaphore
    """Places of their own for what fails, so that receivers that do not answer never take those of the others."""

    sending: set[str] = field(default_factory=set)
    closing: bool = False


async def keep_going(office: Office, course: Course) -> None:
    """Delivers until its receiver is gone or somebody cancels; what stops it is noted, and tried again."""
    while True:
        try:
            await _follow(office, course)
        except Exception as error:  # one subscription's trouble is nobody else's
            office.outcomes.trouble(course.id, course.replays, f"{type(error).__name__}: {error}")
            await asyncio.sleep(AFTER_TROUBLE)
        else:
            return


async def _follow(office: Office, course: Course) -> None:
    while not office.closing:
        posts, reached = _next(course, await office.letters.after(course.position))
        for post in posts:
            if not await _deliver(office, course, post):
                return
        if reached > course.position:
            course.position = reached
            office.outcomes.moved(course.id, course.replays, course.position, course.standing)
        await asyncio.sleep(0)


def _next(course: Course, letters: Sequence[Letter]) -> tuple[list[Post], int]:
    """The next events that are wanted, a few, and up to where there is no other; so no course holds a page."""
    posts: list[Post] = []
    size = 0
    for letter in letters:
        if course.wanted.takes(letter):
            if posts and (len(posts) == AHEAD or size + len(letter.body) > AHEAD_BYTES):
                return posts, posts[-1].position
            posts.append(Post(letter.position, letter.recorded.id, letter.body))
            size += len(letter.body)
    return posts, letters[-1].position


async def _deliver(office: Office, course: Course, post: Post) -> bool:
    """Tries until the event is done with; false where the course is at its end."""
    while not office.closing:
        await until(office.clock, course.standing.next_at)
        answer = await send(office, course, post, course.standing)
        now = office.clock()
        verdict, standing = judge(office.policy, course.standing, answer, now, random())  # noqa: S311 - spreads waiting
        if verdict in (Verdict.delivered, Verdict.dead):
            course.position, course.standing = post.position, FRESH
        else:
            course.standing = standing
        office.outcomes.tried(course.id, post, verdict, standing, answer, now)
        office.outcomes.moved(course.id, course.replays, course.position, course.standing, answer.error, verdict)
        await office.outcomes.room()
        if verdict is not Verdict.retrying:
            return verdict is not Verdict.gone
    return False


async def send(office: Office, course: Course, post: Post, standing: Standing) -> Answer:
    """What the receiver makes of one attempt; signed, and in a place among those that fail or those that do not."""
    async with office.failing if standing.attempts else office.healthy:
        now = office.clock()
        office.sending.add(course.id)
        try:
            return await office.sender.post(
                course.url, signing.headers(post.id, post.body, course.valid(now), now), post.body
            )
        finally:
            office.sending.discard(course.id)


async def until(clock: Clock, moment: datetime | None) -> None:
    """Returns when the moment has come; at once where there is none."""
    while moment and (left := (moment - clock()).total_seconds()) > 0:
        await asyncio.sleep(min(left, LONGEST_SLEEP))


def rows(connection: sa.Connection, ids: Sequence[str]) -> list[sa.Row[Any]]:
    """The rows of these subscriptions."""
    found: list[sa.Row[Any]] = []
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        found += connection.execute(sa.select(subscription).where(subscription.c.id.in_(part))).all()
    return found
