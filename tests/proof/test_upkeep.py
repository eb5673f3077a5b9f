"""The tree keeps up with the log, whoever keeps it, whenever it is killed."""

import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from events import tiles
from events.tables import event_log
from services.database import reading
from services.projection.proof import upkeep
from services.projection.proof.tables import tree_tile
from services.projection.proof.tree import BrokenTree
from services.projection.publish import cursors
from tests.proof import naive
from tests.proof.logs import held_tiles, made_key, plant, record
from tests.proof.naive import kept_in
from tests.waiting import wait_for

_IS_TREE = cursors.publish_cursor.c.channel == upkeep.CHANNEL


def leaf_hashes(engine: sa.Engine) -> list[bytes]:
    with engine.connect() as connection:
        return [
            bytes(each) for each in connection.scalars(sa.select(event_log.c.leaf_hash).order_by(event_log.c.position))
        ]


def test_the_tree_is_that_of_the_entries_in_their_order_however_it_was_grown(engine: sa.Engine) -> None:
    record(engine, 300)
    assert [upkeep.grow(engine, page) for page in (1, 7, 248, 500, 500)] == [1, 7, 248, 44, 0]
    record(engine, 213)
    assert upkeep.catch_up(engine) == 513
    assert held_tiles(engine) == tiles.grown(0, kept_in({}), leaf_hashes(engine))


@pytest.mark.parametrize("size", [255, 256, 257, 70_000])
def test_a_tree_of_any_size_goes_on_from_its_tiles(engine: sa.Engine, size: int) -> None:
    leaves = naive.leaves(size + 600)
    plant(engine, leaves[:size])
    plant(engine, leaves[size:])
    assert held_tiles(engine) == tiles.grown(0, kept_in({}), leaves)


def test_keepers_at_once_add_each_entry_once(engine: sa.Engine) -> None:
    record(engine, 400)
    keepers = [threading.Thread(target=_grow_to_the_end, args=(engine,)) for _ in range(4)]
    for each in keepers:
        each.start()
    for each in keepers:
        each.join()
    assert held_tiles(engine) == tiles.grown(0, kept_in({}), leaf_hashes(engine))


def _grow_to_the_end(engine: sa.Engine) -> None:
    for _ in range(40):
        upkeep.grow(engine, 17)


def test_a_tree_whose_tiles_were_cut_is_not_grown(engine: sa.Engine) -> None:
    record(engine, 20)
    upkeep.catch_up(engine)
    with engine.begin() as connection:
        connection.execute(sa.update(tree_tile).values(hashes=bytes(32 * 19)))
    record(engine, 1)
    with pytest.raises(BrokenTree, match="tile 0 of level 0 has 608 bytes, expected 640 or more"):
        upkeep.grow(engine)
    with engine.begin() as connection:
        connection.execute(sa.delete(tree_tile))
    with pytest.raises(BrokenTree, match="tile 0 of level 0 has 0 bytes, expected 640 or more"):
        upkeep.grow(engine)


def test_the_keeper_follows_the_log_and_says_how_far_it_is(engine: sa.Engine, tmp_path: Path) -> None:
    key_file, stop = made_key(tmp_path), threading.Event()
    keeper = threading.Thread(target=upkeep.run, args=(engine, key_file, stop))
    keeper.start()
    try:
        for number in (30, 60):
            record(engine, 30)
            wait_for(lambda number=number: _position(engine, upkeep.CHANNEL) == number)
            wait_for(lambda number=number: _position(engine, upkeep.SIGNING) == number)
    finally:
        stop.set()
        keeper.join()


def test_a_keeper_without_a_key_goes_on_growing_says_what_is_missing_and_signs_when_it_comes(
    engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "LOOK_AGAIN", 0.2)
    stop = threading.Event()
    keeper = threading.Thread(target=upkeep.run, args=(engine, tmp_path / "signing.key", stop))
    keeper.start()
    try:
        record(engine, 5)
        wait_for(lambda: "inforce key new" in (_error(engine, upkeep.SIGNING) or ""))
        wait_for(lambda: _position(engine, upkeep.CHANNEL) == 5)
        made_key(tmp_path)
        wait_for(lambda: _position(engine, upkeep.SIGNING) == 5)
        assert _error(engine, upkeep.SIGNING) is None
    finally:
        stop.set()
        keeper.join()


def test_killed_at_random_moments_the_tree_goes_on_from_where_it_was(
    engine: sa.Engine, ledger_url: str, tmp_path: Path
) -> None:
    record(engine, 4_000)
    key_file, chance, expected = made_key(tmp_path), random.Random(5), tiles.grown(0, kept_in({}), leaf_hashes(engine))
    for _ in range(5):
        with _keeper(ledger_url, key_file) as process:
            assert process.stdout
            process.stdout.readline()
            time.sleep(chance.uniform(0.0, 0.25))
            process.kill()
        with reading(engine) as connection:
            size = connection.scalar(sa.select(cursors.publish_cursor.c.position).where(_IS_TREE)) or 0
            lengths = connection.scalars(sa.select(sa.func.length(tree_tile.c.hashes)).where(tree_tile.c.level == 0))
            assert sum(lengths) == size * 32
    upkeep.catch_up(engine)
    assert held_tiles(engine) == expected
    signed = upkeep.sign(engine, key_file)
    assert signed is None or signed.size == 4_000
    assert _position(engine, upkeep.SIGNING) == 4_000


def _keeper(url: str, key_file: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.proof.keeping", url, str(key_file)]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def _position(engine: sa.Engine, channel: str) -> int:
    with engine.connect() as connection:
        return cursors.place(connection, channel).position


def _error(engine: sa.Engine, channel: str) -> str | None:
    c = cursors.publish_cursor.c
    with engine.connect() as connection:
        return connection.scalar(sa.select(c.error).where(c.channel == channel))
