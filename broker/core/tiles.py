"""Tiles (C2SP tlog-tiles): the tree's hashes in files of 256, and leaves in bundles."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from broker.core import tree
from broker.core.errors import MashError

HEIGHT = 8
WIDTH = 1 << HEIGHT
LARGEST_LEAF = 0xFFFF
_LENGTH_BYTES = 2
_SMALLEST_KEPT = 64 * tree.HASH_SIZE

TileAt = tuple[int, int]
"""A tile's level and its index in that level."""

ReadTile = Callable[[int, int], bytes]
"""Gives the hashes of the tile (level, index), joined, as many as are there; of a tile that is not there, nothing."""


class TileError(MashError):
    """A tile or bundle is missing, too short, or cannot be read."""

    codes: ClassVar[dict[str, str]] = {
        "tile.missing": "A tile lacks hashes that the tree's size requires.",
        "tile.malformed": "A bundle of leaves, or a tile's path, cannot be read.",
        "tile.leaf_too_large": "A leaf is larger than a bundle can hold.",
    }


@dataclass(frozen=True, slots=True)
class TileName:
    """Which tile: level (``None`` for a bundle of leaves), index in the level, and how many hashes wide."""

    level: int | None
    index: int
    width: int = WIDTH

    def path(self) -> str:
        """Return the path below the log's prefix, as ``tile/0/x001/x234/067.p/12``."""
        digits = str(self.index)
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        place = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        part = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{'entries' if self.level is None else self.level}/{place}{part}"


def names(size: int) -> Iterator[TileName]:
    """Yield every tile and bundle that a tree of ``size`` leaves consists of, level by level, full ones first."""
    level, count = 0, size
    while count:
        full, partial = divmod(count, WIDTH)
        for kind in (None, 0) if level == 0 else (level,):
            yield from (TileName(kind, index) for index in range(full))
            if partial:
                yield TileName(kind, full, partial)
        level, count = level + 1, full


def bundle(leaves: Sequence[bytes]) -> bytes:
    """Return leaves as an entry bundle: each with its length in two bytes before it.

    Raises:
        TileError: a leaf is larger than 65,535 bytes.
    """
    for leaf in leaves:
        check_leaf(leaf)
    return b"".join(len(leaf).to_bytes(_LENGTH_BYTES, "big") + leaf for leaf in leaves)


def check_leaf(leaf: bytes) -> None:
    """Check that a bundle can hold the leaf.

    Raises:
        TileError: it is larger than 65,535 bytes.
    """
    if len(leaf) > LARGEST_LEAF:
        msg = f"a leaf of {len(leaf)} bytes is larger than {LARGEST_LEAF}"
        raise TileError(msg, code="tile.leaf_too_large", remedy="keep content out of leaves: they hold commitments")


def unbundle(content: bytes) -> list[bytes]:
    """Return the leaves of an entry bundle.

    Raises:
        TileError: it ends inside a leaf.
    """
    leaves, at = [], 0
    while at < len(content):
        start = at + _LENGTH_BYTES
        at = start + int.from_bytes(content[at:start], "big")
        leaves.append(content[start:at])
    if at != len(content):
        msg = "the bundle ends inside a leaf"
        raise TileError(msg, code="tile.malformed", remedy="fetch it again")
    return leaves


def hashes(tile: bytes) -> list[bytes]:
    """Return the hashes that a tile holds."""
    return [tile[at : at + tree.HASH_SIZE] for at in range(0, len(tile), tree.HASH_SIZE)]


def extend(size: int, leaf_hashes: Sequence[bytes], read_tile: ReadTile) -> dict[TileAt, bytes]:
    """Return the tiles that change when these leaves are added to a tree of ``size``, whole, by level and index.

    Reads only the right edge: one tile a level.

    Raises:
        TileError: a tile lacks hashes that the tree's size requires.
    """
    changed: dict[TileAt, bytes] = {}
    level, added = 0, list(leaf_hashes)
    while added:
        index, filled = divmod(size, WIDTH)
        content = (_whole(read_tile, level, index, filled) if filled else b"") + b"".join(added)
        added = []
        step = WIDTH * tree.HASH_SIZE
        for at in range(0, len(content), step):
            tile = content[at : at + step]
            changed[level, index + at // step] = tile
            if len(tile) == step:
                added.append(_root_over(tile))
        level, size = level + 1, index
    return changed


def among(kept: Mapping[TileAt, bytes]) -> ReadTile:
    """Return a way to read tiles that are at hand."""
    return lambda level, index: kept.get((level, index), b"")


def hash_reader(read_tile: ReadTile) -> tree.HashOf:
    """Return a way to get the hash of any range of the tree from its tiles, each of which is read once.

    Raises, when called:
        TileError: a tile lacks hashes that the range requires.
    """
    read: dict[TileAt, bytes] = {}

    def perfect(low: int, high: int) -> bytes:
        level, rest = divmod((high - low).bit_length() - 1, HEIGHT)
        index, at = divmod(low >> (level * HEIGHT), WIDTH)
        until = at + (1 << rest)
        if (level, index) not in read:
            read[level, index] = read_tile(level, index)
        tile = _enough(read[level, index], level, index, until)
        return _root_over(tile[at * tree.HASH_SIZE : until * tree.HASH_SIZE])

    def hash_of(low: int, high: int) -> bytes:
        return tree.fold([perfect(*each) for each in tree.perfect_ranges(low, high)])

    return hash_of


@lru_cache(maxsize=512)
def _root_over(part: bytes) -> bytes:
    """Return the hash over part of a tile, a power of two of hashes.

    Kept by content, in parts of ever half the width: the right edge and the upper tiles recur in every proof and every
    group added, and a tile that filled up differs from what it was in its last parts only.
    """
    if len(part) <= _SMALLEST_KEPT:
        return tree.root_of(hashes(part))
    half = len(part) // 2
    return tree.node_hash(_root_over(part[:half]), _root_over(part[half:]))


def _whole(read_tile: ReadTile, level: int, index: int, width: int) -> bytes:
    return _enough(read_tile(level, index), level, index, width)[: width * tree.HASH_SIZE]


def _enough(tile: bytes, level: int, index: int, width: int) -> bytes:
    if len(tile) < width * tree.HASH_SIZE:
        msg = f"tile {index} of level {level} has {len(tile) // tree.HASH_SIZE} hashes and needs {width}"
        raise TileError(msg, code="tile.missing", remedy="verify the ledger; rebuild its tiles from the leaves")
    return tile
