"""A backup is put in: what was answered since is sent again by the agencies, and what is decided anew stands."""

import shutil
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from broker.core.incidents import RESTORING
from broker.core.reconciling import Differs
from broker.drivers.clock.scripted import ScriptedClock
from broker.runtimes.came_to import standing_decisions, standing_values
from broker.runtimes.embedded import Embedded
from broker.runtimes.home import Home
from broker.runtimes.post import FeedInbox
from broker.runtimes.settings import Settings
from contracts.words import EventId, Restriction
from tests.support import homes
from tests.support.builders import (
    EventBuilder,
    a_concern,
    a_gp_registration,
    a_pupil_enrolment,
    a_restriction,
    a_worker_allocation,
    an_emergency_attendance,
)
from tests.support.busy_week import a_week_with_corrections
from tests.support.event_parts import LARCH_HOUSE

CHILDREN = 12
RESTORED = homes.MONDAY + timedelta(hours=5)


def come(settings: Settings, events: Sequence[EventBuilder], *, at_hour: int) -> None:
    now = homes.MONDAY + timedelta(hours=at_hour)
    homes.spool(settings, events, now=now)
    set_clock(settings, now)
    with homes.opened(settings) as runtime:
        settle(runtime)


def set_clock(settings: Settings, now: datetime) -> None:
    ScriptedClock(Home(settings.home).scripted_clock).set(now)


def settle(runtime: Embedded) -> None:
    for _ in range(4):
        runtime.beat()
        runtime.tick()


def test_what_was_answered_since_the_backup_is_sent_again_and_stands(tmp_path: Path) -> None:
    week = a_week_with_corrections(CHILDREN)
    half = len(week) // 2
    settings = homes.a_home(tmp_path)
    come(settings, week[:half], at_hour=0)
    shutil.copytree(settings.home / "hub", tmp_path / "backup")
    come(settings, week[half:], at_hour=1)
    with homes.opened(settings) as runtime:
        known = {event.event_id for event in runtime.hub.journal.events()}
        decided, told = standing_decisions(runtime), standing_values(runtime)
    shutil.rmtree(settings.home / "hub")
    shutil.copytree(tmp_path / "backup", settings.home / "hub")
    set_clock(settings, RESTORED)
    with homes.opened(settings) as runtime:
        assert {each.what for each in runtime.reconcile().differences} == {Differs.RECIPIENT_HOLDS_MORE}
        assert {event.event_id for event in runtime.hub.journal.events()} < known
        settle(runtime)
        assert {event.event_id for event in runtime.hub.journal.events()} == known
        assert RESTORING in {each.cause for each in runtime.hub.journal.open_incidents()}
        set_clock(settings, RESTORED + timedelta(minutes=6))
        settle(runtime)
        assert not any(feed.pending(1) for feed in runtime.feeds.values())
        assert standing_decisions(runtime) == decided
        assert standing_values(runtime) == told
        reconciled = runtime.reconcile()
        assert reconciled.differences == ()
        assert reconciled.figures["deliveries_of_before_a_restore"] > 100


KNOWN = (a_gp_registration(), a_worker_allocation(), a_pupil_enrolment(), a_concern().from_school())
RESTRICTED = a_restriction(Restriction.RESTRICTED_ADDRESS)
SEEN = an_emergency_attendance().living_at(LARCH_HOUSE)


def test_what_protects_a_child_is_known_again_before_anything_leaves(tmp_path: Path) -> None:
    """The restriction was lost with the journal, and its agency is the last to send it again."""
    settings = homes.a_home(tmp_path)
    come(settings, KNOWN, at_hour=0)
    shutil.copytree(settings.home / "hub", tmp_path / "backup")
    come(settings, [RESTRICTED], at_hour=1)
    come(settings, [SEEN], at_hour=2)
    holders = who_was_told_where(settings)
    shutil.rmtree(settings.home / "hub")
    shutil.copytree(tmp_path / "backup", settings.home / "hub")
    set_clock(settings, RESTORED)
    with homes.opened(settings) as runtime:
        runtime.hub.hear(runtime.feeds[SEEN.agency].heartbeat(RESTORED))
        runtime.tick()
        runtime.tick()
        assert runtime.hub.journal.event(EventId(SEEN.id)) is not None
        assert runtime.hub.journal.event(EventId(RESTRICTED.id)) is None
    assert who_was_told_where(settings) == holders
    with homes.opened(settings) as runtime:
        settle(runtime)
        set_clock(settings, RESTORED + timedelta(minutes=6))
        settle(runtime)
        assert runtime.hub.journal.counts()["deliveries_waiting"] == 0
    assert who_was_told_where(settings) == holders
    (tmp_path / "another").mkdir()
    unrestricted = homes.a_home(tmp_path / "another")
    come(unrestricted, [*KNOWN, SEEN], at_hour=0)
    assert who_was_told_where(unrestricted) > holders


def who_was_told_where(settings: Settings) -> set[str]:
    with homes.opened(settings) as runtime:
        return {
            name
            for name, side in runtime.recipients.items()
            for child in side.store.names()
            for kept in side.store.deliveries(child)
            if "Larch House" in kept.delivery.body().decode()
        }


def test_the_first_round_notices_a_restore_before_it_sends_what_had_waited(tmp_path: Path) -> None:
    settings = homes.a_home(tmp_path)
    come(settings, KNOWN, at_hour=0)
    homes.spool(settings, [SEEN], now=homes.MONDAY)
    with homes.opened(settings) as runtime:
        runtime.hub.accept.run(FeedInbox(runtime.feeds).receive(10))
        waiting = runtime.hub.journal.counts()["deliveries_waiting"]
        assert waiting
    shutil.copytree(settings.home / "hub", tmp_path / "backup")
    come(settings, [RESTRICTED], at_hour=1)
    shutil.rmtree(settings.home / "hub")
    shutil.copytree(tmp_path / "backup", settings.home / "hub")
    set_clock(settings, RESTORED)
    with homes.opened(settings) as runtime:
        released = runtime.hub.journal.counts()["deliveries_released"]
        runtime._whole_round()
        assert RESTORING in {each.cause for each in runtime.hub.journal.open_incidents()}
        assert runtime.hub.journal.counts()["deliveries_released"] == released
