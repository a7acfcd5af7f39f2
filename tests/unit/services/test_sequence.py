"""Each record becomes a leaf exactly once, under checkpoints of which each is a prefix of the next."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.core import tiles, tree
from broker.core.checkpoint import check_prefix, open_checkpoint
from broker.drivers.memory.ledger_store import MemoryLedger
from broker.ports.ledger import Growth, Lease, LedgerError, SealedCheckpoint
from broker.services.sequence import ForkRefusedError, Sequenced, grow, sequence
from tests.support.ledger import MORNING, ORIGIN, SetClock, WaitingRecords, a_pending, a_record_id, a_signer

SIGNER = a_signer()


class KilledError(Exception):
    """Stands for the end of the process."""


class KillableLedger(MemoryLedger):
    """Dies before or after it made a group durable, when told to."""

    def __init__(self) -> None:
        super().__init__()
        self.dies = ""
        self.published: list[SealedCheckpoint] = []

    def append(self, growth: Growth, lease: Lease) -> None:
        if self.dies == "before append":
            raise KilledError
        super().append(growth, lease)
        self.published.append(growth.sealed)
        if self.dies == "after append":
            raise KilledError


def leaf_records(ledger: MemoryLedger) -> list[str]:
    return [leaf.record_id for leaf in ledger.leaves(0, ledger.head().size)]


def test_pending_records_become_leaves_under_a_signed_checkpoint_and_are_marked() -> None:
    journal, ledger = WaitingRecords(300), MemoryLedger()
    done = sequence(journal, ledger, SIGNER, SetClock())
    assert (done.added, done.already) == (300, 0)
    assert journal.waiting == {}
    assert journal.placed == {record: index for index, record in enumerate(leaf_records(ledger))}
    assert done.latest == ledger.head().latest
    assert done.latest is not None
    checkpoint = open_checkpoint(done.latest.note, [SIGNER.verifier], origin=ORIGIN)
    assert checkpoint.size == 300
    assert checkpoint.root == tree.root_of([tree.leaf_hash(leaf.leaf) for leaf in ledger.leaves(0, 300)])


def test_a_group_stands_in_the_order_of_its_order_keys_not_of_arrival() -> None:
    journal, ledger = WaitingRecords(50), MemoryLedger()
    sequence(journal, ledger, SIGNER, SetClock())
    keys = [a_pending(number).order_key for number in range(50)]
    assert [a_record_id(at) for at in sorted(range(50), key=lambda number: keys[number])] == leaf_records(ledger)


def test_nothing_pending_adds_nothing_and_takes_no_lease() -> None:
    ledger = MemoryLedger()
    assert sequence(WaitingRecords(), ledger, SIGNER, SetClock()) == Sequenced(0, 0, None)
    assert ledger.take_lease("somebody", now=MORNING, seconds=1).fencing == 1


def test_a_turn_takes_no_more_than_its_limit() -> None:
    journal, ledger, clock = WaitingRecords(25), MemoryLedger(), SetClock()
    after, added = None, []
    for _ in range(4):
        after = sequence(journal, ledger, SIGNER, clock, limit=10, after=after)
        added.append(after.added)
    assert added == [10, 10, 5, 0]
    assert sorted(leaf_records(ledger)) == sorted(a_record_id(number) for number in range(25))


kills = st.sampled_from(["", "", "before append", "after append", "before mark"])


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 40), kills, st.integers(1, 60), st.booleans()), min_size=1, max_size=25))
def test_whatever_is_killed_where_each_record_is_a_leaf_once_and_every_checkpoint_a_prefix(
    turns: list[tuple[int, str, int, bool]],
) -> None:
    journal, ledger, clock = WaitingRecords(), KillableLedger(), SetClock()
    count, after = 0, None
    for more, kill, limit, goes_on in [*turns, (0, "", 10_000, False), (0, "", 10_000, False)]:
        journal.add(range(count, count + more))
        count += more
        ledger.dies, journal.marks_fail = kill, kill == "before mark"
        try:
            after = sequence(journal, ledger, SIGNER, clock, limit=limit, after=after if goes_on else None)
        except (KilledError, ConnectionAbortedError):
            after = None
        clock.pass_seconds(7)
    assert journal.waiting == {}
    assert sorted(leaf_records(ledger)) == sorted(a_record_id(number) for number in range(count))
    assert journal.placed == {record: index for index, record in enumerate(leaf_records(ledger))}
    hash_of = tiles.hash_reader(ledger.tile)
    for sealed in ledger.published:
        check_prefix(sealed.read(), size=ledger.head().size, hash_of=hash_of)


def test_a_sequencer_that_was_overtaken_adds_nothing_and_the_other_does_not_repeat() -> None:
    journal, ledger, clock = WaitingRecords(10), MemoryLedger(), SetClock()
    slow = sequence(journal, ledger, SIGNER, clock, limit=5)
    fast = sequence(journal, ledger, SIGNER, clock, limit=3)
    assert fast.added == 3
    with pytest.raises(LedgerError) as refused:
        sequence(journal, ledger, SIGNER, clock, after=slow)
    assert refused.value.code == "ledger.lease_lost"
    assert sequence(journal, ledger, SIGNER, clock, after=fast).added == 2
    assert len(set(leaf_records(ledger))) == ledger.head().size == 10


def test_a_quiet_ledger_keeps_its_latest_checkpoint_in_the_next_minute_once() -> None:
    journal, ledger, clock = WaitingRecords(1), MemoryLedger(), SetClock()
    sequence(journal, ledger, SIGNER, clock)
    journal.add([1])
    clock.pass_seconds(20)
    sequence(journal, ledger, SIGNER, clock)
    assert [each.size for each in ledger.kept()] == [1]
    for _ in range(3):
        clock.pass_seconds(30)
        sequence(journal, ledger, SIGNER, clock)
    assert [each.size for each in ledger.kept()] == [1, 2]


def test_a_tile_changed_since_the_last_checkpoint_stops_the_sequencer_before_it_signs() -> None:
    journal, ledger, clock = WaitingRecords(300), MemoryLedger(), SetClock()
    after = sequence(journal, ledger, SIGNER, clock)
    edge = ledger.tile(0, 1)
    ledger._tiles[0, 1] = bytes(32) + edge[32:]
    journal.add([300])
    for known in (None, after):
        with pytest.raises(ForkRefusedError) as refused:
            sequence(journal, ledger, SIGNER, clock, after=known)
        assert refused.value.code == "ledger.fork_refused"
        assert refused.value.detail == {"cause": "ledger.fork", "size": 300}
    assert ledger.head().size == 300
    assert list(journal.waiting) == [a_record_id(300)]


def test_a_ledger_that_lost_its_tail_or_was_signed_by_another_key_is_not_added_to() -> None:
    journal, ledger = WaitingRecords(9), MemoryLedger()
    sequence(journal, ledger, SIGNER, SetClock())
    head, group = ledger.head(), [a_pending(99)]
    assert head.latest is not None
    forged = sequence(WaitingRecords(9), other := MemoryLedger(), a_signer(ORIGIN, "another key"), SetClock())
    assert other.head().size == 9
    for broken in (
        replace(head, size=8),
        replace(head, size=10),
        replace(head, edge={}),
        replace(head, latest=None),
        replace(head, latest=forged.latest),
        replace(head, latest=replace(head.latest, note="")),
    ):
        with pytest.raises(ForkRefusedError):
            grow(broken, group, SIGNER, now=MORNING)
    assert grow(head, group, SIGNER, now=MORNING).before == 9
