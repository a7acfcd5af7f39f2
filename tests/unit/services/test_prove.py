"""A log entry is proved under the latest or a kept checkpoint, and never wrongly."""

import pytest

from broker.core.tlog_proof import parse_proof, verify_proof
from broker.drivers.memory.ledger_store import MemoryLedger
from broker.services.prove import NotSealedError, prove
from broker.services.sequence import sequence
from tests.support.ledger import ORIGIN, SetClock, WaitingRecords, a_signer

KEYS = [a_signer().verifier]


def a_ledger(*groups: int) -> MemoryLedger:
    ledger, journal, clock, count, after = MemoryLedger(), WaitingRecords(), SetClock(), 0, None
    for group in groups:
        journal.add(range(count, count + group))
        count += group
        after = sequence(journal, ledger, a_signer(), clock, limit=group, after=after)
        clock.pass_seconds(20)
    return ledger


def test_every_log_entry_has_a_proof_that_verifies_from_its_text() -> None:
    ledger = a_ledger(300, 1, 77)
    for leaf in ledger.leaves(0, 378):
        proof = parse_proof(prove(ledger, leaf.index).text())
        assert verify_proof(proof, leaf.leaf, KEYS, origin=ORIGIN).size == 378


def test_a_kept_proof_stays_the_same_while_the_ledger_grows() -> None:
    early, late = a_ledger(10, 5, 5, 5), a_ledger(10, 5, 5, 5, 5, 400)
    assert prove(early, 3, is_kept=True) == prove(late, 3, is_kept=True)
    assert [each.size for each in late.kept()] == [10, 25]
    assert verify_proof(prove(late, 12, is_kept=True), late.leaves(12, 13)[0].leaf, KEYS, origin=ORIGIN).size == 25


@pytest.mark.parametrize("index", [-1, 15, 10**9])
def test_a_log_entry_that_is_not_there_is_not_proved(index: int) -> None:
    with pytest.raises(NotSealedError) as refused:
        prove(a_ledger(15), index)
    assert refused.value.code == "ledger.not_sealed"


def test_a_log_entry_waits_for_a_kept_checkpoint() -> None:
    ledger = a_ledger(3, 1)
    with pytest.raises(NotSealedError) as refused:
        prove(ledger, 3, is_kept=True)
    assert refused.value.code == "ledger.not_sealed"
    assert prove(ledger, 3).index == 3


def test_a_damaged_tree_gives_no_proof() -> None:
    ledger = a_ledger(300)
    ledger._tiles[0, 0] = bytes(32) + ledger.tile(0, 0)[32:]
    for index in (0, 1, 200):
        with pytest.raises(NotSealedError) as refused:
            prove(ledger, index)
        assert refused.value.code == "ledger.not_provable"
