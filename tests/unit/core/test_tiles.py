"""Tiles: paths, widths and hashes as the specification has them, whatever the groups."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.core import tiles, tree
from broker.core.rising import RisingTree
from broker.core.tiles import TileAt, TileError, TileName

LEAVES = [tree.leaf_hash(b"%d" % number) for number in range(140_000)]


def grown(*groups: int) -> dict[TileAt, bytes]:
    kept: dict[TileAt, bytes] = {}
    size = 0
    for group in groups:
        kept |= tiles.extend(size, LEAVES[size : size + group], tiles.among(kept))
        size += group
    return kept


@pytest.mark.parametrize(
    "name, path",
    [
        (TileName(0, 0), "tile/0/000"),
        (TileName(1, 1234067), "tile/1/x001/x234/067"),
        (TileName(None, 999, 12), "tile/entries/999.p/12"),
        (TileName(2, 1000, 1), "tile/2/x001/000.p/1"),
    ],
)
def test_a_tiles_path_is_the_specifications(name: TileName, path: str) -> None:
    assert name.path() == path


def test_a_tree_of_70000_has_the_tiles_that_the_specification_counts() -> None:
    names = list(tiles.names(70_000))
    hashes = [name for name in names if name.level is not None]
    assert len([name for name in hashes if name.level == 0 and name.width == 256]) == 273
    assert [name for name in hashes if name.width < 256] == [
        TileName(0, 273, 112),
        TileName(1, 1, 17),
        TileName(2, 0, 1),
    ]
    assert len([name for name in names if name.level is None]) == 274
    assert list(tiles.names(256))[-1] == TileName(1, 0, 1)
    assert list(tiles.names(0)) == []


@settings(max_examples=40)
@given(st.lists(st.integers(0, 700), min_size=1, max_size=8))
def test_the_tiles_do_not_depend_on_how_the_leaves_were_grouped(groups: list[int]) -> None:
    kept, size = grown(*groups), sum(groups)
    assert kept == grown(size)
    assert {at: len(tile) // 32 for at, tile in kept.items()} == {
        (name.level, name.index): name.width for name in tiles.names(size) if name.level is not None
    }


@settings(max_examples=60)
@given(st.data())
def test_any_range_and_proof_can_be_read_from_the_tiles(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 1500) | st.integers(65_000, 66_500))
    index = data.draw(st.integers(0, size - 1))
    hash_of = tiles.hash_reader(tiles.among(TILES))
    root = tree.root_of(LEAVES[:size])
    assert tree.fold([hash_of(low, high) for low, high in tree.perfect_ranges(0, size)]) == root
    proof = tree.inclusion_proof(index, size, hash_of)
    tree.verify_inclusion(index=index, size=size, leaf=LEAVES[index], proof=proof, root=root)
    old = data.draw(st.integers(1, size))
    tree.verify_consistency(
        old=old,
        old_root=tree.root_of(LEAVES[:old]),
        size=size,
        root=root,
        proof=tree.consistency_proof(old, size, hash_of),
    )


TILES = grown(len(LEAVES))


def test_a_tree_that_rises_tile_by_tile_has_the_same_tiles_and_roots() -> None:
    rising, full = RisingTree(), {}
    for at in range(0, len(LEAVES) - 255, 256):
        for level, index, hashes in rising.add_tile(tree.root_of(LEAVES[at : at + 256])):
            full[level, index] = b"".join(hashes)
        for more in (0, 3) if at % 8192 == 0 else ():
            assert rising.root(LEAVES[at + 256 : at + 256 + more]) == tree.root_of(LEAVES[: at + 256 + more])
    upper = full | {(level, index): b"".join(hashes) for level, index, hashes in rising.edge()}
    assert upper == {at: tile for at, tile in TILES.items() if at[0] > 0}
    assert RisingTree().root() == tree.EMPTY_ROOT


def test_a_tile_that_is_too_short_is_named_and_nothing_is_made_up() -> None:
    short = {**TILES, (0, 3): TILES[0, 3][:-32]}
    with pytest.raises(TileError, match="tile 3 of level 0 has 255 hashes and needs 256"):
        tiles.hash_reader(tiles.among(short))(1022, 1024)
    with pytest.raises(TileError):
        tiles.extend(10, LEAVES[:1], tiles.among({}))


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_a_bundle_gives_back_its_leaves(leaves: list[bytes]) -> None:
    assert tiles.unbundle(tiles.bundle(leaves)) == leaves


@pytest.mark.parametrize("content", [b"\x00", b"\x00\x02a", b"\x00\x01ab"])
def test_a_bundle_that_ends_inside_a_leaf_is_refused(content: bytes) -> None:
    with pytest.raises(TileError) as refused:
        tiles.unbundle(content)
    assert refused.value.code == "tile.malformed"


def test_a_leaf_that_no_bundle_can_hold_is_refused() -> None:
    assert tiles.unbundle(tiles.bundle([bytes(65_535)])) == [bytes(65_535)]
    with pytest.raises(TileError) as refused:
        tiles.bundle([bytes(65_536)])
    assert refused.value.code == "tile.leaf_too_large"
