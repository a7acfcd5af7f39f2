"""What comes in at once leaves at once: the ledger is never behind by more than one batch."""

from pathlib import Path

from tests.bench.events import TOLD, a_pupil, an_incident, relations
from tests.support.homes import a_home, opened, spool

FULL_BATCH = 100


def test_no_delivery_waits_behind_the_records_of_its_own_batch(tmp_path: Path) -> None:
    settings = a_home(tmp_path)
    children = [a_pupil(number) for number in range(FULL_BATCH)]
    spool(settings, (event for child in children for event in relations(child)))
    with opened(settings) as runtime:
        runtime.tick()
    spool(settings, (an_incident(child) for child in children))
    with opened(settings) as runtime:
        turn = runtime.line.turn()
        assert turn.accepted == FULL_BATCH
        assert turn.released == TOLD * FULL_BATCH
        assert turn.receipts == TOLD * FULL_BATCH
        assert runtime.hub.journal.counts()["deliveries_waiting"] == 0


def test_replies_of_one_batch_are_taken_in_by_each_agency_together(tmp_path: Path) -> None:
    settings = a_home(tmp_path)
    spool(settings, relations(a_pupil(0)))
    with opened(settings) as runtime:
        runtime.tick()
        assert all(not feed.pending(10) for feed in runtime.feeds.values())
