"""Work that waits at the same time is done together: one thread and one look at the database serve all who ask."""

import asyncio
from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import Generic, NamedTuple, TypeVar

from anyio import CapacityLimiter, to_thread

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class _Turn(NamedTuple, Generic[Asked, Answer]):
    asked: Asked
    answer: asyncio.Future[Answer]


class Turns(Generic[Asked, Answer]):
    """What comes while `work` is busy waits, and is then given to it at once: at most `most`, alike by `kind`, in their order.

    `work` runs in a thread and gives each its answer or the exception that it is to be refused with.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Asked]], Sequence[Answer | Exception]],
        most: int,
        kind: Callable[[Asked], Hashable],
    ) -> None:
        self._work, self._most, self._kind = work, most, kind
        self._waiting: list[_Turn[Asked, Answer]] = []
        self._one = CapacityLimiter(1)
        self._serving: asyncio.Task[None] | None = None

    async def take(self, asked: Asked) -> Answer:
        """What came of it."""
        turn = _Turn[Asked, Answer](asked, asyncio.get_running_loop().create_future())
        self._waiting.append(turn)
        if self._serving is None:
            self._serving = asyncio.create_task(self._serve())
        return await turn.answer

    async def _serve(self) -> None:
        try:
            while self._waiting:
                await asyncio.sleep(0)  # those whose requests have come too are heard first
                turns = self._next()
                work = partial(self._work, [each.asked for each in turns])
                try:
                    answers = await to_thread.run_sync(work, limiter=self._one)
                except Exception as error:  # given to all whom it concerns
                    answers = [error] * len(turns)
                for turn, answer in zip(turns, answers, strict=True):
                    if not turn.answer.done():
                        _settle(turn.answer, answer)
        finally:
            self._serving = None

    def _next(self) -> list[_Turn[Asked, Answer]]:
        kind = self._kind(self._waiting[0].asked)
        turns: list[_Turn[Asked, Answer]] = []
        later: list[_Turn[Asked, Answer]] = []
        for each in self._waiting:
            fits = len(turns) < self._most and self._kind(each.asked) == kind
            (turns if fits else later).append(each)
        self._waiting = later
        return turns


def _settle(answer: asyncio.Future[Answer], outcome: Answer | Exception) -> None:
    if isinstance(outcome, Exception):
        answer.set_exception(outcome)
    else:
        answer.set_result(outcome)
