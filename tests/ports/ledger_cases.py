"""What every driver of the Ledger port promises."""

from datetime import timedelta

import pytest

from broker.core import tiles, tree
from broker.ports.ledger import Growth, Ledger, LedgerError
from broker.services.sequence import grow
from tests.support.ledger import MORNING, a_pending, a_record_id, a_signer

SIGNER = a_signer()


def a_growth(ledger: Ledger, numbers: range, *, seconds: int = 0) -> Growth:
    group = [a_pending(number) for number in numbers]
    return grow(ledger.head(), group, SIGNER, now=MORNING + timedelta(seconds=seconds))


class LedgerCases:
    """Subclassed once for each driver, with a ``ledger`` fixture."""

    def test_a_new_ledger_is_empty(self, ledger: Ledger) -> None:
        assert ledger.head().size == 0
        assert ledger.head().latest is None
        assert ledger.tile(0, 0) == b""
        assert list(ledger.leaves(0, 10)) == []
        assert list(ledger.kept()) == []
        assert ledger.last_kept() is None

    def test_a_group_is_added_with_its_tiles_and_its_checkpoint(self, ledger: Ledger) -> None:
        lease = ledger.take_lease("one", now=MORNING, seconds=30)
        growth = a_growth(ledger, range(300))
        ledger.append(growth, lease)
        head = ledger.head()
        assert (head.size, head.latest, head.is_kept, head.kept_at) == (300, growth.sealed, True, MORNING)
        assert [leaf.index for leaf in ledger.leaves(0, 1000)] == list(range(300))
        placed = ledger.leaves(298, 299)[0]
        assert (placed.index, placed.leaf, placed.record_id) == growth.leaves[298]
        assert tiles.hashes(ledger.tile(0, 1)) == [tree.leaf_hash(leaf.leaf) for leaf in ledger.leaves(256, 300)]
        assert len(tiles.hashes(ledger.tile(1, 0))) == 1

    def test_the_records_of_the_last_group_are_named(self, ledger: Ledger) -> None:
        lease = ledger.take_lease("one", now=MORNING, seconds=30)
        assert ledger.unsettled() == {}
        for group in (range(300), range(300, 305)):
            growth = a_growth(ledger, group)
            ledger.append(growth, lease)
            placed = {record_id: index for index, _, record_id in growth.leaves}
            assert ledger.unsettled() == placed
            assert set(placed) == {a_record_id(number) for number in group}

    def test_a_group_worked_out_for_another_size_is_refused(self, ledger: Ledger) -> None:
        lease = ledger.take_lease("one", now=MORNING, seconds=30)
        late = a_growth(ledger, range(5, 8))
        ledger.append(a_growth(ledger, range(5)), lease)
        with pytest.raises(LedgerError) as refused:
            ledger.append(late, lease)
        assert refused.value.code == "ledger.moved"
        assert ledger.head().size == 5

    def test_a_second_sequencer_waits_until_the_lease_runs_out(self, ledger: Ledger) -> None:
        ledger.take_lease("one", now=MORNING, seconds=30)
        with pytest.raises(LedgerError) as refused:
            ledger.take_lease("two", now=MORNING + timedelta(seconds=29), seconds=30)
        assert refused.value.code == "ledger.lease_held"
        assert ledger.take_lease("two", now=MORNING + timedelta(seconds=30), seconds=30).fencing == 2

    def test_each_group_added_extends_the_lease(self, ledger: Ledger) -> None:
        lease = ledger.take_lease("one", now=MORNING, seconds=30)
        ledger.append(a_growth(ledger, range(2), seconds=20), lease)
        with pytest.raises(LedgerError):
            ledger.take_lease("two", now=MORNING + timedelta(seconds=49), seconds=30)
        ledger.take_lease("two", now=MORNING + timedelta(seconds=50), seconds=30)

    def test_a_stale_fencing_number_adds_and_keeps_nothing(self, ledger: Ledger) -> None:
        stale = ledger.take_lease("one", now=MORNING, seconds=30)
        ledger.append(a_growth(ledger, range(2)), stale)
        ledger.append(a_growth(ledger, range(2, 3)), stale)
        ledger.take_lease("one", now=MORNING, seconds=30)
        with pytest.raises(LedgerError) as not_added:
            ledger.append(a_growth(ledger, range(3, 4)), stale)
        with pytest.raises(LedgerError) as not_kept:
            ledger.keep_latest(now=MORNING, lease=stale)
        assert not_added.value.code == not_kept.value.code == "ledger.lease_lost"
        assert ledger.head().size == 3
        assert list(ledger.kept()) == [ledger.last_kept()]

    def test_at_most_one_checkpoint_a_minute_is_kept_unless_asked_for(self, ledger: Ledger) -> None:
        lease = ledger.take_lease("one", now=MORNING, seconds=30)
        for number, seconds in enumerate((0, 20, 59, 60, 61, 200)):
            ledger.append(a_growth(ledger, range(number, number + 1), seconds=seconds), lease)
        assert [each.size for each in ledger.kept()] == [1, 4, 6]
        ledger.append(a_growth(ledger, range(6, 7), seconds=201), lease)
        assert not ledger.head().is_kept
        for _ in range(2):
            ledger.keep_latest(now=MORNING + timedelta(seconds=202), lease=lease)
        assert [each.size for each in ledger.kept()] == [1, 4, 6, 7]
        assert ledger.last_kept() == ledger.kept()[-1]
        assert [each.size for each in ledger.kept(above=4, limit=1)] == [6]
        assert ledger.kept()[-1] == ledger.head().latest

    def test_keeping_the_latest_of_nothing_keeps_nothing(self, ledger: Ledger) -> None:
        lease = ledger.take_lease("one", now=MORNING, seconds=30)
        ledger.keep_latest(now=MORNING, lease=lease)
        assert list(ledger.kept()) == []
