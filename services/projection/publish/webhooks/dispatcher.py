"""The one process that delivers: it holds the channel's turn, follows the log, and keeps each subscription going."""

import asyncio
import ssl
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa

from events import store
from events.driver_errors import translated
from events.envelope import Recorded
from events.errors import Rejected, Unavailable
from services.projection.kept import Clock, now
from services.projection.publish import cursors
from services.projection.publish.webhooks import checkpoints, keys, targets
from services.projection.publish.webhooks.courses import Course, Office, keep_going, rows
from services.projection.publish.webhooks.letters import Letters
from services.projection.publish.webhooks.outcomes import Outcomes
from services.projection.publish.webhooks.retrying import Policy
from services.projection.publish.webhooks.sending import Sender
from services.projection.publish.webhooks.tables import delivery, subscription
from services.settings import Settings

CHANNEL = "webhooks"
HEALTHY, FAILING = 256, 64
"""Deliveries under way at once: where the last attempt went well, and where it failed."""

LOOK = 0.05
KEEP = 0.25
"""Seconds between two looks at the log's end; between two writings and looks at the subscriptions."""

LOOK_AGAIN = 30.0
"""Seconds until a subscription whose secrets could not be had is tried again."""

TURN = 1.0
LAST_ANSWERS = 1.0
"""Seconds for deliveries under way when told to stop."""

T = TypeVar("T")


class World(NamedTuple):
    """What a test sets for itself: waiting, names, certificates, the clock."""

    policy: Policy = Policy()
    resolve: targets.Resolve = targets.system
    tls: ssl.SSLContext | None = None
    clock: Clock = now


NOW = World()
"""The world as it is."""


def run(engine: sa.Engine, settings: Settings, stop: threading.Event, world: World = NOW) -> None:
    """Delivers while this process has the turn, and waits for it while another has; a database that is away is waited for."""
    pause = TURN
    while not stop.is_set():
        try:
            with cursors.turn(engine, CHANNEL) as writing:
                if writing is not None:
                    pause = TURN
                    asyncio.run(_Dispatcher(engine, writing, settings, stop, world).run())
        except (Unavailable, Rejected):
            pause = min(pause * 2, 5.0)
        stop.wait(pause)


class _Dispatcher:
    """One turn: every active subscription's course is a task; `writing` is the connection that holds the turn."""

    def __init__(
        self, engine: sa.Engine, writing: sa.Connection, settings: Settings, stop: threading.Event, world: World
    ) -> None:
        self._engine, self._writing, self._settings, self._stop, self._world = engine, writing, settings, stop, world
        self._courses: dict[str, Course] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._unusable: dict[str, int] = {}
        self._threads = {name: ThreadPoolExecutor(1, f"webhooks-{name}") for name in ("reading", "writing")}
        self._looked_again_at = self._moved_at = 0.0
        self._place = -1

    async def run(self) -> None:
        """Delivers until told to stop; Unavailable where the database, and perhaps the turn with it, is lost."""
        world = self._world
        self._office = Office(
            Letters(self._page, self._settings.links_url()),
            Outcomes(),
            Sender(
                allow_private=self._settings.webhook_allow_private,
                resolve=world.resolve,
                timeout=world.policy.timeout,
                tls=world.tls,
            ),
            world.policy,
            world.clock,
            asyncio.Semaphore(HEALTHY),
            asyncio.Semaphore(FAILING),
        )
        with translated(), self._engine.connect() as connection:
            self._reading = connection.execution_options(isolation_level="AUTOCOMMIT")
            both = [asyncio.ensure_future(self._watch()), asyncio.ensure_future(self._keep())]
            try:
                await asyncio.gather(*both)
            finally:
                await self._end(both)

    async def _watch(self) -> None:
        while not self._stop.is_set():
            self._office.letters.reaches(await self._read(store.last_position))
            await asyncio.sleep(LOOK)

    async def _keep(self) -> None:
        await self._write(_forget_orphans)
        while not self._stop.is_set():
            await self._flush()
            await self._look()
            await self._tell()
            await self._office.sender.tidy()
            await asyncio.sleep(KEEP)

    async def _look(self) -> None:
        """Whoever was paused or ended stops, whoever was changed starts anew from its row."""
        found = await self._write(_active)
        stopped = [own for own, course in self._courses.items() if found.get(own) != course.revision]
        if stopped:
            tasks = [self._tasks.pop(own) for own in stopped]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for own in stopped:
                del self._courses[own]
            await self._flush()
            await self._write(_forget_orphans)
        self._unusable = {own: at for own, at in self._unusable.items() if found.get(own) == at}
        if monotonic() - self._looked_again_at > LOOK_AGAIN:
            self._unusable, self._looked_again_at = {}, monotonic()
        await self._start([own for own in found if own not in self._courses and own not in self._unusable])

    async def _start(self, ids: list[str]) -> None:
        if not ids:
            return
        for row in await self._write(partial(rows, ids=ids)):
            try:
                course = Course.of(row, keys.key(self._settings))
            except (Unavailable, Rejected) as error:
                self._unusable[row.id] = row.revision
                self._office.outcomes.trouble(row.id, row.replays, str(error))
                await self._write(partial(cursors.note_failure, channel=CHANNEL, why=str(error)))
                continue
            self._courses[course.id] = course
            self._tasks[course.id] = asyncio.ensure_future(self._going(course))

    async def _going(self, course: Course) -> None:
        told = [checkpoints.keep_told(self._office, course, self._read, self._write)] if course.checkpoints else []
        await asyncio.gather(keep_going(self._office, course), *told)

    async def _tell(self) -> None:
        """The channel stands where the last of its subscriptions does."""
        place = min((each.position for each in self._courses.values()), default=self._office.letters.end)
        if place != self._place and not self._unusable and monotonic() - self._moved_at > 1:
            await self._write(partial(cursors.move, channel=CHANNEL, position=place))
            self._place, self._moved_at = place, monotonic()

    async def _flush(self) -> None:
        batch = self._office.outcomes.taken()
        while batch:
            try:
                await self._write(batch.write)
            except Unavailable:
                # A connection that is lost has lost the turn too: another process may deliver by now.
                if self._writing.invalidated or self._writing.closed or self._stop.is_set():
                    raise
                await asyncio.sleep(KEEP)
            else:
                return

    async def _end(self, both: Sequence[asyncio.Future[None]]) -> None:
        self._office.closing = True
        sending = [self._tasks[own] for own in self._office.sending if own in self._tasks]
        if sending and self._stop.is_set():
            await asyncio.wait(sending, timeout=LAST_ANSWERS)
        everything = [*both, *self._tasks.values()]
        for task in everything:
            task.cancel()
        await asyncio.gather(*everything, return_exceptions=True)
        await self._office.sender.close()
        with suppress(Unavailable):
            await self._flush()
        for each in self._threads.values():
            each.shutdown()

    async def _page(self, after: int, limit: int) -> list[Recorded]:
        return await self._read(partial(store.read, after=after, limit=limit))

    async def _read(self, work: Callable[[sa.Connection], T]) -> T:
        return await self._in("reading", self._reading, work)

    async def _write(self, work: Callable[[sa.Connection], T]) -> T:
        return await self._in("writing", self._writing, work)

    async def _in(self, thread: str, connection: sa.Connection, work: Callable[[sa.Connection], T]) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads[thread], _translated, work, connection)


def _translated(work: Callable[[sa.Connection], Any], connection: sa.Connection) -> Any:  # noqa: ANN401 - what the work gives
    with translated():
        if connection.invalidated:
            raise Unavailable("the database ended the connection")
        try:
            return work(connection)
        finally:
            if connection.in_transaction() and not connection.invalidated:
                connection.rollback()


def _active(connection: sa.Connection) -> dict[str, int]:
    s = subscription.c
    found = connection.execute(sa.select(s.id, s.revision).where(s.status == "active"))
    return {row.id: row.revision for row in found}


def _forget_orphans(connection: sa.Connection) -> None:
    """What was delivered while its subscription was being deleted."""
    there = sa.select(subscription.c.id).where(subscription.c.id == delivery.c.subscription).exists()
    connection.execute(sa.delete(delivery).where(~there))
    checkpoints.forget_orphans(connection)
    connection.commit()
