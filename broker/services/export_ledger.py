"""Export the published ledger as static files (C2SP tlog-tiles): a checkpoint, tiles, and bundles of leaves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from broker.core import tiles, tree
from broker.core.checkpoint import Checkpoint, check_prefix, open_checkpoint
from broker.core.errors import MashError
from broker.core.note import NoteVerifier
from broker.core.tiles import TileName
from broker.ports.ledger import Ledger
from broker.ports.publication import Publication

CHECKPOINT = "checkpoint"

Tell = Callable[[int, int], None]
"""Told after each bundle how many leaves were looked at, and of how many."""


class ExportError(MashError):
    """The export was left as it was."""

    codes: ClassVar[dict[str, str]] = {
        "ledger.export_nothing": "Nothing has been sealed yet, so there is nothing to export.",
        "ledger.export_unsound": "The stored ledger is not what its checkpoint seals; it was not exported.",
        "ledger.export_other": "The folder holds another log, or a past that this ledger does not have.",
    }


@dataclass(frozen=True, slots=True)
class Exported:
    """What stands in the export now, and how many files were put there this time."""

    log: str
    size: int
    before: int
    files: int


def export_ledger(
    ledger: Ledger,
    into: Publication,
    verifiers: Sequence[NoteVerifier],
    *,
    origin: str,
    tell: Tell = lambda _done, _total: None,
) -> Exported:
    """Put there what the latest signed checkpoint seals, and nothing else.

    Everybody may read it: leaves are commitments, and nothing that names a record goes with them. What holds: (1) what
    is there already is this log's, and a prefix of it; (2) every bundle hashes to its tile, and the tiles lead to the
    checkpoint; (3) the checkpoint comes last, so whoever reads at any moment finds all that it seals. An export that
    was interrupted goes on; one that is up to date changes nothing. Partial tiles go once the full one is there.

    Raises:
        ExportError: nothing is sealed, the ledger is not what its checkpoint seals, or another log's export is there.
        NoteError, CheckpointError: the ledger's latest checkpoint is not the log's.
    """
    latest = ledger.head().latest
    if latest is None:
        msg = "nothing has been sealed yet; nothing was exported"
        raise ExportError(msg, code="ledger.export_nothing", remedy="send something in first: mash ingest")
    checkpoint = open_checkpoint(latest.note, verifiers, origin=origin)
    before = _before(ledger, into, verifiers, checkpoint)  # (1)
    hash_of = tiles.hash_reader(ledger.tile)
    _check_root(checkpoint, hash_of)  # (2)
    files = 0
    for name in tiles.names(checkpoint.size):
        files += _publish(name, ledger, into, before)
        if name.level is None:
            tell(min((name.index + 1) * tiles.WIDTH, checkpoint.size), checkpoint.size)
    if into.find(CHECKPOINT) != latest.note.encode():
        into.publish(CHECKPOINT, latest.note.encode())  # (3)
        files += 1
    for name in _outdated(before, checkpoint.size):
        into.withdraw(f"{name.path()}.p")
    return Exported(checkpoint.origin, checkpoint.size, before, files)


def _before(ledger: Ledger, into: Publication, verifiers: Sequence[NoteVerifier], now: Checkpoint) -> int:
    """How many leaves an earlier export holds, of which this ledger is the continuation."""
    found = into.find(CHECKPOINT)
    if found is None:
        return 0
    try:
        earlier = open_checkpoint(found, verifiers, origin=now.origin)
        check_prefix(earlier, size=now.size, hash_of=tiles.hash_reader(ledger.tile))
    except MashError as error:
        msg = f"the folder holds what is no beginning of {now.origin}; nothing was exported"
        remedy = "export into another folder, and run `mash ledger verify --against` the checkpoint that is there"
        raise ExportError(msg, code="ledger.export_other", remedy=remedy, detail={"cause": error.code}) from error
    return earlier.size


def _check_root(checkpoint: Checkpoint, hash_of: tree.HashOf) -> None:
    try:
        root = tree.fold([hash_of(low, high) for low, high in tree.perfect_ranges(0, checkpoint.size)])
    except MashError as error:
        raise _unsound(why="a tile lacks hashes") from error
    if root != checkpoint.root:
        raise _unsound(why="its tiles do not lead to its checkpoint")


def _publish(name: TileName, ledger: Ledger, into: Publication, before: int) -> int:
    """Put one tile or bundle there unless it is; how many files that were."""
    reaches = (name.index * tiles.WIDTH + name.width) * tiles.WIDTH ** (name.level or 0)
    if reaches <= before and into.is_there(name.path()):
        return 0
    content = _bundle(name, ledger) if name.level is None else _hashes(name.level, name, ledger)
    if into.find(name.path()) == content:
        return 0
    into.publish(name.path(), content)
    return 1


def _hashes(level: int, name: TileName, ledger: Ledger) -> bytes:
    """The hashes of one tile, which are those over the tiles below it."""
    content = ledger.tile(level, name.index)[: name.width * tree.HASH_SIZE]
    if level:
        below = [ledger.tile(level - 1, name.index * tiles.WIDTH + at) for at in range(name.width)]
        if [tree.root_of(tiles.hashes(tile)) for tile in below] != tiles.hashes(content):
            raise _unsound(why=f"tile {name.path()} is not what lies below it")
    return content


def _bundle(name: TileName, ledger: Ledger) -> bytes:
    """The leaves of one bundle, which are what the tile over them says."""
    first = name.index * tiles.WIDTH
    rows = ledger.leaves(first, first + name.width)
    leaves = [row.leaf for row in rows]
    stored = tiles.hashes(ledger.tile(0, name.index))[: name.width]
    if [row.index for row in rows] != list(range(first, first + name.width)) or tree.leaf_hashes(leaves) != stored:
        raise _unsound(why=f"log entries {first} to {first + name.width - 1} are not what their tile says")
    return tiles.bundle(leaves)


def _outdated(before: int, size: int) -> list[TileName]:
    """Full tiles and bundles that were partial in the earlier export."""
    partial = [name for name in tiles.names(before) if name.width < tiles.WIDTH]
    spans = [(name, tiles.WIDTH ** ((name.level or 0) + 1)) for name in partial]
    return [TileName(name.level, name.index) for name, span in spans if (name.index + 1) * span <= size]


def _unsound(*, why: str) -> ExportError:
    msg = f"the stored ledger is not what its checkpoint seals: {why}; the checkpoint was not exported"
    return ExportError(msg, code="ledger.export_unsound", remedy="run `mash ledger verify`")
