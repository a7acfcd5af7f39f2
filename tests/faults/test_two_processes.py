"""Two processes at work on one home: nothing is done twice, nothing is left, and neither falls over."""

from collections import Counter
from pathlib import Path

import pytest

from broker.core.outcome import EventState
from tests.support import homes
from tests.support.agreeing import check_checkpoints, check_everything_has_its_leaf
from tests.support.busy_week import busy_week
from tests.support.killing import run_together

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("batch", [7, 100])
@pytest.mark.parametrize("kept_in", ["files", "postgres"])
def test_two_processes_on_one_home_do_everything_once(
    tmp_path: Path, request: pytest.FixtureRequest, kept_in: str, batch: int
) -> None:
    settings = homes.a_home(tmp_path)
    if kept_in == "postgres":
        settings = homes.moved_to_postgres(settings, request.getfixturevalue("postgres"))
    homes.spool(settings, busy_week(children=24))
    report = run_together(settings, processes=2, batch=batch)
    assert [life.was_killed for life in report.lives] == [False, False]
    with homes.opened(settings) as runtime:
        journal = runtime.hub.journal
        events = journal.events()
        assert len(events) == report.events
        assert {event.state for event in events} == {EventState.ACCEPTED}
        decisions = [each for event in events for each in journal.decisions(event.event_id)]
        firsts = Counter((each.event_id, each.recipient) for each in decisions if not each.asked_again)
        assert set(firsts.values()) == {1}
        delivered = {each.delivery.delivery_id for each in journal.deliveries() if each.delivered_at is not None}
        held = [delivery for side in runtime.recipients.values() for delivery in side.store.delivered()]
        assert len(held) == len(set(held))
        assert set(held) == delivered
        check_everything_has_its_leaf(runtime)
        check_checkpoints(runtime, report.checkpoints)
        assert runtime.verify_ledger(against=None, tell=lambda _done, _total: None).finding is None
        assert runtime.reconcile().differences == ()
        before = journal.counts()
        runtime.tick()
        assert journal.counts() == before
