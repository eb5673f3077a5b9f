"""Where hashes lie in tiles, how tiles are named, how entries lie in bundles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events import merkle, tiles
from tests.proof import naive
from tests.proof.naive import Held, kept_in


def built(size: int) -> Held:
    held: Held = {}
    return held | tiles.grown(0, kept_in(held), naive.leaves(size))


def widths(held: Held) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for level, number in sorted(held):
        found.setdefault(level, []).append(len(held[level, number]) // 32)
    return found


@pytest.mark.parametrize(
    ("number", "width", "path"),
    [
        (5, 256, "005"),
        (5, 17, "005.p/17"),
        (0, 1, "000.p/1"),
        (999, 256, "999"),
        (1000, 256, "x001/000"),
        (1_234_067, 256, "x001/x234/067"),
    ],
)
def test_a_tile_is_named_in_groups_of_three_digits(number: int, width: int, path: str) -> None:
    assert tiles.path(number, width) == path
    assert tiles.parsed(path) == (number, width)


@given(st.integers(0, 10**15), st.integers(1, 256))
def test_every_name_is_read_back(number: int, width: int) -> None:
    assert tiles.parsed(tiles.path(number, width)) == (number, width)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "5",
        "05",
        "0005",
        "x000/005",
        "001/005",
        "x001/x005",
        "005.p/0",
        "005.p/017",
        "005.p/256",
        "005.p/257",
        "005.p/",
        "005/p/1",
        "٠٠٥",
        "005\n",
        "-05",
        "x01/005",
        "x1234/005",
    ],
)
def test_no_other_name_is_a_tiles(path: str) -> None:
    assert tiles.parsed(path) is None


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (0, {}),
        (255, {0: [255]}),
        (256, {0: [256], 1: [1]}),
        (257, {0: [256, 1], 1: [1]}),
        (70_000, {0: [256] * 273 + [112], 1: [256, 17], 2: [1]}),
    ],
)
def test_a_tree_has_whole_subtrees_of_256_in_its_tiles(size: int, expected: dict[int, list[int]]) -> None:
    held = built(size)
    assert widths(held) == expected
    assert {level: sum(each) for level, each in expected.items()} == {
        level: count for level in range(4) if (count := tiles.hashes(size, level))
    }


def test_a_tile_above_holds_the_roots_of_those_below() -> None:
    held, leaves = built(70_000), naive.leaves(70_000)
    assert held[0, 273] == b"".join(leaves[273 * 256 :])
    assert held[1, 1][-32:] == naive.root(leaves[272 * 256 : 273 * 256])
    assert held[2, 0] == naive.root(leaves[:65_536])


@given(st.lists(st.integers(1, 700), max_size=6))
def test_a_tree_grown_in_parts_has_the_tiles_of_one_grown_at_once(parts: list[int]) -> None:
    held: Held = {}
    leaves, size = naive.leaves(sum(parts)), 0
    for part in parts:
        held |= tiles.grown(size, kept_in(held), leaves[size : size + part])
        size += part
    assert held == built(size)


@given(st.integers(1, 2_000), st.data())
def test_the_tiles_named_as_needed_are_enough_for_a_proof(size: int, data: st.DataObject) -> None:
    held, index = built(size), data.draw(st.integers(0, size - 1))
    asked: list[tuple[int, int]] = []

    def asking(level: int, at: int) -> bytes:
        asked.append((level, at))
        return bytes(32)

    merkle.inclusion(index, size, asking)
    few = {key: held[key][:length] for key, length in tiles.needed(asked).items()}
    path = merkle.inclusion(index, size, tiles.node_from(kept_in(few)))
    assert path == naive.path(index, naive.leaves(size))


def test_a_tile_that_is_too_short_is_noticed() -> None:
    node = tiles.node_from(lambda *_: bytes(32 * 3))
    assert node(9, 0)
    for level, index in ((8, 3), (9, 1), (10, 0)):
        with pytest.raises(LookupError):
            node(level, index)


def test_partial_tiles_are_there_up_to_what_the_tree_holds() -> None:
    assert tiles.holds(257, 0, 0, 256)
    assert tiles.holds(257, 0, 0, 17)
    assert tiles.holds(257, 0, 1, 1)
    assert not tiles.holds(257, 0, 1, 2)
    assert not tiles.holds(257, 0, 1, 256)
    assert tiles.holds(257, 1, 0, 1)
    assert not tiles.holds(257, 1, 0, 2)
    assert not tiles.holds(257, 2, 0, 1)


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_a_bundle_gives_its_entries_back(entries: list[bytes]) -> None:
    held = tiles.bundle(entries)
    assert list(tiles.unbundled(held)) == entries
    for cut in range(1, min(len(held), 3)):
        with pytest.raises(ValueError, match="ends within an entry"):
            list(tiles.unbundled(held + bytes([0, 9]) + b"x" * cut))


def test_a_bundle_takes_65_535_bytes_an_entry_and_never_wraps_a_length() -> None:
    assert tiles.bundle([b"x" * 65_535])[:2] == b"\xff\xff"
    with pytest.raises(OverflowError):
        tiles.bundle([b"x" * 65_536])
