"""What events teach: relations, status and restrictions, each as at what its source vouches for."""

from collections.abc import Sequence
from datetime import datetime

import pytest

from broker.core.facts import Fact, FactKind
from broker.core.learn import Lesson, about_worker, learn, with_learned
from broker.core.sealing import Sealer
from contracts.canonical import read_json_object
from contracts.events import health, local_authority, mash, school
from contracts.payload import Payload
from contracts.words import AgencyId, ChildId, EventId, Grade, Restriction
from tests.support.builders import (
    EventBuilder,
    a_domestic_incident,
    a_gp_registration,
    a_protection_plan,
    a_protection_plan_end,
    a_pupil_enrolment,
    a_referral,
    a_restriction,
    a_section_47,
    a_worker_allocation,
    an_event,
    no_further_action,
)
from tests.support.event_parts import ACORN, ACORN_NURSERY, ASHDOWN_SCHOOL, ELM_STREET, HARBOUR, at
from tests.support.hub import shipped_policy

CHILD = ChildId("child-1")
SEALER = Sealer(b"k" * 32, lambda size: b"n" * size)
NOW = at("2026-03-09")


def taught(event: EventBuilder, known: Sequence[Fact] = ()) -> tuple[Fact, ...]:
    payload, envelope = event.payload(), event.envelope()
    assert isinstance(payload, Payload)
    return learn(
        Lesson(
            payload=payload,
            child=CHILD,
            event_id=EventId(envelope.id),
            agency=AgencyId(envelope.agency),
            agency_kind=envelope.agency_kind,
            known=known,
            directory=shipped_policy().directory(),
            sealer=SEALER,
            secret=b"s",
        )
    )


def after(*events: EventBuilder) -> dict[tuple[str, str], Fact]:
    known: tuple[Fact, ...] = ()
    for event in events:
        known = with_learned(known, taught(event, known))
    return {(fact.kind.value, fact.key): fact for fact in known}


def standing(facts: dict[tuple[str, str], Fact], kind: FactKind, prefix: str, moment: datetime = NOW) -> set[str]:
    return {
        fact.value
        for fact in facts.values()
        if fact.kind is kind and fact.key.startswith(prefix) and fact.holds_at(moment)
    }


def test_a_roll_teaches_school_or_nursery_as_the_directory_has_it() -> None:
    assert ("relation", "school:urn:999001") in after(a_pupil_enrolment())
    nursery = a_pupil_enrolment().by(ACORN).saying(establishment=ACORN_NURSERY)
    assert ("relation", "nursery:urn:999002") in after(nursery)


def test_leaving_ends_the_relation() -> None:
    left = an_event(school.PupilLeft).saying(establishment=ASHDOWN_SCHOOL, left_on=at("2026-03-07").date())
    facts = after(a_pupil_enrolment(), left.recorded(at("2026-03-08")))
    assert standing(facts, FactKind.RELATION, "school:") == set()


def test_what_a_school_writes_after_the_child_left_brings_nobody_back() -> None:
    left = an_event(school.PupilLeft).saying(establishment=ASHDOWN_SCHOOL, left_on=at("2026-03-07").date())
    late = an_event(school.SchoolConcernRecorded).saying(establishment=ASHDOWN_SCHOOL).recorded(at("2026-03-09"))
    facts = after(a_pupil_enrolment(), left.recorded(at("2026-03-08")), late)
    assert standing(facts, FactKind.RELATION, "school:") == set()
    back = a_pupil_enrolment().saying(since=at("2026-03-09").date()).recorded(at("2026-03-09", "12:00"))
    facts = after(a_pupil_enrolment(), left.recorded(at("2026-03-08")), late, back)
    assert standing(facts, FactKind.RELATION, "school:", at("2026-03-10")) == {"urn:999001"}


def test_a_report_that_came_to_nothing_is_known_by_its_reference() -> None:
    facts = after(no_further_action().saying(outcome="unfounded"))
    (outcome,) = [fact for (kind, _), fact in facts.items() if kind == FactKind.NO_FURTHER_ACTION]
    assert outcome.value == "unfounded"
    assert "WP/2026" not in outcome.key


def test_a_school_that_raises_a_concern_vouches_that_the_child_is_there() -> None:
    concern = an_event(school.SchoolConcernRecorded)
    assert after(concern)["relation", "school:urn:999001"].as_at == concern.occurred_at


def test_one_practice_at_a_time_whatever_the_order_of_arrival() -> None:
    elm = a_gp_registration().saying(practice=ELM_STREET, practice_code=ELM_STREET.code).occurring(at("2025-01-06"))
    harbour = a_gp_registration().saying(practice=HARBOUR, practice_code=HARBOUR.code).occurring(at("2026-03-02"))
    assert standing(after(elm, harbour), FactKind.RELATION, "gp:") == {"ods:X99002"}
    assert standing(after(harbour, elm), FactKind.RELATION, "gp:") == {"ods:X99002"}


def test_a_worker_is_remembered_sealed_and_opens_a_case() -> None:
    facts = after(a_worker_allocation())
    worker = facts["relation", "allocated_worker:la_team:csc-north-team"]
    assert b"Asha" not in worker.sealed
    opened = read_json_object(SEALER.unseal(worker.sealed, about=about_worker(CHILD, worker.key)))
    assert opened == {"name": "Asha Bell", "phone": "01632 960201"}
    assert facts["open_case", ""].holds_at(NOW)


def test_another_team_takes_over() -> None:
    south = a_worker_allocation().saying(team={"code": "csc-south"}, since=at("2026-03-01").date())
    facts = after(a_worker_allocation(), south.recorded(at("2026-03-07")))
    assert standing(facts, FactKind.RELATION, "allocated_worker:") == {"la_team:csc-south"}


def test_a_worker_who_left_is_no_relation_any_more() -> None:
    ended = an_event(local_authority.WorkerEnded).recorded(at("2026-03-07"))
    assert standing(after(a_worker_allocation(), ended), FactKind.RELATION, "allocated_worker:") == set()


def test_section_47_and_plan_start_and_end() -> None:
    facts = after(a_section_47(), a_protection_plan())
    assert facts["section_47", ""].holds_at(NOW)
    assert facts["plan", ""].value == "NEG"
    ended = after(a_protection_plan(), a_protection_plan_end().recorded(at("2026-03-07")))
    assert not ended["plan", ""].holds_at(NOW)
    assert ended["open_case", ""].holds_at(NOW)


def test_a_referral_that_went_nowhere_opens_no_case() -> None:
    assert after(a_referral())["open_case", ""].holds_at(NOW)
    assert not after(a_referral().saying(no_further_action=True))["open_case", ""].holds_at(NOW)


def test_restrictions_stand_until_lifted_and_abuse_leaves_a_marker() -> None:
    raised = after(a_restriction(Restriction.MARAC))["restriction", "marac"]
    assert raised.holds_at(NOW)
    lifted = an_event(local_authority.RestrictionLifted).saying(restriction="marac").recorded(at("2026-03-08"))
    assert not after(a_restriction(Restriction.MARAC), lifted)["restriction", "marac"].holds_at(NOW)
    assert after(a_domestic_incident())["restriction", "domestic_abuse"].value == "marker"


def test_only_lasting_restrictions_of_an_event_stand_on_the_child() -> None:
    facts = after(a_section_47().restricted(Restriction.ADOPTION, Restriction.COURT_ORDER))
    assert ("restriction", "adoption") in facts
    assert ("restriction", "court_order") not in facts


def test_a_death_is_told_and_taken_back() -> None:
    died = an_event(health.DeathNotified)
    assert after(died)["death", ""].holds_at(NOW)
    retracted = an_event(health.DeathRetracted).occurring(at("2026-03-07"))
    assert not after(died, retracted)["death", ""].holds_at(NOW)


def test_the_authority_that_sends_is_the_home_authority() -> None:
    assert ("relation", "home_authority:wrenshire-council") in after(a_referral())


def test_a_person_regrades_an_event() -> None:
    regraded = an_event(mash.CaseRegraded).saying(regrades="e-1", new_grade=Grade.RED, new_level=4)
    assert after(regraded)["level", "e-1"].value == "red:4"


@pytest.mark.parametrize("name,moment", [("recorded", "2026-03-04"), ("occurred", "2026-03-06")])
def test_a_fact_is_as_at_what_its_source_vouches_for(name: str, moment: str) -> None:
    event = a_referral() if name == "occurred" else a_referral().recorded(at(moment))
    assert after(event)["open_case", ""].as_at == at(moment)


def test_what_is_older_than_what_is_known_teaches_nothing() -> None:
    known = taught(a_protection_plan_end().recorded(at("2026-03-08")))
    late = a_protection_plan().recorded(at("2026-02-04"))
    assert FactKind.PLAN not in {fact.kind for fact in taught(late, known)}


def test_the_same_again_teaches_nothing() -> None:
    event = a_pupil_enrolment()
    assert taught(event, taught(event)) == ()


def test_household_and_adult_links_name_nobody() -> None:
    household = after(an_event(local_authority.HouseholdLinkRecorded))
    assert not any("WC100235" in key for _, key in household)
    adult = after(an_event(local_authority.AdultLinkRecorded))
    assert "mother" in standing(adult, FactKind.ADULT, "")
