"""Work that waits at the same time is done together, and each gets what is its own."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from services.turns import Turns


def test_what_comes_while_others_are_served_is_served_together_in_order() -> None:
    calls: list[list[int]] = []
    first, go_on = threading.Event(), threading.Event()

    def work(asked: Sequence[int]) -> list[int]:
        calls.append(list(asked))
        first.set()
        assert go_on.wait(10)
        return [each * 2 for each in asked]

    async def all_ask() -> list[int]:
        turns = Turns[int, int](work, most=3, kind=lambda each: each % 2)
        begun = asyncio.create_task(turns.take(100))
        await asyncio.to_thread(first.wait, 10)
        rest = [asyncio.create_task(turns.take(each)) for each in range(8)]
        await asyncio.sleep(0)
        go_on.set()
        return [await each for each in (begun, *rest)]

    assert asyncio.run(all_ask()) == [200, *(each * 2 for each in range(8))]
    assert calls == [[100], [0, 2, 4], [1, 3, 5], [6], [7]]


def test_each_is_refused_for_itself_and_all_where_the_work_fails() -> None:
    def work(asked: Sequence[int]) -> list[int | Exception]:
        if 9 in asked:
            raise LookupError("all of it")
        return [ValueError(str(each)) if each == 1 else each for each in asked]

    async def ask(*asked: int) -> list[int | BaseException]:
        turns = Turns[int, int](work, most=10, kind=lambda _: None)
        return await asyncio.gather(*(turns.take(each) for each in asked), return_exceptions=True)

    zero, one, two = asyncio.run(ask(0, 1, 2))
    assert (zero, two) == (0, 2)
    assert isinstance(one, ValueError)
    assert [type(each) for each in asyncio.run(ask(0, 9))] == [LookupError, LookupError]


def test_one_who_goes_away_keeps_nobody_waiting() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def work(asked: Sequence[int]) -> Sequence[int]:
        begun.set()
        assert go_on.wait(10)
        return asked

    async def ask() -> list[int]:
        turns = Turns[int, int](work, most=10, kind=lambda _: None)
        gone, stays = asyncio.create_task(turns.take(1)), asyncio.create_task(turns.take(2))
        await asyncio.to_thread(begun.wait, 10)
        gone.cancel()
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await gone
        return [await stays, await turns.take(3)]

    assert asyncio.run(ask()) == [2, 3]
