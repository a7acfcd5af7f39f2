"""Whoever holds every key of the exchange rewrites its past: only a checkpoint kept elsewhere betrays it."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from broker.core.commitments import Opening, make_leaf
from broker.core.findings import Bad, Verification
from broker.core.note import encode
from broker.core.outcome import Record, RecordKind
from broker.core.records import about_record, read_openings
from broker.core.sealing import Sealer, unseal
from broker.drivers.sql.ledger_store import SqlLedger
from broker.ports.journal import PendingRecord
from broker.runtimes.embedded import Embedded
from broker.runtimes.settings import Settings
from broker.services.sequence import sequence
from contracts.canonical import canonical
from contracts.words import RecordId
from tests.support import homes
from tests.support.ledger import SetClock, WaitingRecords

GROUP = 7
CUT = 11


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    """A copy of the home to which the weekend has come."""
    return homes.a_played_home(tmp_path)


class InOrder(WaitingRecords):
    """Leaves waiting to be placed as they stood before, whatever their order keys were."""

    def __init__(self, leaves: Sequence[tuple[RecordId, bytes]]) -> None:
        super().__init__()
        self.waiting = {
            record_id: PendingRecord(record_id, leaf, at.to_bytes(8, "big"))
            for at, (record_id, leaf) in enumerate(leaves)
        }


def sealed_again(runtime: Embedded, settings: Settings, leaves: Sequence[tuple[RecordId, bytes]]) -> None:
    """Put a ledger of these leaves in the place of the home's own, sealed group by group with its true key."""
    signer = runtime.hub.signer
    runtime.hub.ledger.close()
    for part in (settings.home / "hub").glob("ledger.db*"):
        part.unlink()
    journal, clock, after = InOrder(leaves), SetClock(), None
    with closing(SqlLedger.in_file(settings.home / "hub" / "ledger.db")) as ledger:
        while journal.waiting:
            after = sequence(journal, ledger, signer, clock, limit=GROUP, after=after)
            clock.pass_seconds(60)


def leaves_of(runtime: Embedded) -> list[tuple[RecordId, bytes]]:
    return [(each.record_id, each.leaf) for each in runtime.hub.ledger.leaves(0, 10_000)]


def verified(settings: Settings, against: str | None = None) -> Verification:
    with homes.opened(settings) as runtime:
        return runtime.verify_ledger(against=against, tell=lambda _done, _total: None)


def another_past(runtime: Embedded) -> tuple[Record, bytes, bytes]:
    """A decision, and the leaf and the sealed record of one that says something else was decided then."""
    record = next(
        each for each, at in runtime.hub.journal.records() if each.kind is RecordKind.DECISION and at is not None
    )
    assert record.child is not None
    key, about = runtime.hub.keys.child_key(record.child), about_record(record.record_id)
    shown, kept = read_openings(unseal(key, record.sealed, about=about))
    said = Opening(kept.salt, {**kept.content, "bars": ["never.said"], "approvals": []})
    content = {
        name: {"salt": encode(each.salt), "content": dict(each.content)}
        for name, each in (("disclosed", shown), ("internal", said))
    }
    sealed = Sealer(key, runtime.hub.ids.random).seal(canonical(content), about=about)
    return record, make_leaf(shown, said, at=record.at), sealed


def test_a_past_rewritten_and_sealed_again_with_the_true_key_is_seen_against_a_checkpoint_kept_elsewhere(
    home: Settings,
) -> None:
    with homes.opened(home) as runtime:
        elsewhere = runtime.checkpoint()
        record, leaf, sealed = another_past(runtime)
        leaves = [(each, leaf if each == record.record_id else old) for each, old in leaves_of(runtime)]
        sealed_again(runtime, home, leaves)
    with closing(sqlite3.connect(home.home / "hub" / "journal.db")) as journal, journal:
        journal.execute("UPDATE records SET leaf = ?, sealed = ? WHERE record_id = ?", (leaf, sealed, record.record_id))

    alone = verified(home)
    assert alone.is_sound
    assert alone.opened == len(leaves)
    assert any("sealed again with the ledger's own key" in line for line in alone.lines)
    with homes.opened(home) as runtime:
        assert runtime.reconcile().agrees

    found = verified(home, elsewhere)
    assert found.finding is not None
    assert found.finding.bad is Bad.REWRITTEN
    assert "not those that the checkpoint kept elsewhere sealed" in found.lines[0]
    assert not any("--against" in line for line in found.lines)


def test_a_tail_cut_off_and_sealed_again_with_the_true_key_is_seen_against_a_checkpoint_kept_elsewhere(
    home: Settings,
) -> None:
    with homes.opened(home) as runtime:
        elsewhere = runtime.checkpoint()
        leaves = leaves_of(runtime)[:-CUT]
        sealed_again(runtime, home, leaves)
    with closing(sqlite3.connect(home.home / "hub" / "journal.db")) as journal, journal:
        journal.execute("DELETE FROM records WHERE leaf_index >= ?", (len(leaves),))

    alone = verified(home)
    assert alone.is_sound
    assert any("nothing was cut off at the end" in line for line in alone.lines)

    found = verified(home, elsewhere)
    assert found.finding is not None
    assert (found.finding.bad, found.finding.at) == (Bad.CUT_OFF, len(leaves))
    assert f"sealed {len(leaves) + CUT} log entries, the ledger has {len(leaves)}" in found.lines[0]
