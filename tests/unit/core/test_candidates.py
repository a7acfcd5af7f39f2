"""Who is considered: by relation, as at its date; and who is not, with the reason."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from broker.core.ask import age_at, conditions, gravity
from broker.core.candidates import (
    Standing,
    consider,
    front_door_only,
    nobody,
    only_told,
    requested,
    with_old_address,
)
from broker.core.facts import Fact, FactKind
from broker.core.partnership import Condition
from contracts.payload import Payload
from contracts.question import LevelAsked
from contracts.words import AgencyId, ChildId, EventId, GivenBy, Purpose, RecipientId, RecipientKind, RelationKind
from tests.support.builders import (
    EventBuilder,
    a_concern,
    a_domestic_incident,
    a_section_47,
    an_emergency_attendance,
    an_information_request,
    no_further_action,
)
from tests.support.event_parts import at
from tests.support.hub import shipped_policy
from tests.support.people import JONAS, MIA, THEO, UNBORN, FictionalChild

NOW = at("2026-03-09")
LATELY = at("2026-03-05")
POLICY = shipped_policy()


def related(
    key: str, *, as_at: datetime = LATELY, since: datetime | None = None, until: datetime | None = None
) -> Fact:
    value = key.partition(":")[2]
    source, agency = EventId("e"), AgencyId("wrenshire-council")
    return Fact(ChildId("c"), FactKind.RELATION, key, value, as_at, source, agency, since=since, until=until)


def status(kind: FactKind) -> Fact:
    return Fact(ChildId("c"), kind, "", "", LATELY, EventId("e"), AgencyId("wrenshire-council"), since=LATELY)


SCHOOL = related("school:urn:999001")
WORKER = related("allocated_worker:la_team:CSC-NORTH")
ELM = related("gp:ods:Y90001")
HARBOUR = related("gp:ods:Y90002")
ALL = (SCHOOL, WORKER, ELM)


def standing(event: EventBuilder, *facts: Fact, before: tuple[Fact, ...] | None = None) -> Standing:
    payload = event.payload()
    assert isinstance(payload, Payload)
    entry = POLICY.catalogue(event.event_type)
    level, _ = gravity(payload, entry, facts, "event-1")
    return Standing(
        entry=entry,
        directory=POLICY.directory(),
        before=facts if before is None else before,
        facts=facts,
        now=NOW,
        holds=conditions(payload, facts, level, POLICY.directory(), now=NOW),
    )


def considered(event: EventBuilder, *facts: Fact) -> dict[str, str]:
    return {each.recipient: each.confidence for each in consider(standing(event, *facts)).candidates}


def test_relations_name_who_is_considered() -> None:
    assert set(considered(a_domestic_incident(), *ALL)) == {
        "mash-core",
        "csc-north-team",
        "police-mash",
        "school-ashdown",
        "la-education",
        "gp-elm-street",
    }


def test_the_health_visitor_is_found_by_the_practice_and_only_for_the_under_fives() -> None:
    assert "hv-wrenshire" in considered(a_section_47().about(THEO), ELM)
    missed = dict(consider(standing(a_section_47().about(MIA), ELM)).not_considered)
    assert missed["health_visitor"] == "condition.under_five"


def test_midwives_are_considered_before_a_birth_and_just_after_it_alone() -> None:
    just_born = FictionalChild("n", "Ada", "Lee", NOW.date())
    assert "midwives-wren-valley" in considered(a_section_47().about(UNBORN))
    assert "midwives-wren-valley" in considered(a_domestic_incident().about(just_born))
    for child in (THEO, MIA, FictionalChild("x", "No", "Date")):
        assert dict(consider(standing(a_section_47().about(child))).not_considered)["midwifery"] == "not_newborn"


def test_education_is_considered_for_children_of_school_age_alone() -> None:
    assert "la-education" in considered(a_domestic_incident().about(MIA))
    found = consider(standing(a_domestic_incident().about(THEO)))
    assert dict(found.not_considered)["home_education"] == "not_of_school_age"


def test_an_unknown_relation_is_said_to_be_unknown() -> None:
    assert dict(consider(standing(a_section_47())).not_considered)["school"] == "unknown"


def test_an_organisation_outside_the_directory_is_said_to_be() -> None:
    elsewhere = related("school:urn:888888")
    assert dict(consider(standing(a_section_47(), elsewhere)).not_considered)["school"] == "not_in_directory"


def test_an_old_fact_is_considered_as_stale() -> None:
    old = replace(SCHOOL, as_at=NOW - timedelta(days=31))
    assert considered(a_section_47(), old)["school-ashdown"] == "stale"
    assert considered(a_section_47(), SCHOOL)["school-ashdown"] == "verified"


def test_a_relation_that_ended_or_has_not_begun_is_none() -> None:
    ended = replace(SCHOOL, until=NOW - timedelta(days=1))
    coming = replace(SCHOOL, since=NOW + timedelta(days=1))
    for fact in (ended, coming):
        assert "school-ashdown" not in considered(a_section_47(), fact)


def test_whoever_lost_the_relation_through_this_event_is_still_considered() -> None:
    ended = replace(ELM, until=at("2026-03-09", "00:00"))
    found = consider(standing(a_section_47(), ended, HARBOUR, before=(ELM,)))
    assert {"gp-elm-street", "gp-harbour"} <= {each.recipient for each in found.candidates}


def test_nobody_is_considered_twice() -> None:
    found = consider(standing(a_section_47(), SCHOOL, related("school:dfe:9992001")))
    recipients = [each.recipient for each in found.candidates]
    assert len(recipients) == len(set(recipients))


def test_each_relation_may_have_its_own_purpose() -> None:
    found = {str(each.recipient): each.purpose for each in consider(standing(a_domestic_incident(), *ALL)).candidates}
    assert found["school-ashdown"] is Purpose.ENCOMPASS_NOTIFICATION
    assert found["mash-core"] is Purpose.SAFEGUARDING


def test_of_an_unsure_event_only_the_front_door_hears() -> None:
    found = front_door_only(standing(a_domestic_incident(), *ALL), "identity_unsure")
    assert [each.recipient for each in found.candidates] == ["mash-core"]
    assert ("school", "identity_unsure") in found.not_considered


def test_nobody_means_a_reason_for_every_relation() -> None:
    found = nobody(POLICY.catalogue(a_section_47().event_type), "no_safeguarding_event")
    assert found.candidates == ()
    assert {reason for _, reason in found.not_considered} == {"no_safeguarding_event"}


def test_who_asks_is_the_only_candidate_for_its_own_purpose() -> None:
    asked = standing(an_information_request())
    (asker,) = requested(asked, RecipientId("pennine-app"), Purpose.MARKETING).candidates
    assert (asker.relation, asker.purpose) == (RelationKind.REQUESTED, Purpose.MARKETING)
    (stranger,) = requested(asked, RecipientId("A. Person of Otherby"), Purpose.MARKETING).candidates
    assert (stranger.recipient, stranger.entry.kind) == ("not-in-directory", RecipientKind.OTHER)


@pytest.mark.parametrize(
    "asker, facts, confidence",
    [
        ("school-ashdown", (SCHOOL,), "verified"),
        ("school-ashdown", (replace(SCHOOL, as_at=NOW - timedelta(days=300)),), "verified"),
        ("school-ashdown", (), "unknown"),
        ("school-ashdown", (replace(SCHOOL, until=NOW - timedelta(days=1)),), "unknown"),
        ("nursery-acorn", (SCHOOL,), "unknown"),
        ("gp-elm-street", (ELM,), "verified"),
        ("gp-elm-street", (HARBOUR,), "unknown"),
        ("hv-wrenshire", (ELM,), "verified"),
        ("hv-wrenshire", (), "unknown"),
        ("csc-north-team", (), "verified"),
        ("police-mash", (), "verified"),
    ],
)
def test_a_school_or_practice_asks_about_its_own_children(asker: str, facts: tuple[Fact, ...], confidence: str) -> None:
    (found,) = requested(
        standing(an_information_request(), *facts), RecipientId(asker), Purpose.SAFEGUARDING
    ).candidates
    assert found.confidence == confidence


def test_whoever_passes_on_a_persons_own_request_needs_no_relation() -> None:
    asked = standing(an_information_request())
    (found,) = requested(asked, RecipientId("school-ashdown"), Purpose.SUBJECT_ACCESS).candidates
    assert found.confidence == "verified"


def test_what_ends_a_report_goes_to_who_was_told_of_it() -> None:
    whole = consider(standing(no_further_action(), *ALL))
    told = frozenset({RecipientId("gp-elm-street"), RecipientId("la-education")})
    found = only_told(standing(no_further_action(), *ALL), whole, told)
    relations = {str(each.recipient): each.relation for each in found.candidates}
    assert relations["la-education"] is RelationKind.NONE
    assert {"gp-elm-street", "mash-core", "csc-north-team", "police-mash", "la-education"} == set(relations)
    assert ("school", "was_not_told") in found.not_considered


def test_holders_of_the_old_address_are_marked() -> None:
    found = with_old_address(consider(standing(a_section_47(), *ALL)), frozenset({RecipientId("school-ashdown")}))
    assert {each.recipient for each in found.candidates if each.held_old_address} == {"school-ashdown"}


@pytest.mark.parametrize(
    "child,expected",
    [
        (THEO, {Condition.UNDER_FIVE}),
        (MIA, {Condition.SCHOOL_AGE}),
        (JONAS, {Condition.SCHOOL_AGE}),
        (UNBORN, {Condition.UNDER_FIVE, Condition.NEWBORN}),
        (FictionalChild("n", "Ada", "Lee", NOW.date() - timedelta(days=28)), {Condition.UNDER_FIVE, Condition.NEWBORN}),
        (FictionalChild("o", "Ada", "Lee", NOW.date() - timedelta(days=29)), {Condition.UNDER_FIVE}),
        (FictionalChild("x", "No", "Date"), {Condition.UNDER_FIVE, Condition.SCHOOL_AGE}),
    ],
)
def test_age_decides_conditions_and_doubt_widens_them(child: FictionalChild, expected: set[Condition]) -> None:
    payload = a_concern().from_police().about(child).payload()
    assert isinstance(payload, Payload)
    level, _ = gravity(payload, POLICY.catalogue("uk.mash.police.concern.raised.v1"), (), "event-1")
    assert conditions(payload, (), level, POLICY.directory(), now=NOW) == {*expected, Condition.NO_WORKER}


@pytest.mark.parametrize(
    "facts, level, expected",
    [
        ((), 2, {Condition.NO_WORKER}),
        ((), 3, {Condition.NO_WORKER, Condition.OF_CONCERN}),
        ((), 4, {Condition.NO_WORKER, Condition.OF_CONCERN}),
        ((status(FactKind.SECTION_47),), 2, {Condition.NO_WORKER, Condition.SECTION_47, Condition.OF_CONCERN}),
        ((status(FactKind.PLAN),), 2, {Condition.NO_WORKER, Condition.OPEN_CASE, Condition.OF_CONCERN}),
        ((WORKER,), 2, set()),
        ((related("allocated_worker:la_team:CSC-NORTH", as_at=NOW - timedelta(days=31)),), 2, {Condition.NO_WORKER}),
    ],
)
def test_a_report_is_of_concern_by_its_level_or_by_what_is_known(
    facts: tuple[Fact, ...], level: int, expected: set[Condition]
) -> None:
    payload = a_concern().from_police().about(MIA).payload()
    assert isinstance(payload, Payload)
    asked = LevelAsked(value=level, given_by=GivenBy.SENDER)
    assert conditions(payload, facts, asked, POLICY.directory(), now=NOW) == {*expected, Condition.SCHOOL_AGE}


@pytest.mark.parametrize("day,age", [("2026-05-13", 9), ("2026-05-14", 10), ("2016-05-14", 0), ("2015-01-01", 0)])
def test_age_is_whole_years(day: str, age: int) -> None:
    assert age_at(date(2016, 5, 14), date.fromisoformat(day)) == age


def test_the_catalogues_level_is_nobodys_word_and_the_senders_flag_is() -> None:
    attendance = an_emergency_attendance().about(MIA)
    assert "mash-core" in considered(attendance)
    assert "mash-core" not in considered(attendance.saying(safeguarding_flag=False))
