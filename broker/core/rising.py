"""The tree built from left to right, a tile at a time, so that a ledger can be read once and in little memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from broker.core import tiles, tree


@dataclass(slots=True)
class RisingTree:
    """The hashes of full tiles so far: of level 1 and up, each level's last and partial tile."""

    levels: list[list[bytes]] = field(default_factory=list)
    count: int = 0

    def add_tile(self, tile_root: bytes) -> Iterator[tuple[int, int, list[bytes]]]:
        """Add the hash over one full tile of leaves, and yield each tile above that this fills: level, index, hashes.

        The iterator must be run to its end.
        """
        self.count += 1
        added: bytes | None = tile_root
        level, index = 1, self.count - 1
        while added is not None:
            if len(self.levels) < level:
                self.levels.append([])
            hashes = self.levels[level - 1]
            hashes.append(added)
            added = None
            if len(hashes) == tiles.WIDTH:
                index //= tiles.WIDTH
                yield level, index, hashes
                added = tree.root_of(hashes)
                self.levels[level - 1] = []
                level += 1

    def edge(self) -> Iterator[tuple[int, int, list[bytes]]]:
        """Yield the partial tiles above the leaves: level, index, hashes."""
        below = self.count
        for level, hashes in enumerate(self.levels, start=1):
            below //= tiles.WIDTH
            if hashes:
                yield level, below, hashes

    def root(self, partial: Sequence[bytes] = ()) -> bytes:
        """Return the root over all full tiles and the leaf hashes of the last, partial one.

        A tree over tiles is the tree over their hashes, because it divides at powers of two, whole tiles on the left.
        """
        result = [tree.root_of(partial)] if partial else []
        for hashes in self.levels:
            row = [*hashes, *result]
            result = [tree.root_of(row)] if row else []
        return result[0] if result else tree.EMPTY_ROOT
