"""Signed checkpoints to the subscriptions that ask for them: the newest there is, by a small cursor of each one's own."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from random import random
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa

from services.projection.known_rows import Body
from services.projection.proof.checkpoints import latest, size_at
from services.projection.publish import checkpoints, cursors
from services.projection.publish.cursors import OF_SUBSCRIPTIONS
from services.projection.publish.webhooks.courses import AFTER_TROUBLE, Course, Office, send, until
from services.projection.publish.webhooks.letters import Post
from services.projection.publish.webhooks.retrying import FRESH, Standing, Verdict, judge
from services.projection.publish.webhooks.tables import subscription

LOOK = 0.5
"""Seconds between two looks for a newer checkpoint."""

T = TypeVar("T")


class Ask(Protocol):
    """Does a piece of work on the database, apart from the event loop."""

    def __call__(self, work: Callable[[sa.Connection], T], /) -> Awaitable[T]:
        """What the work gives."""


async def keep_told(office: Office, course: Course, read: Ask, write: Ask) -> None:
    """Tells a course of the newest checkpoint until its receiver is gone or somebody cancels; as `keep_going` does of events."""
    while True:
        try:
            await _tell(office, course, read, write)
        except Exception as error:  # one subscription's trouble is nobody else's
            office.outcomes.trouble(course.id, course.replays, f"{type(error).__name__}: {error}")
            await asyncio.sleep(AFTER_TROUBLE)
        else:
            return


async def _tell(office: Office, course: Course, read: Ask, write: Ask) -> None:
    channel, standing = OF_SUBSCRIPTIONS + course.id, FRESH
    done = (await write(partial(cursors.place, channel=channel))).position
    while not office.closing:
        await until(office.clock, standing.next_at)
        # Looked for after the waiting: a receiver that was away gets the newest, and none of those before.
        newest = await read(latest)
        if newest is None or newest.number <= done:
            await asyncio.sleep(LOOK)
            continue
        post = Post(newest.size, checkpoints.attributes(newest)["id"], checkpoints.body(newest))
        answer = await send(office, course, post, standing)
        now = office.clock()
        verdict, standing = judge(office.policy, standing, answer, now, random())  # noqa: S311 - spreads waiting
        if verdict is Verdict.gone:
            office.outcomes.moved(course.id, course.replays, course.position, course.standing, answer.error, verdict)
            return
        if verdict is not Verdict.retrying:
            done, standing = newest.number, FRESH
            await write(partial(cursors.move, channel=channel, position=done))
        if not answer.delivered:
            await write(partial(cursors.note_failure, channel=channel, why=_why(answer.error, standing)))


def _why(error: str | None, standing: Standing) -> str:
    return (
        f"{error} (attempt {standing.attempts})"
        if standing.attempts
        else f"{error}; given up until there is a newer one"
    )


def told(connection: sa.Connection, own: str) -> Body:
    """The size of the checkpoint that a subscription was last told of, and what holds the newest up; empty before the first try."""
    c = cursors.publish_cursor.c
    row: Any = connection.execute(sa.select(cursors.publish_cursor).where(c.channel == OF_SUBSCRIPTIONS + own)).first()
    return {"checkpoint": {"size": size_at(connection, row.position), "error": row.error}} if row else {}


def forget_orphans(connection: sa.Connection) -> None:
    """Forgets the cursors of subscriptions that are no longer there."""
    c = cursors.publish_cursor.c
    own = sa.func.substr(c.channel, len(OF_SUBSCRIPTIONS) + 1)
    orphan = c.channel.startswith(OF_SUBSCRIPTIONS) & own.not_in(sa.select(subscription.c.id))
    connection.execute(sa.delete(cursors.publish_cursor).where(orphan))
