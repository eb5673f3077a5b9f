"""The tree against the vectors of transparency-dev/merkle and against the definition, word for word."""

import random
from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events import merkle, tiles
from events.envelope import leaf_hash
from tests.proof import naive
from tests.proof.naive import kept_in

ENTRIES = [
    bytes.fromhex(each)
    for each in ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
]
NODES = [
    [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7",
        "07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "4271a26be0d8a84f0bd54c8c302e7cb3a3b5d1fa6780a40bcce2873477dab658",
        "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
        "46f6ffadd3d06a09ff3c5860d2755c8b9819db7df44251788c7d8e3180de8eb1",
    ],
    [
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    ],
    [
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    ["5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"],
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
MOST = 300
LEAVES = naive.leaves(MOST)


class Tree:
    """Complete subtrees by definition, each hashed once."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.leaves = leaves
        self.node = lru_cache(maxsize=None)(self._node)

    def _node(self, level: int, index: int) -> bytes:
        if level == 0:
            return self.leaves[index]
        return merkle.node_hash(self.node(level - 1, 2 * index), self.node(level - 1, 2 * index + 1))


def test_leaves_nodes_and_roots_are_those_of_the_published_vectors() -> None:
    tree = Tree([leaf_hash(entry) for entry in ENTRIES])
    found = [[tree.node(level, index).hex() for index in range(8 >> level)] for level in range(4)]
    assert found == NODES
    assert [merkle.root(size, tree.node).hex() for size in range(9)] == ROOTS


def test_a_tree_that_only_grows_has_the_published_roots() -> None:
    grows, found = merkle.Peaks(), []
    for entry in [*ENTRIES, b""]:
        found.append(grows.root().hex())
        grows.add(leaf_hash(entry))
    assert found == ROOTS


def test_every_size_to_300_has_the_root_and_the_paths_of_the_definition() -> None:
    tree, grows = Tree(LEAVES), merkle.Peaks()
    for size in range(MOST + 1):
        root = naive.root(LEAVES[:size])
        assert merkle.root(size, tree.node) == grows.root() == merkle.peaks(size, tree.node).root() == root
        for index in {0, size // 3, size // 2, size - 2, size - 1} & set(range(size)):
            path = merkle.inclusion(index, size, tree.node)
            assert path == naive.path(index, LEAVES[:size])
            assert merkle.included(index, size, LEAVES[index], path, root)
        if size < MOST:
            grows.add(LEAVES[size])


def test_every_two_sizes_to_70_are_consistent_as_defined() -> None:
    tree, roots = Tree(LEAVES), [naive.root(LEAVES[:size]) for size in range(71)]
    for new in range(71):
        for old in range(new + 1):
            path = merkle.consistency(old, new, tree.node)
            assert path == naive.proof(old, LEAVES[:new])
            assert merkle.consistent(old, new, roots[old], roots[new], path)


@given(st.data())
def test_a_proof_of_anything_else_is_refused(data: st.DataObject) -> None:
    tree, size = Tree(LEAVES), data.draw(st.integers(2, MOST))
    index, other = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, MOST - 1))
    root, path = naive.root(LEAVES[:size]), merkle.inclusion(index, size, tree.node)
    changed = _changed(data, path)
    assert not merkle.included(index, size, LEAVES[index], changed, root)
    assert not merkle.included(index, size, naive.leaf(b"forged"), path, root)
    if other != index:
        assert not merkle.included(other, size, LEAVES[index], path, root)
    assert not merkle.included(size, size, LEAVES[index], path, root)


@given(st.data())
def test_a_tree_that_does_not_extend_the_old_one_is_refused(data: st.DataObject) -> None:
    new = data.draw(st.integers(2, MOST))
    old = data.draw(st.integers(1, new - 1))
    forked = [*LEAVES]
    forked[data.draw(st.integers(0, old - 1))] = naive.leaf(b"forged")
    before, after, other = naive.root(LEAVES[:old]), naive.root(LEAVES[:new]), naive.root(forked[:new])
    path = merkle.consistency(old, new, Tree(LEAVES).node)
    assert not merkle.consistent(old, new, before, other, path)
    assert not merkle.consistent(old, new, before, other, merkle.consistency(old, new, Tree(forked).node))
    assert not merkle.consistent(old, new, before, after, _changed(data, path))
    assert not merkle.consistent(new, old, after, before, path)


def _changed(data: st.DataObject, path: list[bytes]) -> list[bytes]:
    """Another path: a hash more, one less, one with a bit flipped."""
    where = data.draw(st.integers(0, len(path) - 1)) if path else 0
    kinds = [[*path, naive.leaf(b"more")]]
    if path:
        flipped = bytes([path[where][0] ^ 1]) + path[where][1:]
        kinds += [path[:where] + path[where + 1 :], [*path[:where], flipped, *path[where + 1 :]]]
    return data.draw(st.sampled_from(kinds))


def test_random_trees_to_100_000_leaves_prove_what_they_hold_out_of_tiles() -> None:
    chance = random.Random(7)
    leaves, held, size = naive.leaves(100_000), dict[tuple[int, int], bytes](), 0
    node, roots, grows = (
        tiles.node_from(kept_in(held)),
        {0: merkle.EMPTY_ROOT},
        merkle.Peaks(),
    )
    while size < len(leaves):
        more = min(chance.choice([1, 3, 200, 256, 5_000, 20_000]), len(leaves) - size)
        held |= tiles.grown(size, kept_in(held), leaves[size : size + more])
        for leaf in leaves[size : size + more]:
            grows.add(leaf)
        size += more
        roots[size] = merkle.root(size, node)
        assert roots[size] == grows.root()
        index, old = chance.randrange(size), chance.choice(list(roots))
        assert merkle.included(index, size, leaves[index], merkle.inclusion(index, size, node), roots[size])
        assert merkle.consistent(old, size, roots[old], roots[size], merkle.consistency(old, size, node))
    assert roots[100_000] == merkle.root(100_000, Tree(leaves).node)


def test_proofs_of_what_no_tree_holds_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="a tree of 5 leaves has no leaf 5"):
        merkle.inclusion(5, 5, Tree(LEAVES).node)
    with pytest.raises(ValueError, match="a tree of 5 leaves extends none of 6"):
        merkle.consistency(6, 5, Tree(LEAVES).node)
    with pytest.raises(ValueError, match="a tree of 3 leaves has 2 peaks, found 1"):
        merkle.Peaks(3, [b""])
