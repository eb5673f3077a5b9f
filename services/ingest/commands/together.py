"""Commands that wait at the same time: decided one after the other in one transaction, each with an outcome of its own."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple, TypeVar

import sqlalchemy as sa
from anyio import CapacityLimiter, to_thread
from starlette.concurrency import run_in_threadpool

from events.driver_errors import translated
from events.errors import Unavailable
from services.ingest import known
from services.ingest.commands.answered import Outcome
from services.ingest.commands.recording import Asking, Work, outcome_or_refusal, record

AT_ONCE = 64
"""The most commands in one transaction: others of the log wait as long as it takes."""

Command = tuple[Asking, Work]
Answer = TypeVar("Answer")


class _Turn(NamedTuple):
    code: str
    asked: Callable[[], Command]
    answer: asyncio.Future[Outcome]


class Turns:
    """One command builds on the other: those that come while others are being recorded wait, and are then recorded together."""

    def __init__(self, engine: sa.Engine, on_recorded: Callable[[int], None]) -> None:
        self._engine, self._on_recorded = engine, on_recorded
        self._waiting: list[_Turn] = []
        self._one = CapacityLimiter(1)
        self._serving: asyncio.Task[None] | None = None
        self._answering: set[asyncio.Task[None]] = set()

    async def take(self, code: str, asked: Callable[[], Command]) -> Outcome:
        """What the command did, once it is durable; its refusal is its own and no other's."""
        turn = _Turn(code, asked, asyncio.get_running_loop().create_future())
        self._waiting.append(turn)
        if self._serving is None:
            self._serving = asyncio.create_task(self._serve())
        return await turn.answer

    async def _serve(self) -> None:
        try:
            while self._waiting:
                turns = self._next()
                work = partial(record_together, self._engine, [each.asked for each in turns])
                outcomes = await to_thread.run_sync(work, limiter=self._one)
                answering = asyncio.create_task(self._answer(turns, outcomes))
                self._answering.add(answering)
                answering.add_done_callback(self._answering.discard)
        finally:
            self._serving = None

    def _next(self) -> list[_Turn]:
        """Those of one code: two processes that held several could wait for each other."""
        code = self._waiting[0].code
        turns = [each for each in self._waiting if each.code == code][:AT_ONCE]
        self._waiting = [each for each in self._waiting if each not in turns]
        return turns

    async def _answer(self, turns: Sequence[_Turn], outcomes: Sequence[Outcome | Exception]) -> None:
        positions = [each.position for each in outcomes if isinstance(each, Outcome) and each.position is not None]
        try:
            if positions:
                await run_in_threadpool(self._on_recorded, max(positions))
        finally:
            for turn, outcome in zip(turns, outcomes, strict=True):
                if not turn.answer.done():
                    _settle(turn.answer, outcome)


def _settle(answer: asyncio.Future[Outcome], outcome: Outcome | Exception) -> None:
    if isinstance(outcome, Outcome):
        answer.set_result(outcome)
    else:
        answer.set_exception(outcome)


def record_together(engine: sa.Engine, asked: Sequence[Callable[[], Command]]) -> list[Outcome | Exception]:
    """What each of the commands did, or why it did nothing, in their order; they are all of one code."""
    commands = [_attempt(each) for each in asked]
    found = iter(_recorded(engine, [each for each in commands if not isinstance(each, Exception)]))
    return [each if isinstance(each, Exception) else next(found) for each in commands]


def _recorded(engine: sa.Engine, commands: Sequence[Command]) -> Sequence[Outcome | Exception]:
    if len(commands) > 1:
        try:
            with translated(), engine.begin() as connection:
                # Held before the first look: nobody overtakes any of them.
                known.hold(connection, commands[0][0].code)
                return [outcome_or_refusal(connection, *each) for each in commands]
        except Unavailable as error:
            # Perhaps they were recorded, and the answer was lost: only who asked can know whether to ask again.
            return [error] * len(commands)
        except Exception:  # noqa: S110 - whose fault it is shows when each is alone
            pass
    return [_attempt(partial(record, engine, *each)) for each in commands]


def _attempt(work: Callable[[], Answer]) -> Answer | Exception:
    try:
        return work()
    except Exception as error:  # given to whom it belongs
        return error
