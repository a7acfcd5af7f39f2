"""What the ledger costs: adding, proving, verifying, each beside a plain reference of the same run."""

import json
import sqlite3
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path
from random import Random
from time import perf_counter

from broker.core import tiles, tree
from broker.core.checkpoint import read_checkpoint
from broker.core.opened import OpenedRecord
from broker.core.tlog_proof import TlogProof, verify_proof
from broker.drivers.memory.ledger_store import MemoryLedger
from broker.drivers.sql.ledger_store import SqlLedger
from broker.ports.journal import PendingRecord
from broker.services.prove import prove
from broker.services.sequence import LEASE_SECONDS, Sequenced, grow, sequence
from broker.services.verify_ledger import verify
from contracts.words import RecordId
from tests.bench.figure import Figure, figure
from tests.support.ledger import MORNING, ORIGIN, SetClock, WaitingRecords, a_pending, a_signer, openings

SIGNER = a_signer()
_STEP = 10_000
_PROVING = ("prove", "plain", "include", "plain include", "verify", "plain verify")
_PRAGMAS = ("journal_mode", "synchronous", "wal_autocheckpoint", "page_size")


class _Raw:
    """The same bytes, hashed and inserted, with the same pragmas and in the same groups, and nothing else."""

    def __init__(self, place: Path, like: SqlLedger) -> None:
        self.connection = sqlite3.connect(place, isolation_level=None)
        with like._store.cursor(writes=False) as cursor:
            pragmas = {name: cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in _PRAGMAS}
        for name, value in pragmas.items():
            self.connection.execute(f"PRAGMA {name} = {value}")
        self.connection.execute(
            "CREATE TABLE leaves "
            "(i INTEGER PRIMARY KEY, leaf BLOB NOT NULL, leaf_hash BLOB NOT NULL, record_id TEXT NOT NULL)"
        )
        self.size = 0

    def append(self, group: Sequence[PendingRecord]) -> None:
        self.connection.execute("BEGIN IMMEDIATE")
        rows = [
            (index, each.leaf, sha256(each.leaf).digest(), each.record_id)
            for index, each in enumerate(group, start=self.size)
        ]
        self.connection.executemany("INSERT INTO leaves VALUES (?, ?, ?, ?)", rows)
        self.connection.execute("COMMIT")
        self.size += len(group)


def _timed(action: Callable[[], object]) -> float:
    began = perf_counter()
    action()
    return perf_counter() - began


def appending(folder: Path, *, group: int, groups: int = 300) -> list[Figure]:
    """Records a second, by the median group: adding to the ledger, the whole turn around it, and the reference.

    The three take turns in an order drawn anew for each group, because who comes after whom changes what the disk does.
    """
    adding, turning = SqlLedger.in_file(folder / f"adding{group}.db"), SqlLedger.in_file(folder / f"turning{group}.db")
    raw = _Raw(folder / f"raw{group}.db", adding)
    waiting, clock, chance = WaitingRecords(), SetClock(), Random(group)
    lease = adding.take_lease("bench", now=clock.now(), seconds=LEASE_SECONDS)
    turn: Sequenced | None = None
    took: dict[str, list[float]] = {"adding": [], "turning": [], "raw": []}
    for start in range(0, groups * group, group):
        waiting.add(range(start, start + group))
        pending = waiting.pending_records(group)

        def add(pending: Sequence[PendingRecord] = pending) -> None:
            adding.append(grow(adding.head(), pending, SIGNER, now=clock.now(), is_ours=True), lease)

        def take_turn() -> None:
            nonlocal turn
            turn = sequence(waiting, turning, SIGNER, clock, limit=group, after=turn)

        actions: dict[str, Callable[[], object]] = {
            "adding": add,
            "turning": take_turn,
            "raw": partial(raw.append, pending),
        }
        for name in chance.sample(sorted(actions), len(actions)):
            took[name].append(_timed(actions[name]))
        clock.pass_seconds(1)
    adding.close()
    turning.close()
    speed = {name: group / statistics.median(each) for name, each in took.items()}
    return [
        figure(f"ledger append, groups of {group}", speed["adding"], speed["raw"], "records/s"),
        figure(f"sequencing turn, groups of {group}", speed["turning"], speed["raw"], "records/s"),
    ]


def _large(place: Path, size: int) -> SqlLedger:
    """A ledger of that many leaves, as large as real ones but cheap to make."""
    ledger, chance = SqlLedger.in_file(place), Random(size)
    lease = ledger.take_lease("bench", now=MORNING, seconds=LEASE_SECONDS)
    for start in range(0, size, _STEP):
        group = [
            PendingRecord(RecordId(f"{number:032x}"), b'{"at":"2026-03-06T09:14Z"%b' % chance.randbytes(120), b"")
            for number in range(start, min(start + _STEP, size))
        ]
        ledger.append(grow(ledger.head(), group, SIGNER, now=MORNING, is_ours=True), lease)
    return ledger


def proving(folder: Path, *, size: int, proofs: int = 400) -> list[Figure]:
    """Milliseconds for an inclusion proof of a leaf drawn at random, and for verifying it.

    Reference for proving: reading the leaf's two lower tiles and hashing each up to its top, and nothing else. For
    verifying: as many hashes; and with the checkpoint, one verification of a signature more.
    """
    ledger, chance = _large(folder / f"large{size}.db", size), Random(1)
    verifier = SIGNER.verifier
    took: dict[str, list[float]] = {name: [] for name in _PROVING}
    for index in chance.sample(range(size), proofs):
        began = perf_counter()
        proof = prove(ledger, index)
        took["prove"].append(perf_counter() - began)
        leaf = ledger.leaves(index, index + 1)[0].leaf
        took["include"].append(_timed(partial(_include, proof, leaf)))
        took["verify"].append(_timed(partial(verify_proof, proof, leaf, [verifier], origin=ORIGIN)))
        took["plain"].append(_timed(partial(_plain_proof, ledger, index)))
        took["plain include"].append(_timed(partial(_plain_hashes, proof.hashes)))
        took["plain verify"].append(_timed(partial(_plain_check, proof.hashes, proof.checkpoint)))
    ledger.close()
    middle = {name: statistics.median(each) * 1000 for name, each in took.items()}
    return [
        figure(f"inclusion proof at {size:,} leaves", middle["prove"], middle["plain"], "ms"),
        figure(f"inclusion verified at {size:,} leaves", middle["include"], middle["plain include"], "ms"),
        figure(f"proof and its checkpoint verified at {size:,}", middle["verify"], middle["plain verify"], "ms"),
    ]


def _plain_proof(ledger: SqlLedger, index: int) -> None:
    for level in (0, 1):
        tree.root_of(tiles.hashes(ledger.tile(level, index >> (8 * (level + 1)))))


def _include(proof: TlogProof, leaf: bytes) -> None:
    checkpoint = read_checkpoint(proof.checkpoint)
    tree.verify_inclusion(
        index=proof.index, size=checkpoint.size, leaf=tree.leaf_hash(leaf), proof=proof.hashes, root=checkpoint.root
    )


def _plain_hashes(hashes: Sequence[bytes]) -> None:
    for each in hashes:
        sha256(each + each).digest()


def _plain_check(hashes: Sequence[bytes], note: str) -> None:
    _plain_hashes(hashes)
    text, _, _ = note.partition("\n\n")
    SIGNER.verifier.is_valid(text.encode(), bytes(64))


def verifying(*, size: int = 20_000) -> list[Figure]:
    """Leaves a second: the whole tree recomputed and compared, and with every record opened.

    Reference: hashing the same leaves and one node for each.
    """
    journal, ledger, clock, after = WaitingRecords(size), MemoryLedger(), SetClock(), None
    while journal.waiting:
        after = sequence(journal, ledger, SIGNER, clock, after=after)
        clock.pass_seconds(1)
    numbers = {each.record_id: number for number, each in enumerate(map(a_pending, range(size)))}
    opened = [
        OpenedRecord(leaf.index, leaf.record_id, *openings(numbers[leaf.record_id])) for leaf in ledger.leaves(0, size)
    ]
    leaves = [leaf.leaf for leaf in ledger.leaves(0, size)]
    plain = _timed(lambda: tree.root_of(tree.leaf_hashes(leaves)))
    hashed = _timed(lambda: verify(ledger, [SIGNER.verifier], origin=ORIGIN))
    whole = _timed(lambda: verify(ledger, [SIGNER.verifier], origin=ORIGIN, opened=opened))
    return [
        figure("ledger verify, hashes", size / hashed, size / plain, "leaves/s"),
        figure("ledger verify, every record opened", size / whole, size / plain, "leaves/s"),
    ]


def figures(*, sizes: Sequence[int] = (100_000, 1_000_000)) -> list[Figure]:
    """All of it, some tens of seconds; in a folder on the disk that temporary files are on."""
    with tempfile.TemporaryDirectory(prefix="mash-bench-") as name:
        folder = Path(name)
        found = [line for group in (100, 500) for line in appending(folder, group=group)]
        for size in sizes:
            found += proving(folder, size=size)
        return found + verifying()


if __name__ == "__main__":
    json.dump(figures(), sys.stdout, indent=2)
