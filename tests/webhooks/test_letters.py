"""The log is read once for all subscriptions, and held in bounded memory however far apart they are."""

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa

from events.envelope import Recorded
from events.store import read
from services.projection.publish.webhooks import letters
from services.projection.publish.webhooks.letters import PAGE, Letters
from tests.waiting import wait_for
from tests.webhooks.ledger import amend, delivering, settings_for, shown, subscribe
from tests.webhooks.receiver import receiving


def test_a_page_is_read_once_however_many_ask_and_again_only_when_the_log_has_grown(engine: sa.Engine) -> None:
    amend(engine, 300)
    asked: list[int] = []

    async def page(after: int, limit: int) -> list[Recorded]:
        asked.append(after)
        with engine.connect() as connection:
            return read(connection, after, limit)

    async def ask() -> None:
        held = Letters(page, "")
        held.reaches(300)
        found = await asyncio.gather(*[held.after(n % 250) for n in range(1_000)])
        assert asked == [0]
        assert all(each[0].position == n % 250 + 1 for n, each in enumerate(found))
        assert [each.position for each in await held.after(290)] == list(range(291, 301))
        waits = asyncio.ensure_future(held.after(300))
        await asyncio.sleep(0)
        amend(engine, 1)
        held.reaches(301)
        assert [each.position for each in await waits] == [301]
        await held.after(5)
        assert asked == [0, PAGE, PAGE]

    asyncio.run(ask())


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_beyond_a_number_of_bytes_the_pages_least_used_are_forgotten(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    amend(engine, PAGE * 6)
    asked: list[int] = []

    async def page(after: int, limit: int) -> list[Recorded]:
        asked.append(after // PAGE)
        with engine.connect() as connection:
            return read(connection, after, limit)

    async def ask() -> None:
        held = Letters(page, "")
        held.reaches(PAGE * 6)
        first = await held.after(0)
        monkeypatch.setattr(letters, "MOST_BYTES", int(letters.weight(first) * 2.5))
        for number in (1, 0, 2, 0, 1, 3, 4, 5, 0):
            await held.after(number * PAGE)
        assert asked == [0, 1, 2, 1, 3, 4, 5, 0]

    asyncio.run(ask())


def test_subscriptions_far_apart_each_get_all_of_theirs(
    engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters, "MOST_BYTES", 1)
    settings = settings_for(engine, tmp_path)
    amend(engine, PAGE * 3)
    with receiving() as receiver, delivering(engine, settings):
        starts = [0, 100, PAGE, PAGE * 2 - 1, PAGE * 3 - 1]
        ids = [subscribe(engine, settings, f"{receiver.url}/{start}", **{"from": start})[0] for start in starts]
        wait_for(lambda: all(shown(engine, own)["position"] == PAGE * 3 for own in ids))
    for start in starts:
        own = [each.sequence for each in receiver.got if each.path.endswith(f"/{start}")]
        assert own == list(range(start + 1, PAGE * 3 + 1))
