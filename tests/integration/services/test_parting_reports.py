"""Reports that a wrong number brought to the wrong child: parted by a person, taken back, decided for the right one."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from broker.core.facts import PROTECTING
from broker.core.identity_acts import ActKind
from broker.core.outcome import RecordKind
from broker.runtimes.lookup import DeskError
from broker.runtimes.people import SignedIn, load_person_key
from broker.services.part_reports import CannotPartError, SignedParting, sign_parting
from contracts.words import Cause, ChildId, EventId, PersonId, RecipientId, Restriction
from tests.integration.services.test_reask import CORE, SCHOOL, Exchange
from tests.support.builders import (
    EventBuilder,
    a_concern,
    a_domestic_incident,
    a_gp_registration,
    a_protection_plan,
    a_pupil_enrolment,
    a_restriction,
    a_section_47,
    a_worker_allocation,
    an_emergency_attendance,
)
from tests.support.homes import a_home, opened
from tests.support.people import MIA, MYA, FictionalChild

HER_COUSIN = replace(MYA, reference="her-cousin", forenames="Tess", surname="Moor", nhs_number=None)
"""A girl born on Mia's day."""
UNDER_MIAS_NUMBER = HER_COUSIN.with_nhs_number(MIA.nhs_number or "")
WHY = "the hospital typed her cousin's NHS number; the ward sister rang"


@pytest.fixture(name="manager")
def _manager(exchange: Exchange) -> SignedIn:
    person = exchange.runtime.add_person("Tom", ("mash_manager@mash-core",))
    return SignedIn(person, "Tom", "mash_manager", "mash-core")


def attendances(child: FictionalChild) -> tuple[EventBuilder, EventBuilder]:
    return an_emergency_attendance().about(child), an_emergency_attendance().about(child).as_record("the-day-after")


OF_MIA = tuple(
    each.about(MIA) for each in (a_protection_plan(), a_worker_allocation(), a_pupil_enrolment(), a_domestic_incident())
)


def record_of(exchange: Exchange, report: EventBuilder) -> ChildId | None:
    found = exchange.runtime.hub.journal.event(EventId(report.id))
    assert found is not None
    return found.child


def held(exchange: Exchange, child: FictionalChild, *, without: tuple[Cause, ...] = ()) -> Counter[tuple[object, ...]]:
    """What every recipient is shown under the name of this child, report by report, but for its notices."""
    found: Counter[tuple[object, ...]] = Counter()
    for name, side in exchange.runtime.recipients.items():
        for view in (side.store.deliveries(each) for each in side.store.children()):
            last = {k.delivery.report: k.delivery for k in sorted(view, key=lambda k: k.delivery.revision)}
            said = {value.value for each in last.values() for value in each.values if value.path == "child.forenames"}
            if child.forenames in said:
                found.update(
                    (name, each.event_type, each.kind, tuple(sorted((v.path, v.form, v.value) for v in each.values)))
                    for each in last.values()
                    if each.cause not in without
                )
    return found


def test_what_a_wrong_number_brought_is_taken_back_and_decided_for_the_right_child(
    exchange: Exchange, manager: SignedIn, tmp_path: Path
) -> None:
    wrong = attendances(UNDER_MIAS_NUMBER)
    exchange.hears(*OF_MIA, *wrong)
    assert record_of(exchange, wrong[0]) == record_of(exchange, OF_MIA[0])
    before = {r: exchange.told(RecipientId(r), wrong[0]) for r in exchange.runtime.recipients}
    told = {recipient for recipient, delivery in before.items() if delivery is not None}
    assert {CORE, "csc-north-team"} <= told

    parted = exchange.runtime.identity.part(wrong[0].id[:12], manager, reason=WHY)
    exchange.runtime.tick()

    assert (parted.reports, parted.not_kept) == (2, 0)
    for recipient in told:
        last = exchange.told(RecipientId(recipient), wrong[0])
        assert last is not None
        assert (last.kind, last.cause, last.values) == ("retraction", Cause.DIFFERENT_CHILD, ())
    (tmp_path / "as-it-should-be").mkdir()
    with opened(a_home(tmp_path / "as-it-should-be")) as runtime:
        right = Exchange(exchange.settings, runtime)
        right.settings = replace(exchange.settings, home=tmp_path / "as-it-should-be" / "home")
        right.hears(*OF_MIA, *attendances(HER_COUSIN))
        notices = (Cause.DIFFERENT_CHILD,)
        assert held(exchange, MIA, without=notices) == held(right, MIA)
        expected = held(right, HER_COUSIN)
        assert expected
        for row in expected:
            assert row in but_for_the_number(held(exchange, HER_COUSIN)), row


def but_for_the_number(rows: Counter[tuple[object, ...]]) -> set[tuple[object, ...]]:
    """The same without what the hospital wrote for her number."""

    def shown(values: object) -> object:
        assert isinstance(values, tuple)
        return tuple(each for each in values if "identifiers" not in each[0])

    return {(*row[:3], shown(row[3])) for row in rows}


def test_later_reports_from_that_record_are_the_other_childs_though_the_number_still_says_otherwise(
    exchange: Exchange, manager: SignedIn
) -> None:
    first, second = attendances(UNDER_MIAS_NUMBER)
    exchange.hears(*OF_MIA, first)
    exchange.runtime.identity.part(first.id, manager, reason=WHY)
    exchange.runtime.tick()
    waiting = len(exchange.runtime.hub.journal.open_questions(None))
    exchange.hears(second)
    assert record_of(exchange, second) != record_of(exchange, OF_MIA[0])
    assert len(exchange.runtime.hub.journal.open_questions(None)) == waiting
    assert exchange.told(SCHOOL, second) is None
    later = a_concern().from_school().about(MIA)
    exchange.hears(later)
    assert record_of(exchange, later) == record_of(exchange, OF_MIA[0])


def test_what_the_reports_taught_is_known_of_the_other_child_alone(exchange: Exchange, manager: SignedIn) -> None:
    enquiry = a_section_47().about(UNDER_MIAS_NUMBER)
    school_concern = a_concern().from_school().about(MIA)
    exchange.hears(a_domestic_incident().about(MIA), school_concern)
    exchange.hears(enquiry)
    mia = record_of(exchange, school_concern)
    assert mia is not None
    parted = exchange.runtime.identity.part(enquiry.id, manager, reason=WHY)
    exchange.runtime.tick()
    known = exchange.runtime.hub.journal.known_child(mia)
    assert known is not None
    now = exchange.runtime.clock.now()
    assert "section_47" not in {fact.kind.value for fact in known.facts if fact.holds_at(now)}
    anew = exchange.runtime.hub.journal.event(exchange.runtime.hub.journal.event(EventId(enquiry.id)).corrected_by)  # type: ignore[union-attr,arg-type]  # it was parted
    assert anew is not None
    assert anew.child is not None
    other = exchange.runtime.hub.journal.known_child(anew.child)
    assert other is not None
    assert "section_47" in {fact.kind.value for fact in other.facts if fact.holds_at(now)}
    assert parted.child
    assert [r.kind for r, _ in exchange.runtime.hub.journal.records()].count(RecordKind.IDENTITY) == 1


def test_a_relation_whose_report_was_not_kept_ends_and_is_counted(exchange: Exchange, manager: SignedIn) -> None:
    registered = a_gp_registration().about(UNDER_MIAS_NUMBER)
    exchange.hears(registered)
    exchange.hears(a_domestic_incident().about(MIA))
    with pytest.raises(CannotPartError, match=r"part\.unknown"):
        exchange.runtime.identity.part(registered.id, manager, reason=WHY)
    concern = a_concern().from_health().about(UNDER_MIAS_NUMBER)
    assert concern.agency == registered.agency
    exchange.hears(concern)
    mia = record_of(exchange, registered)
    assert mia is not None
    assert taught_by(exchange, mia, registered)
    parted = exchange.runtime.identity.part(concern.id, manager, reason=WHY)
    exchange.runtime.tick()
    assert (parted.reports, parted.not_kept) == (1, 1)
    assert not taught_by(exchange, mia, registered)


def taught_by(exchange: Exchange, child: ChildId, report: EventBuilder) -> set[str]:
    """What a report taught that still holds, but for what protects a child, which stands until a person ends it."""
    known = exchange.runtime.hub.journal.known_child(child)
    assert known is not None
    now = exchange.runtime.clock.now()
    taught = [fact for fact in known.facts if fact.source_event == report.id and fact.kind not in PROTECTING]
    return {fact.kind.value for fact in taught if fact.holds_at(now)}


def test_a_number_that_a_report_vouched_for_which_was_not_kept_stays_the_childs(
    exchange: Exchange, manager: SignedIn
) -> None:
    exchange.hears(a_gp_registration().about(MIA))
    concern, wrong = a_concern().from_school().about(MIA.without_nhs_number()), attendances(UNDER_MIAS_NUMBER)[0]
    exchange.hears(concern)
    exchange.hears(wrong)
    mia = record_of(exchange, concern)
    assert record_of(exchange, wrong) == mia
    exchange.runtime.identity.part(wrong.id, manager, reason=WHY)
    exchange.runtime.tick()
    later = a_domestic_incident().about(MIA.without_upn())
    exchange.hears(later)
    assert record_of(exchange, later) == mia


def test_merging_the_two_undoes_it_and_what_is_parted_cannot_be_parted_again(
    exchange: Exchange, manager: SignedIn
) -> None:
    wrong = attendances(UNDER_MIAS_NUMBER)
    exchange.hears(*OF_MIA, *wrong)
    shown = held(exchange, MIA)
    parted = exchange.runtime.identity.part(wrong[0].id, manager, reason=WHY)
    exchange.runtime.tick()
    report = exchange.runtime.hub.journal.event(EventId(wrong[0].id))
    assert report is not None
    assert report.corrected_by is not None
    for again, code in ((wrong[0].id, "part.unknown"), (report.corrected_by, "part.nothing_else")):
        with pytest.raises(CannotPartError, match=code.replace(".", r"\.")):
            exchange.runtime.identity.part(again, manager, reason=WHY)

    mia = next(row.name for row in exchange.runtime.identity.records("Mia Marsh", manager))
    exchange.runtime.identity.say(ActKind.MERGE, parted.child, mia, manager, reason="it was her after all")
    exchange.runtime.tick()
    missing = shown - held(exchange, MIA, without=(Cause.DIFFERENT_CHILD,))
    assert not missing


def test_only_who_may_say_who_a_child_is_parts_and_nobody_behind_an_adoption(
    exchange: Exchange, manager: SignedIn
) -> None:
    wrong, _ = attendances(UNDER_MIAS_NUMBER)
    exchange.hears(*OF_MIA, wrong)
    runtime = exchange.runtime
    keyid, key = load_person_key(runtime.home, exchange.settings, manager.person)
    act = SignedParting(EventId(wrong.id), PersonId(manager.person), manager.role, WHY, runtime.clock.now())
    signed = sign_parting(act, key, keyid=keyid)
    for changed, code in (
        (sign_parting(replace(act, role="teacher"), key, keyid=keyid), "part.not_yours"),
        (sign_parting(replace(act, reason=" "), key, keyid=keyid), "part.no_reason"),
        (replace(signed, event_id=EventId(OF_MIA[0].id)), "part.signature"),
        (sign_parting(replace(act, event_id=EventId("0" * 32)), key, keyid=keyid), "part.unknown"),
    ):
        with pytest.raises(CannotPartError, match=code.replace(".", r"\.")):
            runtime.hub.part.run(changed)
    exchange.hears(a_restriction(Restriction.ADOPTION).about(MIA))
    with pytest.raises((CannotPartError, DeskError)):
        runtime.hub.part.run(signed)
    assert record_of(exchange, wrong) == record_of(exchange, OF_MIA[0])
