"""Nothing that must be kept back stays with anybody, however it came there and whatever became of the report."""

from datetime import timedelta
from itertools import permutations
from pathlib import Path

import pytest

from broker.runtimes.people import choose
from broker.services.reask import AskPastAgain, Reasked
from broker.services.release import Released
from contracts.delivery import Delivery
from contracts.events import school
from contracts.words import Cause, DataCategory, DeliveryId, Effect, EventId, Grade, Purpose
from tests.integration.services.test_reask import CORE, MONDAY, SCHOOL, TEAM, Exchange
from tests.integration.services.test_sending_again import dropping
from tests.support.builders import (
    EventBuilder,
    a_concern,
    a_domestic_incident,
    a_gp_registration,
    a_pupil_enrolment,
    a_restriction,
    a_section_47,
    a_withdrawal,
    a_worker_allocation,
    an_event,
)
from tests.support.event_parts import LARCH_HOUSE_GUARDED, MILL_LANE, an_allegation, child_words
from tests.support.homes import a_home, opened
from tests.support.people import THEO


def first() -> EventBuilder:
    """A report of which the school is told, with the address."""
    report = a_domestic_incident().as_record("notice-1", "1")
    return report.saying(both_parties_16_or_over=True).living_at(MILL_LANE)


def corrected(report: EventBuilder, version: str = "2") -> EventBuilder:
    """One of which the school would not be told of itself; it is told only what applies of the earlier one."""
    later = a_domestic_incident().as_record("notice-1", version).saying(both_parties_16_or_over=False)
    return later.living_at(MILL_LANE).at_level(1).correcting(report.id)


def addresses(told: Delivery | None) -> list[object]:
    assert told is not None
    return [each.value for each in told.values if each.category == "id.address"]


def only_the_address_is_recalled(exchange: Exchange, report: EventBuilder) -> Delivery:
    told = exchange.told(SCHOOL, report)
    assert told is not None
    assert (told.kind, told.cause) == ("correction", Cause.ADDRESS_RECALLED)
    assert told.values
    assert not addresses(told)
    return told


def corrected_for_the_school(exchange: Exchange) -> EventBuilder:
    """The first report, of which the school holds the correction, with the address."""
    report = first()
    exchange.hears(a_pupil_enrolment(), report)
    exchange.hears(corrected(report))
    told = exchange.told(SCHOOL, report)
    assert addresses(told)
    assert told is not None
    assert (told.kind, told.cause) == ("correction", Cause.CORRECTED)
    return report


def test_a_restriction_recalls_the_address_of_a_correction_too(exchange: Exchange) -> None:
    report = corrected_for_the_school(exchange)
    before = exchange.told(SCHOOL, report)
    assert before is not None

    exchange.hears(a_restriction())

    told = only_the_address_is_recalled(exchange, report)
    assert set(told.values) < set(before.values)
    exchange.runtime.tick()
    assert exchange.told(SCHOOL, report) == told


def test_who_held_a_correction_holds_nothing_once_its_relation_ended(exchange: Exchange) -> None:
    report = corrected_for_the_school(exchange)

    exchange.hears(an_event(school.PupilLeft).saying(left_on=MONDAY.date()))

    told = exchange.told(SCHOOL, report)
    assert told is not None
    assert (told.kind, told.cause, told.values) == ("retraction", Cause.RELATION_ENDED, ())


def test_a_restriction_recalls_the_address_of_whoever_would_not_be_told_today(exchange: Exchange) -> None:
    report = first()
    exchange.hears(a_pupil_enrolment(), report)
    exchange.later(timedelta(days=60))
    told = exchange.told(SCHOOL, report)
    assert addresses(told)

    exchange.hears(a_restriction().occurring(exchange.runtime.clock.now() - timedelta(hours=1)))

    decisions = exchange.runtime.hub.journal.decisions(EventId(report.id))
    last = [each.verdict for each in decisions if each.recipient == SCHOOL][-1]
    assert {each.code for each in last.bars} == {"encompass.roll_not_current"}
    only_the_address_is_recalled(exchange, report)


def test_nothing_is_taken_back_where_nothing_must_be_kept_back(exchange: Exchange) -> None:
    corrected_report = corrected_for_the_school(exchange)
    stale = a_domestic_incident().as_record("notice-3").saying(both_parties_16_or_over=True).living_at(MILL_LANE)
    exchange.hears(stale.with_entries(an_allegation("Craig broke the door", code="damage")))
    before = [exchange.told(SCHOOL, each) for each in (corrected_report, stale)]
    exchange.later(timedelta(days=60))

    exchange.hears(a_gp_registration(), a_worker_allocation(), a_section_47())

    assert [exchange.told(SCHOOL, each) for each in (corrected_report, stale)] == before


@pytest.mark.parametrize("names_the_first", [True, False])
def test_a_correction_of_a_correction_reaches_whoever_was_told_only_the_first(
    exchange: Exchange, *, names_the_first: bool
) -> None:
    report = first()
    exchange.hears(a_pupil_enrolment(), report)
    second = corrected(report)
    exchange.hears(second)
    before = exchange.told(SCHOOL, report)

    exchange.hears(corrected(report if names_the_first else second, "3"))

    told = exchange.told(SCHOOL, report)
    assert told is not None
    assert before is not None
    assert (told.kind, told.cause, told.revises) == ("correction", Cause.CORRECTED, before.delivery_id)


def test_a_correction_that_is_withdrawn_leaves_nobody_with_it(exchange: Exchange) -> None:
    report = first()
    second = corrected(report)
    exchange.hears(a_pupil_enrolment(), report)
    exchange.hears(second)

    exchange.hears(a_withdrawal(second))

    told = exchange.told(SCHOOL, report)
    assert told is not None
    assert (told.kind, told.cause, told.values) == ("retraction", Cause.WITHDRAWN, ())


def test_a_correction_that_is_found_to_be_about_another_child_leaves_nobody_with_it(exchange: Exchange) -> None:
    report = first()
    second = corrected(report)
    exchange.hears(a_pupil_enrolment(), report)
    exchange.hears(second)

    exchange.hears(corrected(second, "3").about(THEO))

    told = exchange.told(SCHOOL, report)
    assert told is not None
    assert (told.kind, told.cause, told.values) == ("retraction", Cause.DIFFERENT_CHILD, ())


def test_whoever_was_told_the_first_holds_the_same_in_whatever_order_corrections_come(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    report = first()
    second = corrected(report)
    third = corrected(second, "3").at_level(2)
    found = set()
    for order in permutations((second, third)):
        settings = a_home(tmp_path_factory.mktemp("home"))
        with opened(settings) as runtime:
            exchange = Exchange(settings, runtime)
            exchange.hears(a_pupil_enrolment(), report)
            for each in order:
                exchange.hears(each)
            told = exchange.told(SCHOOL, report)
            assert told is not None
            found.add((told.kind, told.cause, told.values))
            assert runtime.reconcile().differences == ()
    assert len(found) == 1
    assert found.pop()[0] == "correction"


def test_a_correction_does_not_leave_while_something_about_its_child_is_to_be_asked_again(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = first()
    exchange.hears(a_pupil_enrolment(), report)
    handed = dropping(monkeypatch, SCHOOL)
    with monkeypatch.context() as still:
        still.setattr("broker.runtimes.steps.release", lambda *_a, **_k: Released())
        still.setattr(AskPastAgain, "run", lambda *_a, **_k: Reasked())
        exchange.hears(corrected(report))
        exchange.hears(a_restriction())
        waiting = exchange.runtime.hub.journal.deliveries(event=EventId(report.id), recipient=SCHOOL)[-1]
        assert (waiting.delivery.kind, waiting.released_at) == ("correction", None)
        assert waiting.leaf_index is not None
        still.undo()
        still.setattr(AskPastAgain, "run", lambda *_a, **_k: Reasked())
        exchange.runtime.tick()
        assert handed == []

    exchange.runtime.tick()

    now = exchange.runtime.hub.journal.deliveries(event=EventId(report.id), recipient=SCHOOL)
    assert {each.delivery.delivery_id for each in now if each.is_superseded} == {waiting.delivery.delivery_id}
    assert handed == [now[-1].delivery.delivery_id]
    assert now[-1].delivery.cause is Cause.ADDRESS_RECALLED


def test_words_do_not_leave_that_give_away_what_must_be_kept_back_since(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = child_words("We live at Larch House now and I like it", code="settled")
    report = a_concern().from_health().with_entries(words)
    exchange.hears(a_worker_allocation(), a_domestic_incident())
    with monkeypatch.context() as still:
        still.setattr("broker.runtimes.steps.release", lambda *_a, **_k: Released())
        exchange.hears(report)
        exchange.hears(a_gp_registration().living_at(LARCH_HOUSE_GUARDED))

    exchange.runtime.tick()

    told = exchange.told(TEAM, report)
    assert told is not None
    assert "settled" in told.model_dump_json()
    assert "Larch House" not in told.model_dump_json()
    front_door = exchange.told(CORE, report)
    assert front_door is not None
    assert "Larch House" in front_door.model_dump_json()


def test_words_are_taken_back_that_give_away_what_must_be_kept_back_since(exchange: Exchange) -> None:
    words = child_words("We live at Larch House now and I like it", code="settled")
    report = a_concern().from_health().with_entries(words)
    exchange.hears(a_worker_allocation(), a_domestic_incident(), report)
    before = exchange.told(TEAM, report)
    assert before is not None
    assert "Larch House" in before.model_dump_json()

    exchange.hears(a_gp_registration().living_at(LARCH_HOUSE_GUARDED))

    told = exchange.told(TEAM, report)
    assert told is not None
    assert "Larch House" not in told.model_dump_json()
    assert "settled" in told.model_dump_json()
    assert told.cause is Cause.NO_LONGER_LAWFUL
    status = exchange.runtime.hub.journal.delivery(DeliveryId(told.delivery_id))
    assert status is not None
    assert status.delivery.grade is Grade.RED


def test_nothing_is_taken_back_of_whoever_is_given_the_same_as_what_is_guarded_now(exchange: Exchange) -> None:
    report = a_concern().from_school()
    exchange.hears(a_gp_registration(), a_worker_allocation(), a_pupil_enrolment(), report)

    exchange.hears(a_restriction())

    told = exchange.told(CORE, report)
    assert told is not None
    assert "Ashdown Primary" in {each.value for each in told.values if each.category == "id.restricted_address"}
    assert (told.kind, told.cause) == ("share", None)


def asked_for_by_the_school(exchange: Exchange) -> EventBuilder:
    """A report of which the school would not be told of itself, and which it has asked for and was given."""
    report = not_told_to_the_school(exchange)
    ask_for_it(exchange)
    return report


def not_told_to_the_school(exchange: Exchange) -> EventBuilder:
    exchange.runtime.add_person("Lee", ("designated_safeguarding_lead@school-ashdown",))
    exchange.hears(a_pupil_enrolment(), first())
    report = a_domestic_incident().as_record("notice-2").saying(both_parties_16_or_over=False).living_at(MILL_LANE)
    exchange.hears(report)
    assert exchange.told(SCHOOL, report) is None
    return report


def ask_for_it(exchange: Exchange) -> None:
    runtime = exchange.runtime
    [child] = runtime.recipients[SCHOOL].store.children()
    made = runtime.request(
        child,
        choose(runtime.people(), "designated_safeguarding_lead", None),
        purpose=Purpose.SAFEGUARDING,
        what=(DataCategory.POLICE_INCIDENT, DataCategory.ID_ADDRESS),
        grounds="He says that he is afraid.",
        asked_of="wrenshire-police",
    )
    assert Effect.SHARE in {each.effect for each in made.answers}


def test_what_was_asked_for_stays_when_something_else_changes(exchange: Exchange) -> None:
    report = asked_for_by_the_school(exchange)
    exchange.runtime.tick()
    given = exchange.told(SCHOOL, report)
    assert addresses(given)

    exchange.hears(a_gp_registration())
    exchange.hears(a_worker_allocation())

    assert exchange.told(SCHOOL, report) == given


def test_a_restriction_recalls_the_address_of_what_was_asked_for(exchange: Exchange) -> None:
    report = asked_for_by_the_school(exchange)
    exchange.runtime.tick()

    exchange.hears(a_restriction())

    only_the_address_is_recalled(exchange, report)


def test_what_was_asked_for_is_taken_back_once_the_relation_ended(exchange: Exchange) -> None:
    report = asked_for_by_the_school(exchange)
    exchange.runtime.tick()

    exchange.hears(an_event(school.PupilLeft).saying(left_on=MONDAY.date()))

    told = exchange.told(SCHOOL, report)
    assert told is not None
    assert (told.kind, told.cause, told.values) == ("retraction", Cause.RELATION_ENDED, ())


def test_what_was_asked_for_is_asked_about_as_that_when_something_changes_before_it_leaves(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = not_told_to_the_school(exchange)
    with monkeypatch.context() as still:
        still.setattr("broker.runtimes.steps.release", lambda *_a, **_k: Released())
        ask_for_it(exchange)
        exchange.hears(a_gp_registration())
        assert exchange.told(SCHOOL, report) is None

    exchange.runtime.tick()

    assert addresses(exchange.told(SCHOOL, report))


def test_what_was_asked_for_leaves_without_what_was_restricted_before_it_left(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = not_told_to_the_school(exchange)
    with monkeypatch.context() as still:
        still.setattr("broker.runtimes.steps.release", lambda *_a, **_k: Released())
        ask_for_it(exchange)
        exchange.hears(a_restriction())

    exchange.runtime.tick()

    told = exchange.told(SCHOOL, report)
    assert told is not None
    assert (told.kind, told.cause) == ("share", None)
    assert told.values
    assert not addresses(told)


def test_what_was_taken_back_is_not_sent_again_by_a_release_that_starts_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, report = a_home(tmp_path), first()
    handed = dropping(monkeypatch, SCHOOL)
    with opened(settings) as runtime:
        exchange = Exchange(settings, runtime)
        exchange.hears(a_pupil_enrolment(), report)
        for _ in range(12):
            exchange.later(timedelta(hours=1))
            runtime.tick()
        assert len(set(handed)) == 1
        assert len(handed) > 1
        exchange.hears(a_restriction())
    before = list(handed)
    assert len(set(before)) == 2
    with opened(settings) as runtime:
        runtime.tick()
        Exchange(settings, runtime).later(timedelta(hours=1))
        runtime.tick()
    assert handed[0] not in handed[len(before) :]
    assert handed[len(before) :]
