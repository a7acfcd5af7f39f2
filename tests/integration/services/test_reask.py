"""What was decided is asked again when what it turned on changes: told who may now be told, taken back what may not."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

from broker.drivers.clock.scripted import ScriptedClock
from broker.runtimes.embedded import Embedded
from broker.runtimes.settings import Settings
from broker.services.reask import Reasked
from broker.services.release import Released
from contracts.delivery import Delivery
from contracts.events import local_authority
from contracts.words import Cause, EventId, RecipientId
from tests.support.builders import (
    EventBuilder,
    a_domestic_incident,
    a_protection_plan,
    a_pupil_enrolment,
    a_restriction,
    a_section_47,
    a_worker_allocation,
    an_attendance_at_otherby,
    an_emergency_attendance,
    an_event,
)
from tests.support.event_parts import MILL_LANE
from tests.support.homes import spool
from tests.support.people import MIA, THEO

POLICE, CORE, TEAM, SCHOOL = (RecipientId(r) for r in ("police-mash", "mash-core", "csc-north-team", "school-ashdown"))
MONDAY = datetime(2026, 3, 9, 9, tzinfo=UTC)


class Exchange:
    """A home to which reports come one after the other."""

    def __init__(self, settings: Settings, runtime: Embedded) -> None:
        self.settings = settings
        self.runtime = runtime

    def hears(self, *events: EventBuilder) -> None:
        """Take these in, and let everything that follows happen."""
        spool(self.settings, events)
        self.runtime.tick()

    def told(self, recipient: RecipientId, event: EventBuilder) -> Delivery | None:
        """The last word that a recipient holds about a report."""
        store = self.runtime.recipients[recipient].store
        mine = {s.delivery.delivery_id for s in self.runtime.hub.journal.deliveries(event=EventId(event.id))}
        kept = [k.delivery for child in store.children() for k in store.deliveries(child)]
        return max((d for d in kept if d.delivery_id in mine), key=lambda d: d.revision, default=None)

    def later(self, by: timedelta) -> None:
        """Let time pass."""
        clock = self.runtime.clock
        assert isinstance(clock, ScriptedClock)
        clock.set(clock.now() + by)


def test_saturdays_attendance_goes_to_police_once_an_enquiry_starts(exchange: Exchange) -> None:
    saturday = an_emergency_attendance()
    exchange.hears(saturday)
    assert exchange.told(POLICE, saturday) is None

    exchange.hears(a_section_47())

    told = exchange.told(POLICE, saturday)
    assert told is not None
    assert (told.kind, told.asked_again) == ("share", "what is known has changed")
    last = exchange.runtime.hub.journal.decisions(EventId(saturday.id))[-1]
    assert last.asked_again.startswith("asked again because a section 47 enquiry started or ended")


def test_an_enquiry_about_another_child_tells_nobody_of_this_one(exchange: Exchange) -> None:
    saturday = an_emergency_attendance()
    exchange.hears(saturday)

    exchange.hears(a_section_47().about(THEO))

    assert exchange.told(POLICE, saturday) is None


def test_what_happened_before_the_window_is_not_asked_again(exchange: Exchange) -> None:
    long_ago = an_emergency_attendance().occurring(MONDAY - timedelta(days=400))
    exchange.hears(long_ago)

    exchange.hears(a_section_47())

    assert exchange.told(POLICE, long_ago) is None


def test_who_was_told_already_is_not_told_twice(exchange: Exchange) -> None:
    incident = a_domestic_incident()
    exchange.hears(incident)
    before = exchange.told(POLICE, incident)

    exchange.hears(a_section_47())

    assert before is not None
    assert exchange.told(POLICE, incident) == before


def test_when_the_enquiry_ends_the_police_view_of_it_closes(exchange: Exchange) -> None:
    saturday = an_emergency_attendance()
    exchange.hears(saturday, a_section_47())
    assert exchange.told(POLICE, saturday) is not None

    exchange.hears(an_event(local_authority.Section47Ended).occurring(MONDAY - timedelta(hours=1)))

    told = exchange.told(POLICE, saturday)
    assert told is not None
    assert (told.kind, told.cause) == ("retraction", Cause.RELATION_ENDED)


def test_a_new_worker_is_told_what_came_before_them_and_a_former_one_no_more(exchange: Exchange) -> None:
    saturday = an_emergency_attendance()
    exchange.hears(saturday)
    assert exchange.told(TEAM, saturday) is None

    exchange.hears(a_worker_allocation())
    told = exchange.told(TEAM, saturday)
    assert told is not None
    assert told.kind == "share"

    exchange.hears(an_event(local_authority.WorkerEnded).saying(ended_on=MONDAY.date()).occurring(MONDAY))
    told = exchange.told(TEAM, saturday)
    assert told is not None
    assert told.kind == "retraction"


def test_a_restriction_recalls_the_address_from_the_school_that_had_it(exchange: Exchange) -> None:
    exchange.hears(a_pupil_enrolment(), a_protection_plan())
    incident = a_domestic_incident().saying(both_parties_16_or_over=True).living_at(MILL_LANE)
    exchange.hears(incident)
    before = exchange.told(SCHOOL, incident)
    assert before is not None
    assert any(value.category == "id.address" for value in before.values)

    exchange.hears(a_restriction())

    after = exchange.told(SCHOOL, incident)
    assert after is not None
    assert (after.kind, after.cause) == ("share", Cause.ADDRESS_RECALLED)
    assert not any(value.category == "id.address" for value in after.values)


def test_a_new_worker_is_named_wherever_something_is_kept_back(exchange: Exchange) -> None:
    incident = a_domestic_incident().saying(both_parties_16_or_over=True).living_at(MILL_LANE)
    exchange.hears(a_pupil_enrolment(), a_protection_plan(), incident, a_restriction())
    before = exchange.told(SCHOOL, incident)
    assert before is not None
    assert "Wrenshire MASH" in before.model_dump_json()

    exchange.hears(a_worker_allocation())

    after = exchange.told(SCHOOL, incident)
    assert after is not None
    assert after.cause is None
    assert "contact through Asha Bell" in after.model_dump_json()


def test_asking_again_a_second_time_changes_nothing(exchange: Exchange) -> None:
    exchange.hears(an_emergency_attendance(), a_worker_allocation(), a_section_47())
    counts = exchange.runtime.hub.journal.counts()

    exchange.runtime.tick()
    exchange.runtime.tick()

    assert exchange.runtime.hub.journal.counts() == counts


def test_what_is_waiting_to_be_asked_again_is_asked_a_bounded_part_at_a_time(exchange: Exchange) -> None:
    exchange.hears(*(an_emergency_attendance() for _ in range(5)))
    exchange.runtime.hub.accept.run([])
    spool(exchange.settings, [a_section_47()])
    exchange.runtime.hub.accept.run(exchange.runtime.line._inbox.receive(10))

    first = exchange.runtime.hub.reask.run(limit=2)
    [waiting] = exchange.runtime.hub.journal.reasks_waiting()

    assert (first.asked, waiting.asked, waiting.finished_at) == (2, 2, None)
    exchange.runtime.tick()
    assert exchange.runtime.hub.journal.reasks_waiting() == []


def test_what_is_due_about_several_children_is_met_in_one_transaction(exchange: Exchange) -> None:
    exchange.hears(an_emergency_attendance().about(MIA), an_emergency_attendance().about(THEO))
    spool(exchange.settings, [a_section_47().about(MIA), a_section_47().about(THEO)])
    exchange.runtime.hub.accept.run(exchange.runtime.line._inbox.receive(10))
    journal = exchange.runtime.hub.journal
    assert len({each.trigger.child for each in journal.reasks_waiting()}) == 2

    done = exchange.runtime.hub.reask.run()

    assert done.asked >= 2
    assert journal.reasks_waiting() == []


def test_where_nothing_is_due_or_to_be_sent_nobodys_lock_is_waited_for(exchange: Exchange) -> None:
    exchange.hears(an_emergency_attendance())
    hub = exchange.runtime.hub
    with closing(sqlite3.connect(exchange.settings.home / "hub" / "journal.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        assert hub.reask.run() == Reasked()
        assert exchange.runtime.line._sending.turn() == Released()


def test_what_need_not_be_decided_by_a_person_any_more_waits_for_nobody(exchange: Exchange) -> None:
    lapsed = an_attendance_at_otherby()
    exchange.hears(lapsed)
    assert "agreement.lapsed" in _asked_about(exchange, lapsed)

    exchange.hears(a_section_47())

    assert "agreement.lapsed" not in _asked_about(exchange, lapsed)
    assert exchange.told(CORE, lapsed) is not None
    assert exchange.runtime.verify_ledger(against=None, tell=lambda _done, _total: None).finding is None


def _asked_about(exchange: Exchange, event: EventBuilder) -> set[str]:
    questions = [each for task in exchange.runtime.hub.journal.tasks() for each in task.questions]
    return {each.code for each in questions if each.event_id == event.id}
