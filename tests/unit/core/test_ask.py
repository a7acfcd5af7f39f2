"""The question: codes, ages and times; everything the policy may read, and no content."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from broker.core.ask import Gathered, ask, seen
from broker.core.candidates import Candidate
from broker.core.facts import Fact, FactKind
from broker.core.places import locate
from contracts.leaves import leaves
from contracts.payload import Payload
from contracts.question import Question
from contracts.words import (
    About,
    AgencyId,
    ChildId,
    DataCategory,
    EventId,
    GivenBy,
    Grade,
    Purpose,
    RecipientId,
    RelationKind,
    Restriction,
)
from tests.support.builders import EventBuilder, a_concern, a_domestic_incident, a_gp_registration, a_section_47
from tests.support.event_parts import LARCH_HOUSE, MILL_LANE, at, intelligence
from tests.support.hub import shipped_policy
from tests.support.people import MIA, UNBORN, FictionalChild

NOW = at("2026-03-09")
CHILD = ChildId("child-1")
POLICY = shipped_policy()


def fact(kind: FactKind, key: str = "", value: str = "", **parts: datetime) -> Fact:
    base = Fact(CHILD, kind, key, value, at("2026-03-05"), EventId("e"), AgencyId("wrenshire-council"))
    return replace(base, **parts)  # type: ignore[arg-type]


def asked(event: EventBuilder, *facts: Fact, unsure: bool = False) -> Question:
    payload, envelope = event.payload(), event.envelope()
    assert isinstance(payload, Payload)
    directory = POLICY.directory()
    door = directory.recipients[directory.front_door]
    when = seen(payload, facts, now=NOW)
    gathered = Gathered(
        envelope=envelope,
        payload=payload,
        entry=POLICY.catalogue(envelope.type),
        directory=directory,
        located=locate(tuple(leaves(payload)), facts, when, child=CHILD, secret=b"s"),
        before=facts,
        facts=facts,
        sender=POLICY.sender(envelope.agency),
        candidates=(Candidate(door, RelationKind.FRONT_DOOR, Purpose.SAFEGUARDING),),
        received_at=NOW,
        is_unsure=unsure,
    )
    return ask(gathered, now=NOW)


def test_the_same_facts_give_the_same_question() -> None:
    event = a_domestic_incident().living_at(MILL_LANE)
    assert asked(event) == asked(event)


def test_age_and_birth_are_told_and_nothing_of_the_name() -> None:
    question = asked(a_section_47())
    assert question.child.age == 9
    assert "Marsh" not in question.model_dump_json()
    unborn = asked(a_section_47().about(UNBORN)).child
    assert (unborn.is_unborn, unborn.age) == (True, 0)
    assert asked(a_section_47().about(FictionalChild("x", "A", "B"))).child.age == -1


def test_level_and_grade_say_who_gave_them() -> None:
    event = asked(a_section_47()).event
    assert (event.level.given_by, event.grade.given_by) == (GivenBy.CATALOGUE, GivenBy.CATALOGUE)
    graded = a_section_47().graded(Grade.AMBER).at_level(2)
    assert asked(graded).event.grade.value is Grade.AMBER
    regraded = fact(FactKind.LEVEL, graded.id, "red:4")
    event = asked(graded, regraded).event
    assert (event.grade.value, event.grade.given_by) == (Grade.RED, GivenBy.PERSON)
    assert (event.level.value, event.level.given_by) == (4, GivenBy.PERSON)


def test_status_is_told_as_at_its_date_and_a_no_has_a_date_too() -> None:
    question = asked(a_section_47(), fact(FactKind.PLAN), fact(FactKind.SECTION_47, until=at("2026-03-01")))
    assert (question.child.on_plan.value, question.child.on_plan.as_at > 0) == (True, True)
    assert (question.child.section_47.value, question.child.section_47.as_at > 0) == (False, True)
    assert question.child.open_case.as_at == 0


def test_team_authority_and_schools_are_named_latest_first() -> None:
    question = asked(
        a_section_47(),
        fact(FactKind.RELATION, "allocated_worker:la_team:CSC-NORTH", "la_team:CSC-NORTH"),
        fact(FactKind.RELATION, "home_authority:wrenshire-council", "wrenshire-council"),
        fact(FactKind.RELATION, "school:urn:999001", "urn:999001"),
        fact(FactKind.RELATION, "school:urn:999009", "urn:999009", until=at("2026-01-01")),
    )
    assert question.child.team.value == "la_team:CSC-NORTH"
    assert question.child.home_authority.value == "wrenshire-council"
    assert [each.value for each in question.child.schools] == ["urn:999001"]


def test_a_marker_counts_for_twelve_months_and_other_restrictions_while_they_stand() -> None:
    question = asked(
        a_section_47(),
        fact(FactKind.RESTRICTION, "domestic_abuse", "marker", as_at=NOW - timedelta(days=300)),
        fact(FactKind.RESTRICTION, "adoption", until=NOW - timedelta(days=1)),
    )
    assert [each.restriction for each in question.child.restrictions] == [Restriction.DOMESTIC_ABUSE]
    assert question.child.address_guarded


def test_an_incident_does_not_guard_the_address_at_which_it_happened() -> None:
    event = a_domestic_incident().living_at(MILL_LANE).restricted(Restriction.DOMESTIC_ABUSE)
    question = asked(event)
    assert not question.child.address_guarded
    assert not question.event.new_address


def test_a_hidden_move_is_told_as_one_and_its_places_as_restricted() -> None:
    marker = fact(FactKind.RESTRICTION, "domestic_abuse", "marker")
    question = asked(a_gp_registration().living_at(LARCH_HOUSE), marker)
    assert question.event.new_address
    cells = {(each.category, each.about) for each in question.event.locating}
    assert cells == {(DataCategory.ID_RESTRICTED_ADDRESS, About.CHILD)}
    assert (DataCategory.ID_ADDRESS, About.CHILD) not in {(c.category, c.about) for c in question.event.categories}


def test_crime_handling_and_reliability_are_told_by_code() -> None:
    event = a_concern().from_police().saying(is_crime=True)
    event = event.with_entries(intelligence("one", handling="P"), intelligence("two", handling="C"))
    told = asked(event).event
    assert (told.crime_indicator, told.handling_code, told.reliability) == (True, "C", "B2")
    uncoded = (
        a_concern().from_police().with_entries(intelligence("one", handling="P"), intelligence("two", handling=None))
    )
    assert asked(uncoded).event.handling_code == ""
    assert asked(a_concern().from_police().saying(police_protection=True)).event.crime_indicator
    assert not asked(a_concern().from_police()).event.crime_indicator


def test_claims_are_told_as_codes_and_the_necessity_only_as_stated_or_not() -> None:
    told = asked(a_section_47().claiming(art6="ea", dissent=True, necessity="So that Mia is safe")).event.claims
    assert (told.art6, told.dissent, told.necessity) == ("ea", True, True)


def test_a_workplace_is_told_as_the_recipient_that_it_is() -> None:
    event = a_domestic_incident().saying(party_works_at=("urn:999001", "urn:777777"))
    assert asked(event).event.encompass.party_works_at == ("school-ashdown", "urn:777777")


def test_unsure_identity_and_a_planned_arrest_are_told() -> None:
    event = a_domestic_incident().not_before(at("2026-03-10"))
    question = asked(event, unsure=True)
    assert question.event.identity_unsure
    assert question.event.not_before == int(at("2026-03-10").timestamp())


def test_no_planned_arrest_holds_a_share_back_for_longer_than_the_agreement_lets_it() -> None:
    for days, held in ((1, timedelta(hours=24)), (30, timedelta(hours=24)), (0, timedelta(0))):
        question = asked(a_domestic_incident().not_before(NOW + timedelta(days=days)))
        assert question.event.not_before == int((NOW + held).timestamp())


@pytest.mark.parametrize("recipient", ["mash-core"])
def test_candidates_are_told_with_role_and_purpose(recipient: str) -> None:
    (candidate,) = asked(a_section_47().about(MIA)).candidates
    assert candidate.recipient == RecipientId(recipient)
    assert candidate.role == "mash_practitioner"
